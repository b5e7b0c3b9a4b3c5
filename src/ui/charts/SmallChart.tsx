import { useElementSize } from "@mantine/hooks";
import { memo, useMemo } from "react";
import { CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis } from "recharts";
import type { UpdatePoint } from "../../runtime/seen/view.ts";
import { short } from "../parts/format.ts";
import type { LineStyle } from "../parts/palette.ts";
import { axisNames, axisStyle, axisTick, axisValue } from "./axis.ts";
import { CursorLine, usePointed } from "./CursorLine.tsx";
import classes from "./charts.module.css";
import { valueAt } from "./cursor.ts";
import { LineSwatch } from "./LineSwatch.tsx";
import { type Axis, lastX, niceTicks } from "./series.ts";
import { axisOf, drawnAt, helpOf, type StatChart, type StatCurve, unitOf } from "./statCharts.ts";

export interface SmallChartProps {
  chart: StatChart;
  points: readonly UpdatePoint[];
  axis: Axis;
  /** Of the run, for the first curve. */
  style: LineStyle;
}

/** What sets the curves after the first apart, whatever the run's style. */
const others: readonly LineStyle[] = [
  { colour: "var(--muted)", dash: "4 2" },
  { colour: "var(--muted)", dash: "1 2" },
  { colour: "var(--muted)", dash: undefined },
];

/** A point as it is drawn: y0, y1, … of the curves. */
type Row = { readonly x: number; readonly point: UpdatePoint } & Record<`y${number}`, number | null>;

const rowOf = ({ group, curves }: StatChart, axis: Axis, point: UpdatePoint): Row => ({
  x: point[axis],
  point,
  ...Object.fromEntries(curves.map(({ key }, i) => [`y${i}`, drawnAt(group, point[key])])),
});

const nameOf = ({ label, symbol }: StatCurve): string => symbol ?? label;

interface HoverProps {
  title: string;
  active?: boolean;
  payload?: readonly { payload: Row }[];
  curves: readonly StatCurve[];
  axis: Axis;
  end: number;
}

function Hover({ title, active, payload, curves, axis, end }: HoverProps) {
  const row = active ? payload?.[0]?.payload : undefined;
  usePointed(title, row ? row.x : null);
  if (!row) return null;
  return (
    <div className={classes.hover}>
      <div className={classes.at}>{axisValue(axis, row.x, end)}</div>
      {curves.map((curve) => (
        <div key={curve.key} className={classes.pair}>
          <span>{nameOf(curve)}</span>
          <span>
            {short(row.point[curve.key])} {curve.unit}
          </span>
        </div>
      ))}
    </div>
  );
}

const MARGIN = { top: 6, right: 12, bottom: 2, left: 0 } as const;
/** Pixels that the axes take. */
const [X_AXIS, Y_AXIS] = [32, 46];

/** The statistics of one group. */
export const SmallChart = memo(function SmallChart({ chart, points, axis, style }: SmallChartProps) {
  const { group, curves } = chart;
  const { title } = group;
  const { ref, width, height } = useElementSize();
  const last = lastX(axis, points);
  const end = last || 1;
  const rows = useMemo(() => points.map((point) => rowOf(chart, axis, point)), [chart, axis, points]);
  const vertical = useMemo(
    () =>
      axisOf(
        group,
        points.flatMap((p) => curves.map(({ key }) => p[key])),
      ),
    [group, curves, points],
  );
  const styleOf = (index: number) => (index === 0 ? style : others[(index - 1) % others.length]);
  const latest = points.at(-1);
  const unit = unitOf(chart);
  const id = `chart-${title.toLowerCase().replaceAll(" ", "-")}`;
  const summary = latest
    ? `${title} (${unit}) by ${axisNames[axis]}. Latest: ${curves.map((c) => `${c.label} ${short(latest[c.key])}`).join(", ")}.`
    : `${title}: no updates yet.`;
  return (
    <figure className={classes.small} aria-labelledby={id} aria-describedby={`${id}-summary`}>
      <figcaption className={classes.caption} title={helpOf(chart)}>
        <span id={id} className={classes.name}>
          {title}
        </span>
        <span className={classes.unit}>· {unit}</span>
        {curves.length > 1 &&
          curves.map((c, i) => (
            <span key={c.key} className={classes.key}>
              <LineSwatch style={styleOf(i)} width={2} />
              {nameOf(c)}
            </span>
          ))}
      </figcaption>
      <p id={`${id}-summary`} className={classes.hidden}>
        {summary} {helpOf(chart)}
      </p>
      <div ref={ref} className={classes.smallPlot}>
        {width > 0 && height > 0 && (
          <LineChart
            width={width}
            height={height}
            data={rows}
            margin={MARGIN}
            aria-label={`${title}: arrow keys move the cursor`}
          >
            <CartesianGrid stroke="var(--grid)" vertical={false} />
            <XAxis
              {...axisStyle}
              dataKey="x"
              type="number"
              height={X_AXIS}
              label={{
                value: axisNames[axis],
                position: "insideBottom",
                offset: 0,
                fontSize: 11,
                fill: "var(--muted)",
              }}
              domain={[0, end]}
              ticks={last > 0 ? niceTicks(0, end, 3) : [0]}
              tickFormatter={axisTick(axis)}
              allowDataOverflow
            />
            <YAxis
              {...axisStyle}
              width={Y_AXIS}
              scale={group.scale}
              domain={vertical.domain}
              ticks={vertical.ticks}
              tickFormatter={vertical.mark}
              allowDataOverflow
            />
            <Tooltip
              content={<Hover title={title} curves={curves} axis={axis} end={end} />}
              isAnimationActive={false}
              cursor={{ stroke: "var(--muted)", strokeWidth: 1 }}
            />
            {curves.map((c, i) => (
              <Line
                key={c.key}
                dataKey={`y${i}`}
                type="linear"
                stroke={styleOf(i).colour}
                strokeWidth={1.5}
                strokeDasharray={styleOf(i).dash}
                dot={false}
                isAnimationActive={false}
              />
            ))}
          </LineChart>
        )}
        <CursorLine
          chart={title}
          end={end}
          left={MARGIN.left + Y_AXIS}
          right={MARGIN.right}
          top={MARGIN.top}
          bottom={MARGIN.bottom + X_AXIS}
          reading={(x) =>
            curves
              .map(({ key }) =>
                short(
                  valueAt(
                    points,
                    x,
                    (p) => p[axis],
                    (p) => p[key],
                  ),
                ),
              )
              .join(" · ")
          }
        />
      </div>
    </figure>
  );
});
