import { useElementSize } from "@mantine/hooks";
import { memo, useMemo } from "react";
import { Area, CartesianGrid, ComposedChart, Line, ReferenceLine, Tooltip, XAxis, YAxis } from "recharts";
import type { Edit, EvaluationPoint, ReturnPoint, Snapshot } from "../../runtime/view.ts";
import { oneDecimal } from "../format.ts";
import { okabeIto } from "../palette.ts";
import { axisNames, axisStyle, axisTick, axisValue } from "./axis.ts";
import classes from "./charts.module.css";
import {
  type Axis,
  editMarks,
  lastX,
  niceTicks,
  type OverlaidRow,
  type Overlay,
  overlaid,
  overlayKey,
  paddedDomain,
  returnRows,
} from "./series.ts";

export interface ReturnChartProps {
  returns: readonly ReturnPoint[];
  evaluations: readonly EvaluationPoint[];
  edits: readonly Edit[];
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

/** Text of the plot, with a rim that keeps it legible over a line. */
const label = {
  fontSize: 11,
  fill: "var(--muted)",
  stroke: "var(--surface)",
  strokeWidth: 3,
  paintOrder: "stroke",
} as const;

interface HoverProps {
  active?: boolean;
  payload?: readonly { payload: OverlaidRow }[];
  axis: Axis;
  overlays: readonly Overlay[];
}

function Hover({ active, payload, axis, overlays }: HoverProps) {
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
      <div className={classes.at}>{axisValue(axis, row.x)}</div>
      {lines.map(([name, value]) => (
        <div key={name} className={classes.pair}>
          <span>{name}</span>
          <span>{value}</span>
        </div>
      ))}
    </div>
  );
}

const evaluationDot = { r: 3.2, fill: okabeIto.vermillion, stroke: "var(--surface)", strokeWidth: 1 } as const;

/** The reward curve: training episodes raw, smoothed and from least to greatest, and the greedy evaluations. */
export const ReturnChart = memo(function ReturnChart(props: ReturnChartProps) {
  const { returns, evaluations, edits, overlays, solvedAt, threshold, axis, smoothing, human } = props;
  const { ref, width, height } = useElementSize();
  const rows = useMemo(
    () => overlaid(returnRows(returns, evaluations, axis, smoothing), overlays, axis),
    [returns, evaluations, overlays, axis, smoothing],
  );
  const last = lastX(axis, returns, evaluations, ...overlays.map(({ points }) => points));
  const end = last || 1;
  const [low, high] = useMemo(() => {
    const extremes = returns.flatMap((p) => [p.min, p.max]);
    const theirs = overlays.flatMap(({ points }) => points.map((p) => p.mean));
    return paddedDomain(
      [...extremes, ...theirs, ...evaluations.map((p) => p.mean)],
      [0, ...(threshold === null ? [] : [threshold])],
    );
  }, [returns, evaluations, overlays, threshold]);
  const marks = editMarks(edits, axis, end);
  return (
    <div ref={ref} className={classes.returnChart} data-chart="return">
      {width > 0 && height > 0 && (
        <ComposedChart width={width} height={height} data={rows} margin={{ top: 18, right: 16, bottom: 4, left: 4 }}>
          <CartesianGrid stroke="var(--grid)" vertical={false} />
          <XAxis
            {...axisStyle}
            dataKey="x"
            type="number"
            domain={[0, end]}
            ticks={last > 0 ? niceTicks(0, end, width < 500 ? 4 : 8) : [0]}
            tickFormatter={axisTick(axis)}
            height={36}
            label={{ value: axisNames[axis], position: "insideBottom", offset: 0, ...label }}
            allowDataOverflow
          />
          <YAxis
            {...axisStyle}
            width={52}
            domain={[low, high]}
            ticks={niceTicks(low, high, 6)}
            tickFormatter={axisTick("envSteps")}
            label={{
              value: "return of an episode",
              angle: -90,
              position: "insideLeft",
              offset: 12,
              style: { textAnchor: "middle" },
              ...label,
            }}
            allowDataOverflow
          />
          <Tooltip
            content={<Hover axis={axis} overlays={overlays} />}
            isAnimationActive={false}
            cursor={{ stroke: "var(--muted)", strokeWidth: 1 }}
          />
          <Area
            dataKey="range"
            type="linear"
            stroke="none"
            fill={okabeIto.blue}
            fillOpacity={0.13}
            connectNulls
            isAnimationActive={false}
            activeDot={false}
          />
          {overlays.map(({ id, colour }, i) => (
            <Line
              key={id}
              dataKey={overlayKey(i)}
              type="linear"
              stroke={colour}
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
            stroke={okabeIto.blue}
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
            stroke={okabeIto.blue}
            strokeWidth={2.5}
            dot={false}
            connectNulls
            isAnimationActive={false}
          />
          <Line
            dataKey="evaluation"
            type="linear"
            stroke={okabeIto.vermillion}
            strokeWidth={1.25}
            strokeDasharray="3 2"
            dot={evaluationDot}
            connectNulls
            isAnimationActive={false}
          />
          {threshold !== null && (
            <ReferenceLine
              y={threshold}
              stroke={okabeIto.green}
              strokeWidth={1.5}
              strokeDasharray="7 4"
              label={{ value: `solved ${threshold}`, position: "insideTopLeft", ...label }}
            />
          )}
          {human && (
            <ReferenceLine
              y={human.best}
              stroke="var(--ink)"
              strokeDasharray="2 3"
              label={{ value: `you: best ${human.best}, last ${human.last}`, position: "insideBottomRight", ...label }}
            />
          )}
          {solvedAt && (
            <ReferenceLine
              x={solvedAt[axis]}
              stroke={okabeIto.green}
              strokeWidth={1.5}
              label={{
                value: `solved at ${axisValue(axis, solvedAt[axis])}`,
                // Above the plot, and within the picture: a run that stops when it is solved has it at its end.
                ...(solvedAt[axis] > end * 0.9 ? { position: "insideTopRight", dx: 5, dy: -18 } : { position: "top" }),
                ...label,
              }}
            />
          )}
          {marks.map((mark, i) => (
            <ReferenceLine
              key={`${mark.x} ${mark.text}`}
              x={mark.x}
              stroke="var(--muted)"
              strokeDasharray="2 3"
              label={{
                value: mark.text,
                position: mark.x > end * 0.85 ? "insideTopRight" : "insideTopLeft",
                dy: 14 + (i % 4) * 14,
                ...label,
                fill: "var(--ink)",
              }}
            />
          ))}
        </ComposedChart>
      )}
    </div>
  );
});
