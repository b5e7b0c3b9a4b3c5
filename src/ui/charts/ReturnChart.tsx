import { useElementSize } from "@mantine/hooks";
import { memo, useMemo } from "react";
import { Area, CartesianGrid, ComposedChart, Line, ReferenceLine, Tooltip, XAxis, YAxis } from "recharts";
import { type Environment, goodReturn } from "../../envs/environment.ts";
import type { RunConfig } from "../../runtime/plan/config.ts";
import type { Edit, EvaluationPoint, ReturnPoint, Snapshot } from "../../runtime/seen/view.ts";
import { oneDecimal, short } from "../parts/format.ts";
import type { LineStyle } from "../parts/palette.ts";
import { alongAxis, axisValue, goodWord, plotLabel, returnRange, upAxis, X_AXIS, Y_AXIS } from "./axis.ts";
import { CursorLine, usePointed } from "./CursorLine.tsx";
import classes from "./charts.module.css";
import { valueAt } from "./cursor.ts";
import { LineSwatch } from "./LineSwatch.tsx";
import { editMarks, LEADER, type PlacedMark, placeMarks, turnsLeft } from "./marks.ts";
import {
  type Axis,
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
  /** What the run is called beside others; "": it stands alone. */
  name: string;
  /** Other runs, behind this one. */
  overlays: readonly Overlay[];
  solvedAt: Snapshot["solvedAt"];
  environment: Environment;
  axis: Axis;
  smoothing: number;
  /** What a person scored at the same task. */
  human: { readonly last: number; readonly best: number } | null;
}

interface HoverProps {
  active?: boolean;
  payload?: readonly { payload: OverlaidRow }[];
  rows: readonly OverlaidRow[];
  axis: Axis;
  end: number;
  /** What the run is called; "": it needs no name. */
  name: string;
  style: LineStyle;
  overlays: readonly Overlay[];
}

/** Every run at the cursor, whether or not it has a point there; then what only the run drawn in full has. */
function Hover({ active, payload, rows, axis, end, name, style, overlays }: HoverProps) {
  const row = active ? payload?.[0]?.payload : undefined;
  usePointed(CHART, row?.x ?? null);
  if (!row) return null;
  const at = (yOf: (row: OverlaidRow) => number | undefined) => valueAt(rows, row.x, (r) => r.x, yOf);
  const isDrawn = rows.some(({ smooth }) => smooth !== undefined);
  const mean = at((r) => r.raw);
  const lines: { label: string; value: string; of?: LineStyle }[] = [
    ...(isDrawn ? [{ label: name || "smoothed", value: oneDecimal(at((r) => r.smooth)), of: style }] : []),
    ...overlays.map(({ label, style: of }, i) => ({ label, value: oneDecimal(at((r) => r[overlayKey(i)])), of })),
  ];
  if (mean !== null) {
    const least = oneDecimal(at((r) => r.range?.[0]));
    lines.push(
      { label: "mean", value: oneDecimal(mean) },
      { label: "min–max", value: `${least} to ${oneDecimal(at((r) => r.range?.[1]))}` },
    );
  }
  if (row.episodes !== undefined) lines.push({ label: "episodes", value: String(row.episodes) });
  if (row.evaluation !== undefined)
    lines.push({
      label: "evaluation",
      value: `${oneDecimal(row.evaluation)} ± ${oneDecimal(row.spread ?? 0)}`,
    });
  return (
    <div className={classes.hover} data-reading>
      <div className={classes.at}>{axisValue(axis, row.x, end)}</div>
      {lines.map(({ label, value, of }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two runs may be called the same
        <div key={i} className={classes.pair}>
          <span>
            {of && <LineSwatch style={of} />}
            <span>{label}</span>
          </span>
          <span>{value}</span>
        </div>
      ))}
    </div>
  );
}

/** Of a reference line, in pixels. */
interface Box {
  readonly viewBox?: { readonly x?: number; readonly y?: number; readonly width?: number };
}

/** What counts as solved, or is good, beside the end of its line. */
function GoodLabel({ viewBox: { x = 0, y = 0, width = 0 } = {}, of }: Box & { of: Environment }) {
  const left = x + width + 4;
  return (
    <text x={left} y={y} {...plotLabel} data-threshold>
      <tspan x={left} dy="-0.15em">
        {`${goodWord(of)} `}
      </tspan>
      <tspan x={left} dy="1.1em">
        {short(goodReturn(of))}
      </tspan>
    </text>
  );
}

