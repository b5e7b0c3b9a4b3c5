import { useComputedColorScheme } from "@mantine/core";
import { memo, type PointerEvent, useCallback, useEffect, useMemo, useRef } from "react";
import { Rng } from "../../core/rng.ts";
import type { Environment } from "../../envs/environment.ts";
import { envs } from "../../envs/index.ts";
import type { RunConfig } from "../../runtime/plan/config.ts";
import type { ActorView, Snapshot } from "../../runtime/seen/view.ts";
import { compact, NOTHING, short } from "../parts/format.ts";
import { actorColour } from "../parts/palette.ts";
import { together } from "../state/frame.ts";
import { useLive } from "../state/live.ts";
import { isUnderWay, runner } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import classes from "./actors.module.css";
import { Chaos } from "./Chaos.tsx";
import { colours } from "./colours.ts";
import { drawScene } from "./draw.ts";
import { type Surface, useCanvas } from "./useCanvas.ts";
import { copyAt, frontOf, middleOf, useWatched, watch } from "./watched.ts";

/** Numbers of all actors are of one moment: in lockstep their versions differ by one at most. */
const everyNumber = together(200);

const activities: Record<ActorView["activity"], string> = {
  starting: "starting",
  act: "acting",
  differentiate: "differentiating",
  apply: "applying",
  publish: "publishing",
  evaluate: "evaluating",
  wait: "waiting",
  delay: "held up",
  pace: "acting",
  stopped: "stopped",
};

interface ActorProps {
  index: number;
  /** What is drawn: the run's configuration, or the one that Train would start. */
  config: RunConfig;
  /** Milliseconds between two pictures. */
  interval: number;
}

/** Where in the world a press is; metres. The canvas shows the whole view, with the same scale in x and y. */
function pressedAt({ clientX, clientY, currentTarget }: PointerEvent, view: Environment["view"]): [number, number] {
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  return [
    view.left + ((clientX - left) / width) * (view.right - view.left),
    view.top - ((clientY - top) / height) * (view.top - view.bottom),
  ];
}

/** A start state, to be drawn before there is a run. */
function startOf(env: Environment, index: number): Float64Array {
  const state = new Float64Array(env.state.length);
  env.initial(new Rng().seed(index + 1), state);
  return state;
}

/** One actor: its copies of the environment as they are at this instant, and what its thread is doing. */
export const Actor = memo(function Actor({ index, config, interval }: ActorProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const numbers = useRef<HTMLDListElement>(null);
  const activity = useRef<HTMLSpanElement>(null);
  const scheme = useComputedColorScheme("light");
  const env = envs[config.env] as Environment;
  const colour = actorColour(index);
  const { one, many } = env.subject;
  const start = useMemo(() => startOf(env, index), [env, index]);

  const pushable = useLive((s) => s.phase === "running");
  const present = useLive((s) => s.phase === "running" || s.phase === "paused");
  const copies = config.values.envs as number;
  const front = useWatched((s) => frontOf(s, index, copies));
  const watched = useWatched((s) => s.actor === index);
  const told = usePage((s) => s.preferences.pane === "insides") && present && watched;
  const push = (side: -1 | 1) => runner().push(index, front, side * env.pushed.press);
  const press = (event: PointerEvent<HTMLButtonElement>) => {
    const states = runner().snapshot().actors[index]?.states ?? [];
    const at = pressedAt(event, env.view);
    const physics = config.values as Parameters<Environment["sketch"]>[1];
    const sketches = states.map((state) => env.sketch(state, physics));
    const pressed = copyAt(sketches, front, at, env.view);
    if (pressed !== null && !(watched && pressed === front)) watch(index, pressed);
    else if (pushable) push(at[0] < middleOf(sketches[front] ?? []) ? 1 : -1); // away from the finger
  };

  const draw = useCallback(
    (surface: Surface, snapshot: Snapshot, fresh: boolean) => {
      if (!fresh && snapshot.phase !== "running" && snapshot.phase !== "paused") return;
      const { states = [], actions = [] } = snapshot.actors[index] ?? {};
      const physics = config.values as Parameters<Environment["sketch"]>[1];
      // A discrete action is another at every step: it would only flicker.
      const action = env.actions.kind === "continuous" ? actions[front] : undefined;
      const sketch = (state: Float64Array) => env.sketch(state, physics);
      const scene = {
        view: env.view,
        first: env.sketch(states[front] ?? start, physics, action),
        ghosts: Math.max(0, states.length - 1),
        ghost: (i: number) => sketch(states[i < front ? i : i + 1]),
        colour,
        colours: colours[scheme],
      };
      drawScene(surface.context, scene, surface.width, surface.height, surface.ratio);
    },
    [index, front, config, env, start, colour, scheme],
  );
  useCanvas(canvas, draw, interval);

  useEffect(
    () =>
      everyNumber((snapshot) => {
        const actor = snapshot.actors[index];
        const fields = numbers.current?.querySelectorAll("dd");
        if (!fields || !activity.current) return;
        const texts = actor
          ? [compact(actor.version), short(actor.lastReturn), String(actor.episodeSteps[front] ?? NOTHING)]
          : [NOTHING, NOTHING, NOTHING];
        texts.forEach((text, i) => {
          if (fields[i].textContent !== text) fields[i].textContent = text;
        });
        const doing = !actor ? "" : isUnderWay(snapshot.phase) ? activities[actor.activity] : "stopped";
        if (activity.current.textContent !== doing) {
          activity.current.textContent = doing;
          activity.current.dataset.activity = doing;
        }
      }),
    [index, front],
  );

  return (
    <li className={classes.actor}>
      <div className={classes.head}>
        <span className={classes.swatch} style={{ background: colour }} />
        <h3>Actor {index + 1}</h3>
        <Chaos index={index} />
        <span ref={activity} className={classes.activity} />
      </div>
      <div className={classes.world} data-told={told || undefined}>
        <canvas
          ref={canvas}
          className={classes.canvas}
          style={{ aspectRatio: (env.view.right - env.view.left) / (env.view.top - env.view.bottom) }}
          role="img"
          aria-label={`${env.title} of actor ${index + 1}, live`}
        />
        {told && <span className={classes.told}>{copies > 1 ? `copy ${front + 1} watched` : "watched"}</span>}
        {present && (
          <button
            type="button"
            className={classes.push}
            aria-label={
              pushable
                ? `Push the ${one} of actor ${index + 1}: arrow keys, or press on a side of it. Enter: watch`
                : `Watch one of the ${many} of actor ${index + 1}`
            }
            title={`Press ${pushable ? `beside the ${one} to push it, ` : ""}on one of the ${many} to watch it`}
            onKeyDown={(e) => {
              if (pushable && (e.key === "ArrowLeft" || e.key === "ArrowRight")) {
                e.preventDefault();
                push(e.key === "ArrowRight" ? 1 : -1);
              }
            }}
            onPointerDown={press}
            onClick={(e) => {
              if (e.detail === 0) watch(index, watched ? (front + 1) % copies : front); // by key: one after the other
            }}
          />
        )}
      </div>
      <dl ref={numbers} className={classes.numbers} translate="no">
        <div>
          <dt title="Version of the parameters that it acts with">version</dt>
          <dd>{NOTHING}</dd>
        </div>
        <div>
          <dt title="Return of its last finished episode">return</dt>
          <dd>{NOTHING}</dd>
        </div>
        <div>
          <dt title="Steps of the running episode of the copy in front">step</dt>
          <dd>{NOTHING}</dd>
        </div>
      </dl>
    </li>
  );
});
