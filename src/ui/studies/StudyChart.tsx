import { useElementSize } from "@mantine/hooks";
import { useMemo } from "react";
import { Area, CartesianGrid, ComposedChart, Line, ReferenceLine, Tooltip, XAxis, YAxis } from "recharts";
import type { Environment } from "../../envs/environment.ts";
import { alongAxis, axisNames, axisValue, plotLabel, returnRange, upAxis } from "../charts/axis.ts";
import { LineSwatch } from "../charts/LineSwatch.tsx";
import { paddedDomain } from "../charts/series.ts";
import { oneDecimal, short } from "../parts/format.ts";
import { lineStyle } from "../parts/palette.ts";
import { bandsOf, endOf, type StudyAxis, type StudyRow, studyRows } from "./curves.ts";
import type { Outcome } from "./outcome.ts";
import { type Estimate, FEWEST, inWords } from "./statistics.ts";
import type { LiveRun } from "./store.ts";
import classes from "./studies.module.css";
import type { Summary } from "./study.ts";

interface Props {
  readonly outcomes: readonly Outcome[];
  /** Runs under way. */
  readonly live: readonly LiveRun[];
  readonly labels: readonly string[];
  /** Of every configuration that has a run. */
  readonly finals: readonly Summary[];
  readonly axis: StudyAxis;
  /** Every run by itself too. */
  readonly single: boolean;
  readonly environment: Environment;
}

interface HoverProps {
  active?: boolean;
  payload?: readonly { payload: StudyRow }[];
  of: Pick<Props, "outcomes" | "live" | "labels" | "axis">;
  end: number;
}

/** What the curves are where the cursor is. */
function Hover({ active, payload, of, end }: HoverProps) {
  const row = payload?.[0]?.payload;
  if (!active || !row) return null;
  const { outcomes, live, labels, axis } = of;
  const all = (group: number) => outcomes.filter((o) => o.group === group).length;
  const lines = labels.flatMap((label, g): [string, string][] => {
    const mean = (row[`iqm${g}`] ?? row[`part${g}`]) as number | undefined;
    if (mean === undefined) return [];
    const interval = (row[`band${g}`] ?? null) as Estimate["interval"];
    const [runs, held] = [row[`runs${g}`], row[`held${g}`]];
    const note = runs !== all(g) ? ` (${runs} of ${all(g)} runs)` : held === 0 ? "" : ` (${held} of ${all(g)} ended)`;
    return [[label, inWords({ iqm: mean, interval }) + note]];
  });
  live.forEach(({ group, seed }, i) => {
    const y = row[`live${i}`] as number | undefined;
    if (y !== undefined) lines.push([`${labels[group]} · seed ${seed}`, oneDecimal(y)]);
  });
  return (
    <div className={classes.hover}>
      <div className={classes.muted}>{axisValue(axis, row.x, end)}</div>
      {lines.map(([name, value], i) => (
        <div key={name + i.toString()} className={classes.pair}>
          <span>{name}</span>
          <span>{value}</span>
        </div>
      ))}
    </div>
  );
}

/** What the curves are, for those who do not see them. */
function summaryOf({ live, labels, finals, axis }: Props): string {
  const parts = finals.filter(({ runs }) => runs > 0).map(({ label, final }) => `${label}: ${inWords(final)}`);
  const going = live.map(({ group, seed, mean100 }) => `${labels[group]}, seed ${seed}: ${oneDecimal(mean100)}`);
  return [
    `Mean return of the last 100 episodes by ${axisNames[axis]}.`,
    parts.length > 0
      ? `In the end, interquartile mean with 95 % interval: ${parts.join("; ")}.`
      : "No run has ended yet.",
    going.length > 0 ? `Under way: ${going.join("; ")}.` : "",
  ].join(" ");
}

interface LegendProps extends Pick<Props, "labels" | "single"> {
  /** What a dotted mean says; "" where there is none. */
  readonly dotted: string;
  readonly banded: boolean;
  readonly live: boolean;
  /** The good return where it lies above the chart, in words; null where it is on it. */
  readonly above: string | null;
}

function Legend({ labels, single, dotted, banded, live, above }: LegendProps) {
  const { colour } = lineStyle(0);
  return (
    <ul className={classes.legend} aria-label="Legend">
      {labels.map((label, i) => (
        <li key={label + i.toString()}>
          <LineSwatch style={lineStyle(i)} />
          {label}
        </li>
      ))}
      <li className={classes.muted}>
        <svg width="20" height="10" aria-hidden="true">
          {banded && <path d="M0 0h20v10H0z" fill={colour} opacity="0.16" />}
          <path d="M0 5h20" stroke={colour} strokeWidth="2.5" />
        </svg>
        interquartile mean{banded ? ", 95 % band" : `; a 95 % band takes ${FEWEST} runs`}
      </li>
      {dotted && (
        <li className={classes.muted}>
          <LineSwatch style={{ colour, dash: PARTIAL }} width={1.25} />
          {dotted}
        </li>
      )}
      {(single || live) && (
        <li className={classes.muted}>
          <LineSwatch style={{ colour, dash: undefined }} width={1} />
          {single ? "one seed" : "under way"}
        </li>
      )}
      {above !== null && <li className={classes.muted}>{above}, above</li>}
    </ul>
  );
}

