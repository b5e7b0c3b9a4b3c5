import { SegmentedControl, useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useCallback, useRef, useState } from "react";
import { algorithms } from "../../algorithms/index.ts";
import type { LaneView, SystemView } from "../../runtime/seen/system.ts";
import type { Snapshot } from "../../runtime/seen/view.ts";
import { epochNow } from "../../runtime/shared/lane.ts";
import { type Surface, useCanvas } from "../actors/useCanvas.ts";
import { compact, NOTHING } from "../parts/format.ts";
import { actorColour } from "../parts/palette.ts";
import { useLive } from "../state/live.ts";
import { isOnOneThread } from "../state/session.ts";
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
  stretchOf,
} from "./lanes.ts";
import { bottleneck, splitOf } from "./rates.ts";
import { StageButtons, Stages } from "./Stages.tsx";
import { Gate, Staleness } from "./Staleness.tsx";
import type { Stage } from "./stages.ts";
import classes from "./systems.module.css";
import { lastMoment, type Seen, useSystem } from "./useSystem.ts";
import { usePlace, useStageKeys, useWalk } from "./useWalk.ts";

const DRAW_MS = 100;
/** Below that width of the panel everything stands below each other; CSS pixels. */
const WIDE = 660;

interface LanesProps {
  readonly system: SystemView;
  readonly span: number;
  /** The stage that stands out; null: all of the last moments. */
  readonly stage: Stage | null;
  readonly named: boolean;
}

function Lanes({ system, span, stage, named }: LanesProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef(0);
  const dark = useComputedColorScheme("light") === "dark";
  const draw = useCallback(
    ({ context, width, ratio }: Surface, { phase }: Snapshot, fresh: boolean) => {
      const goes = phase === "running" || phase === "starting";
      const to = goes ? epochNow() : lastMoment(system); // a run that stands still keeps its last moments in view
      if (!fresh && to === drawn.current) return;
      drawn.current = to;
      const colours = dark ? { lane: "#23272c", text: "#9aa1a9" } : { lane: "#eceef0", text: "#5a616a" };
      const lit = stage && stage.spans.length > 0 ? stage.spans : null;
      const stretch = lit ? stretchOf(lit) : { from: to - span, to, zero: to };
      drawLanes(context, system.lanes, { width, ratio, stretch, lit, named, colours });
    },
    [system, span, stage, named, dark],
  );
  useCanvas(canvas, draw, DRAW_MS);
  const words = stage
    ? `What each thread did in the stage ${stage.name}`
    : `What each thread did in the last ${duration(span)}; the table beside it says how much of the time`;
  return (
    <canvas
      ref={canvas}
      className={classes.canvas}
      style={{ height: system.lanes.length * LANE_HEIGHT + AXIS_HEIGHT }}
      role="img"
      aria-label={words}
    />
  );
}

function Legend() {
  return (
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
  );
}

const percent = (share: number | undefined) => (share === undefined ? NOTHING : `${share} %`);

/** How each thread spends its time, and what it moves. */
function Table({ system, rates, queued }: Omit<Seen, "covered">) {
  const row = ({ name, role }: LaneView, i: number) => {
    const isActor = role === "actor";
    const rests = isActor && i >= system.active;
    const lane = rates?.lanes.find((one) => one.name === name); // rates may be of before an actor came
    const split = lane ? splitOf(lane.shares) : null;
    const moved = isActor ? lane?.unrollsPerSecond : role === "learner" ? rates?.updatesPerSecond : null;
    return (
      <tr key={name} data-rests={rests || undefined}>
        <th scope="row">
          <i style={{ background: isActor ? actorColour(i) : "transparent" }} />
          {name}
        </th>
        <td>{rests ? "rests" : percent(split?.works)}</td>
        <td>{percent(split?.waits)}</td>
        <td>{percent(split?.held)}</td>
        <td>{moved === null ? "" : compact(moved ?? Number.NaN)}</td>
        <td>{isActor ? `${queued[i] ?? 0}/${system.queueCapacity}` : ""}</td>
      </tr>
    );
  };
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">thread</th>
          <th scope="col">works</th>
          <th scope="col">waits</th>
          <th scope="col" title="Held back on purpose: a straggler, or the pace for the eye">
            held
          </th>
          <th scope="col" title="Unrolls handed in by an actor, updates by the learner">
            a second
          </th>
          <th scope="col" title="Unrolls that wait for the learner">
            queue
          </th>
        </tr>
      </thead>
      <tbody>{system.lanes.map(row)}</tbody>
    </table>
  );
}

/** The threads at work: who does what, who waits for whom, what travels. */
export default function SystemsPanel() {
  const seen = useSystem();
  if (seen) return <Panel {...seen} />;
  return (
    <p className={classes.note} data-one-thread={isOnOneThread() || undefined}>
      {isOnOneThread()
        ? "Here each thread would have a lane. Everything runs on one, so nobody waits for anybody."
        : "Press Train: here each thread has a lane, and you see who waits for whom."}
    </p>
  );
}

function Panel({ system, rates, covered, queued }: Seen) {
  const { ref, width } = useElementSize();
  const paused = useLive((s) => s.phase === "paused");
  const gate = useLive((s) => s.running.values.gate as string | undefined);
  const [chosen, setChosen] = useState("auto");
  const walk = useWalk(system);
  const place = usePlace(walk);
  useStageKeys(place, walk !== null);
  const { synchrony } = algorithms[system.plan.config.algo];
  const fastest = Math.max(0, ...(rates?.lanes ?? []).map(({ unrollsPerSecond }) => unrollsPerSecond));
  const span = chosen === "auto" ? Math.min(fittingSpan(fastest), covered) : Number(chosen);
  const narrow = width > 0 && width < WIDE;
  const stage = walk?.round.stages[place.at] ?? null;
  return (
    <section ref={ref} className={classes.systems} aria-label="Systems" data-narrow={narrow || undefined}>
      <div className={classes.head}>
        <p role="status" className={classes.sentence}>
          {bottleneck(rates, { synchrony, gate, paused })}
        </p>
        {walk ? (
          <StageButtons walk={walk} place={place} />
        ) : (
          <SegmentedControl
            aria-label="Stretch of time in view"
            size="xs"
            value={chosen}
            onChange={setChosen}
            transitionDuration={0}
            data={[
              { value: "auto", label: "auto" },
              ...spans.map((ms) => ({ value: String(ms), label: duration(ms) })),
            ]}
          />
        )}
      </div>
      {walk ? (
        <Stages walk={walk} place={place} />
      ) : (
        paused && <p className={classes.hint}>Step (S) makes one update, and shows it stage by stage.</p>
      )}
      <div className={classes.lanes}>
        <Table system={system} rates={rates} queued={queued} />
        <div>
          <Legend />
          <Lanes system={system} span={span} stage={stage} named={narrow} />
        </div>
      </div>
      <div className={classes.below}>
        <div className={classes.flows}>
          <Flow system={system} rates={rates} stage={stage?.name ?? null} />
          {!system.plan.lockstep && <Gate />}
        </div>
        <Staleness lockstep={system.plan.lockstep} />
      </div>
    </section>
  );
}
