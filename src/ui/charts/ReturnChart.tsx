import { useElementSize } from "@mantine/hooks";
import { memo, useMemo } from "react";
import { Area, CartesianGrid, ComposedChart, Line, ReferenceLine, Tooltip, XAxis, YAxis } from "recharts";
import type { RunConfig } from "../../runtime/config.ts";
import type { Edit, EvaluationPoint, ReturnPoint, Snapshot } from "../../runtime/view.ts";
import { oneDecimal } from "../format.ts";
import type { LineStyle } from "../palette.ts";
import { alongAxis, axisValue, plotLabel, upAxis, X_AXIS, Y_AXIS } from "./axis.ts";
import classes from "./charts.module.css";
import { editMarks, placeMarks, turnsLeft } from "./marks.ts";
import {
  type Axis,
  lastX,
  type OverlaidRow,
  type Overlay,
  overlaid,
  overlayKey,
  paddedDomain,
  returnRows,
  spanOf,
} from "./series.ts";

export interface ReturnChartProps {
  returns: readonly ReturnPoint[];
  evaluations: readonly EvaluationPoint[];
  edits: readonly Edit[];
  /** As the run began. */
  config: RunConfig;
  /** Of the run. */
  style: LineStyle;
  /** Other runs, behind this one. */
  overlays: readonly Overlay[];
  solvedAt: Snapshot["solvedAt"];
  /** The return that counts as solved. */
  threshold: number | null;
  axis: Axis;
  smoothing: number;
  /** What a person scored at the same task. */
  human: { readonly last: number; readonly best: number } | null;
}

interface HoverProps {
  active?: boolean;
  payload?: readonly { payload: OverlaidRow }[];
  axis: Axis;
  end: number;
  overlays: readonly Overlay[];
}

function Hover({ active, payload, axis, end, overlays }: HoverProps) {
  const row = payload?.[0]?.payload;
  if (!active || !row) return null;
  const lines: [string, string][] =
    row.evaluation !== undefined
      ? [["evaluation", `${oneDecimal(row.evaluation)} ± ${oneDecimal(row.spread ?? 0)}`]]
      : row.raw === undefined
        ? []
        : [
            ["smoothed", oneDecimal(row.smooth ?? null)],
            ["mean", oneDecimal(row.raw ?? null)],
            ["min–max", row.range ? `${oneDecimal(row.range[0])} – ${oneDecimal(row.range[1])}` : ""],
            ["episodes", String(row.episodes ?? "")],
          ];
  overlays.forEach(({ label }, i) => {
    const value = row[overlayKey(i)];
    if (value !== undefined) lines.push([label, oneDecimal(value)]);
  });
  return (
    <div className={classes.hover}>
      <div className={classes.at}>{axisValue(axis, row.x, end)}</div>
      {lines.map(([name, value]) => (
        <div key={name} className={classes.pair}>
          <span>{name}</span>
          <span>{value}</span>
        </div>
      ))}
    </div>
  );
}

/** Neutral, so that they are of no run's colour. */
const evaluationDot = { r: 3.2, fill: "var(--ink)", stroke: "var(--surface)", strokeWidth: 1 } as const;

/** Pixels around the plot: margins and the room of the axes. */
const MARGIN = { top: 18, right: 16, bottom: 4, left: 4 } as const;
/** Pixels of a line of text. */
const LINE = 14;