/** A good return that is so many times as far above the axis' end as the greatest mean is not drawn. */
const FAR = 3;
/** Dashes of a mean where not all of the runs are under way. */
const PARTIAL = "2 3";
const still = { dot: false, activeDot: false, isAnimationActive: false, type: "linear" } as const;

/** The interquartile mean of every configuration with its 95 % band, and the runs under way. */
export function StudyChart(props: Props) {
  const { outcomes, live, labels, axis, single, environment } = props;
  const { ref, width, height } = useElementSize();
  const curves = [...outcomes, ...live].map(({ curve }) => curve);
  const end = endOf(outcomes, live, axis);
  // What is under way changes often, what has ended does not.
  const bands = useMemo(() => bandsOf(outcomes, labels.length, axis, end), [outcomes, labels.length, axis, end]);
  const rows = useMemo(
    () => studyRows(outcomes, bands, live, axis, end, single),
    [outcomes, bands, live, axis, end, single],
  );
  const means = curves.flatMap((curve) => curve.map((p) => (Number.isNaN(p.mean100) ? p.mean : p.mean100)));
  // One far above would press the curves flat.
  const [base, good] = returnRange(environment);
  const most = Math.max(base, ...means);
  const isFar = good - base > FAR * (most - base);
  const [low, high] = paddedDomain(means, [base, most, ...(isFar ? [] : [good])]);
  const goodText = `${environment.solvedAt === null ? "good:" : "solved at"} ${short(good)}`;
  const some = (what: (row: StudyRow, group: number) => boolean) =>
    rows.some((row) => labels.some((_, g) => what(row, g)));
  const all = labels.map((_, g) => outcomes.filter(({ group }) => group === g).length);
  const early = some((row, g) => row[`runs${g}`] !== undefined && row[`runs${g}`] !== all[g]);
  const late = some((row, g) => ((row[`held${g}`] ?? 0) as number) > 0);
  const dotted = [early && "have not begun", late && "have ended and hold their last value"]
    .filter(Boolean)
    .join(" or ");
  return (
    <figure className={classes.figure} aria-label="Curves of the comparison" aria-describedby="study-summary">
      <Legend
        labels={labels}
        single={single}
        dotted={dotted && `some of the runs ${dotted}`}
        banded={outcomes.length === 0 || some((row, g) => row[`band${g}`] !== undefined)}
        live={live.length > 0}
        above={isFar ? goodText : null}
      />
      <p id="study-summary" className={classes.unseen}>
        {summaryOf(props)}
      </p>
      <div ref={ref} className={classes.chart} data-chart="study">
        {width > 0 && height > 0 && (
          <ComposedChart
            width={width}
            height={height}
            data={rows}
            margin={{ top: 8, right: 16, bottom: 4, left: 4 }}
            aria-label="Curves of the comparison: arrow keys move the cursor"
          >
            <CartesianGrid stroke="var(--grid)" vertical={false} />
            <XAxis {...alongAxis(axis, end, width)} />
            <YAxis {...upAxis("mean return, last 100", low, high)} />
            <Tooltip content={<Hover of={props} end={end} />} isAnimationActive={false} />
            {!isFar && (
              <ReferenceLine
                y={good}
                stroke="var(--muted)"
                strokeDasharray={environment.solvedAt === null ? "2 4" : "7 4"}
                label={{ value: goodText, position: "insideTopLeft", ...plotLabel }}
              />
            )}
            {labels.map((name, g) => (
              <Area
                {...still}
                key={`band ${name} ${g.toString()}`}
                dataKey={`band${g}`}
                stroke="none"
                fill={lineStyle(g).colour}
                fillOpacity={0.16}
              />
            ))}
            {single &&
              outcomes.map(({ group, seed }, i) => (
                <Line
                  {...still}
                  key={`run ${group} ${seed}`}
                  className="study-seed"
                  dataKey={`run${i}`}
                  stroke={lineStyle(group).colour}
                  strokeDasharray={lineStyle(group).dash}
                  strokeOpacity={0.5}
                  strokeWidth={1}
                />
              ))}
            {live.map(({ group, seed }, i) => (
              <Line
                {...still}
                key={`live ${group} ${seed}`}
                className="study-live"
                dataKey={`live${i}`}
                stroke={lineStyle(group).colour}
                strokeDasharray={lineStyle(group).dash}
                strokeWidth={outcomes.some((o) => o.group === group) ? 1.25 : 2.25}
              />
            ))}
            {labels.map((name, g) => (
              <Line
                {...still}
                key={`part ${name} ${g.toString()}`}
                dataKey={`part${g}`}
                stroke={lineStyle(g).colour}
                strokeDasharray={PARTIAL}
                strokeWidth={1.25}
              />
            ))}
            {labels.map((name, g) => (
              <Line
                {...still}
                key={`mean ${name} ${g.toString()}`}
                className="study-mean"
                dataKey={`iqm${g}`}
                stroke={lineStyle(g).colour}
                strokeDasharray={lineStyle(g).dash}
                strokeWidth={2.25}
                activeDot
              />
            ))}
          </ComposedChart>
        )}
      </div>
    </figure>
  );
}
