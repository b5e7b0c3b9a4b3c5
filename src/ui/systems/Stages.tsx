import type { Activity } from "../../runtime/lane.ts";
import type { LaneView, SystemView } from "../../runtime/system.ts";
import { duration } from "./lanes.ts";
import classes from "./systems.module.css";

/** Milliseconds of a lane's last finished span of an activity. */
function lastSpan(lane: LaneView, wanted: Activity): number | null {
  let found: number | null = null;
  lane.read(0, (activity, from, to) => {
    if (activity === wanted) found = to - from;
  });
  return found;
}

const mean = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((v) => v !== null);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
};

/** The round that one update is, stage by stage, with what each took the last time. */
export function Stages({ system, updates }: { system: SystemView; updates: number }) {
  const { plan, lanes } = system;
  const actors = lanes.filter(({ role }) => role === "actor").slice(0, system.active);
  const learner = lanes.filter(({ role }) => role === "learner");
  const who = { actors, learner };
  const stages: { name: string; by: keyof typeof who; activity: Activity; says: string }[] = [
    { name: "unroll", by: "actors", activity: "act", says: `${plan.T} steps of ${plan.B} copies` },
    {
      name: "gradient",
      by: plan.gradients === "actors" ? "actors" : "learner",
      activity: "differentiate",
      says: "of the loss",
    },
    { name: "apply", by: plan.apply === "actors" ? "actors" : "learner", activity: "apply", says: "clip, optimizer" },
    { name: "publish", by: "learner", activity: "publish", says: "the next version" },
    { name: "pull", by: "actors", activity: "act", says: "within the next unroll" },
  ];
  return (
    // A new key for every update: the highlight runs along once more.
    <ol key={updates} className={classes.stages} aria-label={`Stages of update ${updates}`}>
      {stages.map(({ name, by, activity, says }, i) => {
        const ms = name === "pull" ? null : mean(who[by].map((lane) => lastSpan(lane, activity)));
        return (
          <li key={name} style={{ animationDelay: `${i * 0.5}s` }}>
            <b>{name}</b>
            <span>{by === "actors" ? "actors" : "learner"}</span>
            <span>{ms === null ? says : `${duration(ms)}, ${says}`}</span>
          </li>
        );
      })}
    </ol>
  );
}
