import { SegmentedControl, Slider } from "@mantine/core";
import { Boundary } from "../faults/Boundary.tsx";
import { part } from "../faults/part.tsx";
import { usePage } from "../state/store.ts";
import classes from "./charts.module.css";
import { Legend } from "./Legend.tsx";
import { Summary } from "./Summary.tsx";
import type { Axis } from "./series.ts";

const Plots = part(() => import("./Plots.tsx"));

const axisOptions = [
  { value: "envSteps", label: "Env-steps" },
  { value: "updates", label: "Updates" },
  { value: "seconds", label: "Wall time" },
];

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
      <Boundary of="the charts" waiting={<div className={classes.waiting}>Loading the charts</div>}>
        <Plots />
      </Boundary>
    </section>
  );
}
