import { UnstyledButton } from "@mantine/core";
import { useReducedMotion } from "@mantine/hooks";
import { useState } from "react";
import type { View } from "../../envs/environment.ts";
import { envs } from "../../envs/index.ts";
import { Boundary } from "../faults/Boundary.tsx";
import { part } from "../faults/part.tsx";
import { plural } from "../parts/format.ts";
import { useLive } from "../state/live.ts";
import { isUnderWay } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import { Actor } from "./Actor.tsx";
import classes from "./actors.module.css";
import { Crew } from "./Crew.tsx";

const HandsPanel = part(() => import("../hands/HandsPanel.tsx"));

/** Up to so many actors get a picture as wide as the column; of a square world fewer, because it is as high as wide. */
const LARGE = 5;
const LARGE_SQUARES = 2;
const largest = ({ left, right, bottom, top }: View) => ((right - left) / (top - bottom) < 1.5 ? LARGE_SQUARES : LARGE);
const REDUCED_MOTION_MS = 250;

/** Every actor of the run; before one, those that Train would start. */
export function Actors() {
  const phase = useLive((s) => s.phase);
  const running = useLive((s) => s.running);
  const count = useLive((s) => s.actorCount);
  const shown = usePage((s) => s.config);
  const embedded = usePage((s) => s.embed !== null);
  const reduced = useReducedMotion();
  const [playing, setPlaying] = useState(false);
  const hasRun = count > 0 && (isUnderWay(phase) || phase === "stopped" || phase === "failed");
  const config = hasRun ? running : shown;
  const actors = hasRun ? count : (config.values.actors as number);
  const copies = config.values.envs as number;
  const { subject, view } = envs[config.env];
  return (
    <section aria-labelledby="actors-title" className={classes.panel}>
      <div className={classes.title}>
        <h2 id="actors-title" className="panel-title">
          Actors
        </h2>
        {!embedded && <Crew />}
        {!embedded && (
          <UnstyledButton className={classes.hands} onClick={() => setPlaying(true)}>
            Hands on
          </UnstyledButton>
        )}
        <p>
          {`${isUnderWay(phase) && !embedded ? "" : `${actors} `}× ${plural(copies, "copy", "copies")}`}
          <span>{copies > 1 && !isUnderWay(phase) && ", one in front"}</span>
        </p>
      </div>
      <Boundary of={`the ${subject.one} to play with`} place="over" onClose={() => setPlaying(false)}>
        {playing && <HandsPanel onClose={() => setPlaying(false)} />}
      </Boundary>
      <ul
        className={classes.list}
        data-small={actors > largest(view) || undefined}
        data-few={actors <= LARGE || undefined}
        data-embedded={embedded || undefined}
      >
        {Array.from({ length: actors }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an actor is its number
          <Actor key={i} index={i} config={config} interval={reduced ? REDUCED_MOTION_MS : 0} />
        ))}
      </ul>
    </section>
  );
}