/** The reward curve: training episodes raw, smoothed and from least to greatest, and the greedy evaluations. */
export const ReturnChart = memo(function ReturnChart(props: ReturnChartProps) {
  const { returns, evaluations, edits, config, overlays, style, solvedAt, threshold, axis, smoothing, human } = props;
  const { ref, width, height } = useElementSize();
  const last = lastX(axis, returns, evaluations, ...overlays.map(({ points }) => points));
  const end = last || 1;
  const rows = useMemo(() => {
    const span = spanOf(axis, returns, evaluations, ...overlays.map(({ points }) => points));
    return overlaid(returnRows(returns, evaluations, axis, smoothing, span), overlays, axis, smoothing, span);
  }, [returns, evaluations, overlays, axis, smoothing]);
  const [low, high] = useMemo(() => {
    const extremes = returns.flatMap((p) => [p.min, p.max]);
    const theirs = overlays.flatMap(({ points }) => points.map((p) => p.mean));
    return paddedDomain(
      [...extremes, ...theirs, ...evaluations.map((p) => p.mean)],
      [0, ...(threshold === null ? [] : [threshold])],
    );
  }, [returns, evaluations, overlays, threshold]);
  const plotWidth = width - MARGIN.left - Y_AXIS - MARGIN.right;
  const lines = Math.max(1, Math.min(6, Math.floor((height - MARGIN.top - X_AXIS) / LINE / 2)));
  const marks = placeMarks(editMarks(edits, config, axis, end), end, plotWidth, lines);
  const solved = solvedAt && { x: solvedAt[axis], text: `solved at ${axisValue(axis, solvedAt[axis], end)}` };
  return (
    <div ref={ref} className={classes.returnChart} data-chart="return">
      {width > 0 && height > 0 && (
        <ComposedChart
          width={width}
          height={height}
          data={rows}
          margin={MARGIN}
          aria-label="Return: arrow keys move the cursor"
        >
          <CartesianGrid stroke="var(--grid)" vertical={false} />
          <XAxis {...alongAxis(axis, end, width)} {...(last === 0 && { ticks: [0] })} />
          <YAxis {...upAxis("return of an episode", low, high)} />
          <Tooltip
            content={<Hover axis={axis} end={end} overlays={overlays} />}
            isAnimationActive={false}
            cursor={{ stroke: "var(--muted)", strokeWidth: 1 }}
          />
          <Area
            dataKey="range"
            type="linear"
            stroke="none"
            fill={style.colour}
            fillOpacity={0.13}
            connectNulls
            isAnimationActive={false}
            activeDot={false}
          />
          {overlays.map(({ id, style: { colour, dash } }, i) => (
            <Line
              key={id}
              dataKey={overlayKey(i)}
              type="linear"
              stroke={colour}
              strokeDasharray={dash}
              strokeWidth={1.75}
              strokeOpacity={0.9}
              dot={false}
              activeDot={false}
              connectNulls
              isAnimationActive={false}
            />
          ))}
          <Line
            dataKey="raw"
            type="linear"
            stroke={style.colour}
            strokeOpacity={0.45}
            strokeWidth={1}
            dot={false}
            activeDot={false}
            connectNulls
            isAnimationActive={false}
          />
          <Line
            dataKey="smooth"
            type="linear"
            stroke={style.colour}
            strokeDasharray={style.dash}
            strokeWidth={2.5}
            dot={false}
            connectNulls
            isAnimationActive={false}
          />
          <Line
            dataKey="evaluation"
            type="linear"
            stroke="none"
            dot={evaluationDot}
            activeDot={false}
            isAnimationActive={false}
          />
          {threshold !== null && (
            <ReferenceLine
              y={threshold}
              stroke="var(--muted)"
              strokeWidth={1.5}
              strokeDasharray="7 4"
              label={{ value: `solved ${threshold}`, position: "insideBottomLeft", ...plotLabel }}
            />
          )}
          {human && (
            <ReferenceLine
              y={human.best}
              stroke="var(--ink)"
              strokeDasharray="2 3"
              label={{
                value: `you: best ${human.best}, last ${human.last}`,
                position: "insideBottomRight",
                ...plotLabel,
              }}
            />
          )}
          {solved && (
            <ReferenceLine
              x={solved.x}
              stroke="var(--ink)"
              strokeWidth={1.5}
              label={{
                value: solved.text,
                position: turnsLeft((solved.x / end) * plotWidth, solved.text, plotWidth)
                  ? "insideTopRight"
                  : "insideTopLeft",
                dy: -LINE - 4,
                ...plotLabel,
              }}
            />
          )}
          {marks.map(({ x, text, row, leftward }) => (
            <ReferenceLine
              key={`${x} ${text}`}
              x={x}
              stroke="var(--muted)"
              strokeDasharray="2 3"
              label={
                row === null
                  ? undefined
                  : {
                      value: text,
                      position: leftward ? "insideTopRight" : "insideTopLeft",
                      dy: (row + 2) * LINE,
                      ...plotLabel,
                      fill: "var(--ink)",
                    }
              }
            />
          ))}
        </ComposedChart>
      )}
    </div>
  );
});
