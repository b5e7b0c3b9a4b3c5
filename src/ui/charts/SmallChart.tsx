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
import { type Axis, lastX, niceTicks, paddedDomain } from "./series.ts";

export interface Curve {
  key: keyof UpdatePoint;
  name: string;
}

export interface SmallChartProps {
  /** What runs upward, and in which unit: the heading stands for the axis' name. */
  title: string;
  unit: string;
  curves: readonly Curve[];
  /** Values that the axis always shows. */
  include?: readonly number[];
  points: readonly UpdatePoint[];
  axis: Axis;
  /** Of the run, for the first curve. */
  style: LineStyle;
}

/** The second curve of a chart, whatever the run's style. */
const second: LineStyle = { colour: "var(--muted)", dash: "4 2" };

interface HoverProps {
  chart: string;
  active?: boolean;
  payload?: readonly { payload: UpdatePoint }[];
  curves: readonly Curve[];
  axis: Axis;
  end: number;
}

function Hover({ chart, active, payload, curves, axis, end }: HoverProps) {
  const point = active ? payload?.[0]?.payload : undefined;
  usePointed(chart, point ? point[axis] : null);
  if (!point) return null;
  return (
    <div className={classes.hover}>
      <div className={classes.at}>{axisValue(axis, point[axis], end)}</div>
      {curves.map((curve) => (
        <div key={curve.key} className={classes.pair}>
          <span>{curve.name}</span>
          <span>{short(point[curve.key])}</span>
        </div>
      ))}
    </div>
  );
}

const nothing: readonly number[] = [];

const MARGIN = { top: 6, right: 12, bottom: 2, left: 0 } as const;
/** Pixels that the axes take. */
const [X_AXIS, Y_AXIS] = [32, 46];

/** One or two curves of the updates. */
export const SmallChart = memo(function SmallChart(props: SmallChartProps) {
  const { title, unit, curves, include = nothing, points, axis, style } = props;
  const { ref, width, height } = useElementSize();
  const last = lastX(axis, points);
  const end = last || 1;
  const [low, high] = useMemo(
    () =>
      paddedDomain(
        points.flatMap((p) => curves.map((c) => p[c.key])),
        include,
      ),
    [points, curves, include],
  );
  const styleOf = (index: number) => (index === 0 ? style : second);
  const latest = points.at(-1);
  const id = `chart-${title.toLowerCase().replaceAll(" ", "-")}`;
  const summary = latest
    ? `${title} (${unit}) by ${axisNames[axis]}. Latest: ${curves.map((c) => `${c.name} ${short(latest[c.key])}`).join(", ")}.`
    : `${title}: no updates yet.`;
  return (
    <figure className={classes.small} aria-labelledby={id} aria-describedby={`${id}-summary`}>
      <figcaption className={classes.caption}>
        <span id={id} className={classes.name}>
          {title}
        </span>
        <span className={classes.unit} title={`${title}, ${unit}`}>
          · {unit}
        </span>
        {curves.length > 1 &&
          curves.map((c, i) => (
            <span key={c.key} className={classes.key}>
              <LineSwatch style={styleOf(i)} width={2} />
              {c.name}
            </span>
          ))}
      </figcaption>
      <p id={`${id}-summary`} className={classes.hidden}>
        {summary}
      </p>
      <div ref={ref} className={classes.smallPlot}>
        {width > 0 && height > 0 && (
          <LineChart
            width={width}
            height={height}
            data={points as UpdatePoint[]}
            margin={MARGIN}
            aria-label={`${title}: arrow keys move the cursor`}
          >
            <CartesianGrid stroke="var(--grid)" vertical={false} />
            <XAxis
              {...axisStyle}
              dataKey={axis}
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
              domain={[low, high]}
              ticks={niceTicks(low, high, 3)}
              tickFormatter={axisTick("envSteps")}
              allowDataOverflow
            />
            <Tooltip
              content={<Hover chart={title} curves={curves} axis={axis} end={end} />}
              isAnimationActive={false}
              cursor={{ stroke: "var(--muted)", strokeWidth: 1 }}
            />
            {curves.map((c, i) => (
              <Line
                key={c.key}
                dataKey={c.key}
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
