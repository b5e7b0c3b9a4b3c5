import { SegmentedControl, Slider } from "@mantine/core";
import { lazy, Suspense } from "react";
import { oneDecimal, plural } from "../format.ts";
import { useLive } from "../live.ts";
import { useOverlays } from "../overlays.ts";
import { okabeIto } from "../palette.ts";
import { usePage } from "../store.ts";
import { axisNames, axisValue } from "./axis.ts";
import classes from "./charts.module.css";
import { type Axis, lastX, smooth } from "./series.ts";

const Plots = lazy(() => import("./Plots.tsx"));

const axisOptions = [
  { value: "envSteps", label: "Env-steps" },
  { value: "updates", label: "Updates" },
  { value: "seconds", label: "Wall time" },
];

/** The reward curve in words, for those who do not see it. */
function Summary() {
  const returns = useLive((s) => s.returns);
  const evaluations = useLive((s) => s.evaluations);
  const solvedAt = useLive((s) => s.solvedAt);
  const { axis, smoothing } = usePage((s) => s.preferences);
  const last = returns.at(-1);
  const evaluation = evaluations.at(-1);
  if (!last) return <>No episode has ended yet.</>;
  const x = returns.map((p) => p[axis]);
  const smoothed = smooth(
    x,
    returns.map((p) => p.mean),
    smoothing,
  ).at(-1);
  return (
    <>
      Return by {axisNames[axis]}, up to {axisValue(axis, lastX(axis, returns))}. Latest: mean {oneDecimal(last.mean)},
      from {oneDecimal(last.min)} to {oneDecimal(last.max)}, smoothed {oneDecimal(smoothed ?? null)}.
      {evaluation &&
        ` Last greedy evaluation, ${plural(evaluation.episodes, "episode")}: ${oneDecimal(evaluation.mean)} plus or minus ${oneDecimal(evaluation.std)}.`}
      {solvedAt ? ` Solved at ${axisValue(axis, solvedAt[axis])}.` : " Not solved yet."}
    </>
  );
}

/** What is not written beside its line. */
function Legend() {
  const overlays = useOverlays();
  return (
    <ul className={classes.legend}>
      <li>
        <svg width="18" height="8" aria-hidden="true">
          <path d="M0 4h18" stroke={okabeIto.blue} strokeWidth="2.5" />
        </svg>
        smoothed
      </li>
      <li>
        <svg width="18" height="10" aria-hidden="true">
          <path d="M0 0h18v10H0z" fill={okabeIto.blue} opacity="0.16" />
          <path d="M0 5h18" stroke={okabeIto.blue} strokeOpacity="0.55" />
        </svg>
        mean, min–max
      </li>
      <li>
        <svg width="18" height="8" aria-hidden="true">
          <path d="M0 4h18" stroke={okabeIto.vermillion} strokeDasharray="3 2" />
          <circle cx="9" cy="4" r="3" fill={okabeIto.vermillion} />
        </svg>
        greedy evaluation
      </li>
      {overlays.map(({ id, label, colour }) => (
        <li key={id}>
          <svg width="18" height="8" aria-hidden="true">
            <path d="M0 4h18" stroke={colour} strokeWidth="1.75" />
          </svg>
          {label}
        </li>
      ))}
    </ul>
  );
}

/** How well the policy does, and what the updates look like. */
export function Curves() {
  const { axis, smoothing } = usePage((s) => s.preferences);
  const prefer = usePage((s) => s.prefer);
  const embedded = usePage((s) => s.embed !== null);
  const percent = `${(smoothing * 100).toFixed(1)} % of the width`;
  return (
    <section
      className={classes.panel}
      data-embedded={embedded || undefined}
      aria-labelledby="return-title"
      aria-describedby="return-summary"
    >
      <div className={classes.head}>
        <h2 id="return-title" className="panel-title">
          Return
        </h2>
        <Legend />
        <div className={classes.tools}>
          <span className={classes.toolName} aria-hidden="true">
            smoothing
          </span>
          <Slider
            w={72}
            size={3}
            thumbSize={14}
            min={0}
            max={0.2}
            step={0.005}
            value={smoothing}
            onChange={(next) => prefer({ smoothing: next })}
            label={null}
            thumbLabel="Smoothing"
            thumbValueText={percent}
          />
          <SegmentedControl
            aria-label="Horizontal axis"
            size="xs"
            data={axisOptions}
            value={axis}
            onChange={(next) => prefer({ axis: next as Axis })}
            transitionDuration={0}
          />
        </div>
      </div>
      <p id="return-summary" className={classes.hidden}>
        <Summary />
      </p>
      <Suspense fallback={<div className={classes.waiting}>Loading the charts</div>}>
        <Plots />
      </Suspense>
    </section>
  );
}