/** A mark's text, tied to its line by a leader from a dot on it. */
function MarkLabel({ viewBox: { x = 0, y = 0 } = {}, top, of }: Box & { top: number; of: PlacedMark }) {
  const { row, leftward, shown } = of;
  if (row === null) return null;
  const middle = y + top + row * LINE;
  const side = leftward ? -1 : 1;
  return (
    <g data-mark>
      <path d={`M${x} ${middle}h${side * LEADER}`} stroke="var(--ink)" />
      <circle cx={x} cy={middle} r={2.5} fill="var(--ink)" stroke="var(--surface)" />
      <text
        x={x + side * (LEADER + 2)}
        y={middle}
        dy="0.35em"
        textAnchor={leftward ? "end" : "start"}
        {...plotLabel}
        fill="var(--ink)"
      >
        {shown}
      </text>
    </g>
  );
}

/** What the other charts know this one by. */
const CHART = "return";

/** Neutral, so that they are of no run's colour. */
const evaluationDot = { r: 3.2, fill: "var(--ink)", stroke: "var(--surface)", strokeWidth: 1 } as const;

/** Pixels around the plot: margins and the room of the axes. To the right stands what counts as solved, where no curve is. */
const MARGIN = { top: 18, right: 42, bottom: 4, left: 4 } as const;
/** Pixels of a line of text. */
const LINE = 14;

/** The reward curve: training episodes raw, smoothed and from least to greatest, and the greedy evaluations. */
export const ReturnChart = memo(function ReturnChart(props: ReturnChartProps) {
  const { returns, evaluations, edits, config, overlays, style, name, solvedAt, environment, axis, smoothing, human } =
    props;
  const good = goodReturn(environment);
  const { ref, width, height } = useElementSize();
  const span = useMemo(
    () => spanOf(axis, returns, evaluations, ...overlays.map(({ points }) => points)),
    [returns, evaluations, overlays, axis],
  );
  const end = span.x || 1;
  const rows = useMemo(
    () => overlaid(returnRows(returns, evaluations, axis, smoothing, span), overlays, axis, smoothing, span),
    [returns, evaluations, overlays, axis, smoothing, span],
  );
  const [low, high] = useMemo(() => {
    const extremes = returns.flatMap((p) => [p.min, p.max]);
    const theirs = overlays.flatMap(({ points }) => points.map((p) => p.mean));
    return paddedDomain([...extremes, ...theirs, ...evaluations.map((p) => p.mean)], returnRange(environment));
  }, [returns, evaluations, overlays, environment]);
  const plotWidth = width - MARGIN.left - Y_AXIS - MARGIN.right;
  const plotHeight = height - MARGIN.top - MARGIN.bottom - X_AXIS;
  const lines = Math.max(1, Math.min(6, Math.floor(plotHeight / LINE / 2)));
  // Below the line of what counts as solved, where that is near the top.
  const line = ((high - good) / (high - low)) * plotHeight;
  const top = Math.max(1.5 * LINE, line < plotHeight / 3 ? line + 0.9 * LINE : 0);
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
          <XAxis {...alongAxis(axis, end, width)} {...(span.x === 0 && { ticks: [0] })} />
          <YAxis {...upAxis("return of an episode", low, high)} />
          <Tooltip
            content={<Hover rows={rows} axis={axis} end={end} name={name} style={style} overlays={overlays} />}
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
          <ReferenceLine
            y={good}
            stroke="var(--muted)"
            strokeWidth={environment.solvedAt === null ? 1 : 1.5}
            strokeDasharray={environment.solvedAt === null ? "2 4" : "7 4"}
            label={(box: Box) => <GoodLabel viewBox={box.viewBox} of={environment} />}
          />
          {human && (
            <ReferenceLine
              y={human.best}
              stroke="var(--ink)"
              strokeDasharray="2 3"
              label={{
                value: `you: best ${short(human.best)}, last ${short(human.last)}`,
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
          {marks.map((mark, i) => (
            <ReferenceLine
              key={`${mark.x} ${mark.text}`}
              x={mark.x}
              stroke={mark.x === marks[i - 1]?.x ? "none" : "var(--muted)"}
              strokeDasharray="2 3"
              label={(box: Box) => <MarkLabel viewBox={box.viewBox} top={top} of={mark} />}
            />
          ))}
        </ComposedChart>
      )}
      <CursorLine
        chart={CHART}
        end={end}
        left={MARGIN.left + Y_AXIS}
        right={MARGIN.right}
        top={MARGIN.top}
        bottom={MARGIN.bottom + X_AXIS}
      />
    </div>
  );
});
