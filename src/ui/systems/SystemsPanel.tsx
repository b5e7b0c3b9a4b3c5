import { SegmentedControl, useComputedColorScheme } from "@mantine/core";
import { useCallback, useEffect, useRef, useState } from "react";
import { epochNow } from "../../runtime/lane.ts";
import type { SystemView } from "../../runtime/system.ts";
import type { Snapshot } from "../../runtime/view.ts";
import { type Surface, useCanvas } from "../actors/useCanvas.ts";
import { compact } from "../format.ts";
import { everyFrame } from "../frame.ts";
import { useLive } from "../live.ts";
import { actorColour } from "../palette.ts";
import { runner } from "../session.ts";
import { Flow } from "./Flow.tsx";
import {
  AXIS_HEIGHT,
  activityColours,
  activityNames,
  drawLanes,
  duration,
  fittingSpan,
  LANE_HEIGHT,
  spans,
} from "./lanes.ts";
import { bottleneck, ratesBetween, readTotals, type SystemRates, type SystemTotals } from "./rates.ts";
import { Stages } from "./Stages.tsx";
import { Staleness } from "./Staleness.tsx";
import classes from "./systems.module.css";

/** Milliseconds between two looks at the totals, and of the stretch that rates are of. */
const LOOK_MS = 500;
const STRETCH_MS = 1500;
const DRAW_MS = 100;

interface Seen {
  readonly system: SystemView;
  readonly rates: SystemRates;
}

/** Rates over the last stretch of the run, and how many updates it has had. */
function useSystem(): Seen | null {
  const [seen, setSeen] = useState<Seen | null>(null);
  useEffect(() => {
    let of: SystemView | null = null;
    let history: SystemTotals[] = [];
    return everyFrame((snapshot: Snapshot) => {
      const { system } = runner();
      if (system !== of) {
        of = system;
        history = [];
        setSeen(null);
      }
      if (!system) return;
      const settled = snapshot.phase === "stopped" || snapshot.phase === "failed";
      const now = epochNow();
      if (settled && history.length > 1) return; // the last picture of a run stays
      history.push(readTotals(system, snapshot.updates, snapshot.dropped, now));
      while (history.length > 2 && now - history[1].at > STRETCH_MS) history.shift();
      const nothing = { ...history[0], at: history[0].at - 1 };
      const rates = ratesBetween(history.length > 1 ? history[0] : nothing, history[history.length - 1], {
        lanes: system.lanes,
        active: system.active,
        stepsPerUnroll: system.plan.T * system.plan.B,
      });
      setSeen({ system, rates });
    }, LOOK_MS);
  }, []);
  return seen;
}

function Lanes({ system, span }: { system: SystemView; span: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frozen = useRef(0);
  const dark = useComputedColorScheme("light") === "dark";
  const draw = useCallback(
    ({ context, width, ratio }: Surface, snapshot: Snapshot, fresh: boolean) => {
      const going = snapshot.phase === "running" || snapshot.phase === "starting";
      if (!going && !fresh && frozen.current > 0) return;
      // A run that stands still keeps its last moments in view.
      if (going || frozen.current === 0) frozen.current = going ? epochNow() : lastMoment(system);
      const colours = dark ? { lane: "#23272c", text: "#9aa1a9" } : { lane: "#eceef0", text: "#666d75" };
      drawLanes(context, system.lanes, { width, ratio, span, now: frozen.current, colours });
    },
    [system, span, dark],
  );
  useCanvas(canvas, draw, DRAW_MS);
  return (
    <canvas
      ref={canvas}
      className={classes.canvas}
      style={{ height: system.lanes.length * LANE_HEIGHT + AXIS_HEIGHT }}
      role="img"
      aria-label={`What each thread did in the last ${duration(span)}; the table beside it says how much of the time`}
    />
  );
}

/** When the last of all spans began. */
const lastMoment = (system: SystemView) => Math.max(...system.lanes.map(({ since }) => since));

const shareOf = (share: number) => `${Math.round(100 * share)} %`;

/** The threads at work: who does what, who waits for whom, what travels. */
export default function SystemsPanel() {
  const seen = useSystem();
  const phase = useLive((s) => s.phase);
  const byStep = useLive((s) => s.running.values.pace === "step");
  const updates = useLive((s) => s.updates);
  const [chosen, setChosen] = useState("auto");
  if (!seen)
    return <p className={classes.note}>Press Train: here each thread has a lane, and you see who waits for whom.</p>;
  const { system, rates } = seen;
  const fastest = Math.max(...rates.lanes.map(({ unrollsPerSecond }) => unrollsPerSecond));
  const span = chosen === "auto" ? fittingSpan(fastest) : Number(chosen);
  return (
    <section className={classes.systems} aria-label="Systems">
      <div className={classes.head}>
        <p role="status" className={classes.sentence}>
          {bottleneck(rates)}
        </p>
        <SegmentedControl
          aria-label="Stretch of time in view"
          size="xs"
          value={chosen}
          onChange={setChosen}
          transitionDuration={0}
          data={[{ value: "auto", label: "auto" }, ...spans.map((ms) => ({ value: String(ms), label: duration(ms) }))]}
        />
      </div>
      <ul className={classes.legend}>
        {Object.entries(activityNames).map(([activity, name]) => (
          <li key={activity}>
            <span style={{ background: activityColours[activity as "act"] }} />
            {name}
          </li>
        ))}
        <li>
          <span className={classes.empty} />
          wait
        </li>
      </ul>
      <div className={classes.lanes}>
        <table>
          <thead>
            <tr>
              <th scope="col">thread</th>
              <th scope="col">works</th>
              <th scope="col">waits</th>
              <th scope="col" title="Unrolls handed in by an actor, updates by the learner">
                a second
              </th>
              <th scope="col" title="Unrolls that wait for the learner">
                queue
              </th>
            </tr>
          </thead>
          <tbody>
            {rates.lanes.map(({ name, role, shares, unrollsPerSecond, rests }, i) => {
              const idle = shares.wait + shares.pace + shares.stopped + shares.starting;
              return (
                <tr key={name} data-rests={rests || undefined}>
                  <th scope="row">
                    <i style={{ background: role === "actor" ? actorColour(i) : "transparent" }} />
                    {name}
                  </th>
                  <td>{rests ? "rests" : shareOf(1 - idle)}</td>
                  <td>{shareOf(shares.wait)}</td>
                  <td>
                    {role === "actor"
                      ? compact(unrollsPerSecond)
                      : role === "learner"
                        ? compact(rates.updatesPerSecond)
                        : ""}
                  </td>
                  <td>{role === "actor" ? `${system.queued(i)}/${system.queueCapacity}` : ""}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
        <Lanes system={system} span={span} />
      </div>
      {(byStep || phase === "paused") && <Stages system={system} updates={updates} />}
      <div className={classes.below}>
        <Flow system={system} rates={rates} />
        <Staleness />
      </div>
    </section>
  );
}
