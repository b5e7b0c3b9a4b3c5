import { useElementSize } from "@mantine/hooks";
import { useMemo } from "react";
import { Area, CartesianGrid, ComposedChart, Line, ReferenceLine, Tooltip, XAxis, YAxis } from "recharts";
import { axisNames, axisStyle, axisTick, axisValue } from "../charts/axis.ts";
import { niceTicks, paddedDomain } from "../charts/series.ts";
import { oneDecimal } from "../format.ts";
import { actorColour } from "../palette.ts";
import { band, GRID, type StudyAxis, valueAt } from "./curves.ts";
import classes from "./studies.module.css";
import type { Outcome } from "./study.ts";

interface Props {
  readonly outcomes: readonly Outcome[];
  readonly labels: readonly string[];
  readonly axis: StudyAxis;
  /** Every run by itself too. */
  readonly single: boolean;
  readonly threshold: number | null;
}

type Row = { x: number } & Record<string, number | [number, number] | undefined>;

/** Rows of the chart: of every configuration the mean and its band, of every run its curve. */
function rowsOf(outcomes: readonly Outcome[], groups: number, axis: StudyAxis, single: boolean, end: number): Row[] {
  const rows: Row[] = Array.from({ length: GRID }, (_, k) => ({ x: ((k + 1) / GRID) * end }));
  for (let group = 0; group < groups; group++) {
    const curves = outcomes.filter((o) => o.group === group).map(({ curve }) => curve);
    for (const { x, iqm, low, high } of band(curves, axis, end)) {
      const row = rows[Math.round((x / end) * GRID) - 1];
      row[`iqm${group}`] = iqm;
      row[`band${group}`] = [low, high];
    }
  }
  if (single)
    outcomes.forEach(({ curve }, i) => {
      for (const row of rows) {
        const y = valueAt(curve, axis, row.x);
        if (!Number.isNaN(y)) row[`run${i}`] = y;
      }
    });
  return rows;
}

interface HoverProps {
  active?: boolean;
  payload?: readonly { payload: Row }[];
  labels: readonly string[];
  axis: StudyAxis;
}

function Hover({ active, payload, labels, axis }: HoverProps) {
  const row = payload?.[0]?.payload;
  if (!active || !row) return null;
  return (
    <div className={classes.hover}>
      <div className={classes.muted}>{axisValue(axis, row.x)}</div>
      {labels.map((label, i) => {
        const range = row[`band${i}`] as [number, number] | undefined;
        if (!range) return null;
        return (
          <div key={label + i.toString()} className={classes.pair}>
            <span>{label}</span>
            <span>
              {oneDecimal(row[`iqm${i}`] as number)} [{oneDecimal(range[0])}, {oneDecimal(range[1])}]
            </span>
          </div>
        );
      })}
    </div>
  );
}

/** The interquartile mean of every configuration with its 95 % band. */
export function StudyChart({ outcomes, labels, axis, single, threshold }: Props) {
  const { ref, width, height } = useElementSize();
  const end = Math.max(1e-9, ...outcomes.map(({ curve }) => curve.at(-1)?.[axis] ?? 0));
  const rows = useMemo(() => rowsOf(outcomes, labels.length, axis, single, end), [outcomes, labels, axis, single, end]);
  const [low, high] = paddedDomain(
    outcomes.flatMap(({ curve }) => curve.map((p) => (Number.isNaN(p.mean100) ? p.mean : p.mean100))),
    [0, ...(threshold === null ? [] : [threshold])],
  );
  const label = { fontSize: 11, fill: "var(--muted)" } as const;
  return (
    <div ref={ref} className={classes.chart}>
      {width > 0 && height > 0 && (
        <ComposedChart width={width} height={height} data={rows} margin={{ top: 8, right: 16, bottom: 4, left: 4 }}>
          <CartesianGrid stroke="var(--grid)" vertical={false} />
          <XAxis
            {...axisStyle}
            dataKey="x"
            type="number"
            domain={[0, end]}
            ticks={niceTicks(0, end, width < 500 ? 4 : 8)}
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
              value: "mean return, last 100",
              angle: -90,
              position: "insideLeft",
              offset: 12,
              style: { textAnchor: "middle" },
              ...label,
            }}
            allowDataOverflow
          />
          <Tooltip content={<Hover labels={labels} axis={axis} />} isAnimationActive={false} />
          {threshold !== null && <ReferenceLine y={threshold} stroke="var(--muted)" strokeDasharray="7 4" />}
          {labels.map((name, i) => (
            <Area
              key={`band ${name} ${i.toString()}`}
              dataKey={`band${i}`}
              stroke="none"
              fill={actorColour(i)}
              fillOpacity={0.16}
              connectNulls
              isAnimationActive={false}
              activeDot={false}
            />
          ))}
          {single &&
            outcomes.map(({ group, seed }, i) => (
              <Line
                key={`run ${group} ${seed}`}
                dataKey={`run${i}`}
                stroke={actorColour(group)}
                strokeOpacity={0.4}
                strokeWidth={1}
                dot={false}
                activeDot={false}
                connectNulls
                isAnimationActive={false}
              />
            ))}
          {labels.map((name, i) => (
            <Line
              key={`mean ${name} ${i.toString()}`}
              dataKey={`iqm${i}`}
              stroke={actorColour(i)}
              strokeWidth={2.25}
              dot={false}
              connectNulls
              isAnimationActive={false}
            />
          ))}
        </ComposedChart>
      )}
    </div>
  );
}
