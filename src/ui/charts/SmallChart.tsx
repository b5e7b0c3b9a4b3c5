import { useElementSize } from "@mantine/hooks";
import { memo, useMemo } from "react";
import { CartesianGrid, Line, LineChart, Tooltip, XAxis, YAxis } from "recharts";
import type { UpdatePoint } from "../../runtime/view.ts";
import { short } from "../format.ts";
import { axisNames, axisStyle, axisTick, axisValue } from "./axis.ts";
import classes from "./charts.module.css";
import { type Axis, lastX, niceTicks, paddedDomain } from "./series.ts";

export interface Curve {
  key: keyof UpdatePoint;
  name: string;
  colour: string;
  dashed?: boolean;
}

export interface SmallChartProps {
  title: string;
  unit: string;
  curves: readonly Curve[];
  /** Values that the axis always shows. */
  include?: readonly number[];
  points: readonly UpdatePoint[];
  axis: Axis;
}

interface HoverProps {
  active?: boolean;
  payload?: readonly { payload: UpdatePoint }[];
  curves: readonly Curve[];
  axis: Axis;
}

function Hover({ active, payload, curves, axis }: HoverProps) {
  const point = payload?.[0]?.payload;
  if (!active || !point) return null;
  return (
    <div className={classes.hover}>
      <div className={classes.at}>{axisValue(axis, point[axis])}</div>
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

/** One or two curves of the updates. */
export const SmallChart = memo(function SmallChart(props: SmallChartProps) {
  const { title, unit, curves, include = nothing, points, axis } = props;
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
  const latest = points.at(-1);
  const id = `chart-${title.toLowerCase().replaceAll(" ", "-")}`;
  const summary = latest
    ? `${title} by ${axisNames[axis]}. Latest: ${curves.map((c) => `${c.name} ${short(latest[c.key])}`).join(", ")}.`
    : `${title}: no updates yet.`;
  return (
    <figure className={classes.small} aria-labelledby={id} aria-describedby={`${id}-summary`}>
      <figcaption className={classes.caption}>
        <span id={id} className={classes.name}>
          {title}
        </span>
        {unit && <span className={classes.unit}>{unit}</span>}
        {curves.length > 1 &&
          curves.map((c) => (
            <span key={c.key} className={classes.key}>
              <svg width="14" height="6" aria-hidden="true">
                <path d="M0 3h14" stroke={c.colour} strokeWidth="2" strokeDasharray={c.dashed ? "4 2" : undefined} />
              </svg>
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
            margin={{ top: 6, right: 12, bottom: 0, left: 0 }}
          >
            <CartesianGrid stroke="var(--grid)" vertical={false} />
            <XAxis
              {...axisStyle}
              dataKey={axis}
              type="number"
              height={18}
              domain={[0, end]}
              ticks={last > 0 ? niceTicks(0, end, 3) : [0]}
              tickFormatter={axisTick(axis)}
              allowDataOverflow
            />
            <YAxis
              {...axisStyle}
              width={46}
              domain={[low, high]}
              ticks={niceTicks(low, high, 3)}
              tickFormatter={axisTick("envSteps")}
              allowDataOverflow
            />
            <Tooltip
              content={<Hover curves={curves} axis={axis} />}
              isAnimationActive={false}
              cursor={{ stroke: "var(--muted)", strokeWidth: 1 }}
            />
            {curves.map((c) => (
              <Line
                key={c.key}
                dataKey={c.key}
                type="linear"
                stroke={c.colour}
                strokeWidth={1.5}
                strokeDasharray={c.dashed ? "4 2" : undefined}
                dot={false}
                isAnimationActive={false}
              />
            ))}
          </LineChart>
        )}
      </div>
    </figure>
  );
});
