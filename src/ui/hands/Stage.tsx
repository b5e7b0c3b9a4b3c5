/** The world that is played: its picture, and the keys and presses that it answers to. */
import { useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, type PointerEvent, type RefObject, useCallback, useRef } from "react";
import type { Actions } from "../../envs/environment.ts";
import { colours } from "../actors/colours.ts";
import { drawScene } from "../actors/draw.ts";
import { type Surface, useCanvas } from "../actors/useCanvas.ts";
import { okabeIto } from "../parts/palette.ts";
import classes from "./hands.module.css";
import type { Sandbox } from "./sandbox.ts";

/** Steps of the world that are made up for at most, after a pause of the page. */
const MOST_STEPS = 5;

interface Props {
  readonly sandbox: Sandbox;
  /** Plays beside it from the same start; null: nobody. */
  readonly rival: Sandbox | null;
  readonly stage: RefObject<HTMLButtonElement | null>;
  /** One step of all who play. */
  onStep(): void;
  onKey(side: -1 | 1, down: boolean): void;
  /** A pointer that is down at a place, −1 … 1 from the left to the right; null: up again. */
  onDrag(to: number | null, first: boolean): void;
  onBlur(): void;
}

const sides: Readonly<Record<string, -1 | 1>> = { ArrowLeft: -1, ArrowRight: 1 };

/** Where a pointer counts as: one side or the other, or a share of a continuous action. */
function placeOf({ clientX, currentTarget }: PointerEvent, { kind }: Actions): number {
  const { left, width } = currentTarget.getBoundingClientRect();
  const share = (2 * (clientX - left)) / width - 1;
  return kind === "discrete" ? (share < 0 ? -1 : 1) : share;
}

/** Seconds of the world that have passed and are no whole step yet. */
function usePassing(sandbox: Sandbox, onStep: () => void): () => number {
  const clock = useRef({ before: Number.NaN, owed: 0 });
  return () => {
    const { secondsPerStep } = sandbox.environment;
    const now = performance.now();
    const { before, owed } = clock.current;
    let rest = Math.min(owed + (now - (before || now)) / 1000, MOST_STEPS * secondsPerStep);
    for (; rest >= secondsPerStep; rest -= secondsPerStep) onStep();
    clock.current = { before: now, owed: rest };
    return rest / secondsPerStep;
  };
}

export function Stage({ sandbox, rival, stage, onStep, onKey, onDrag, onBlur }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme("light");
  const { environment, driver } = sandbox;
  const { view, actions, title } = environment;
  const passed = usePassing(sandbox, onStep);
  const draw = useCallback(
    ({ context, width, height, ratio }: Surface) => {
      const share = passed();
      const state = new Float64Array(environment.state.length);
      const sketch = (of: Sandbox) =>
        environment.sketch(of.at(share, state), of.values as never, of.steps > 0 ? of.action : undefined);
      const scene = {
        view,
        first: sketch(sandbox),
        ghosts: rival ? 1 : 0,
        ghost: () => (rival ? sketch(rival) : []),
        colour: okabeIto.blue,
        colours: colours[scheme],
      };
      drawScene(context, scene, width, height, ratio);
    },
    [sandbox, rival, environment, view, scheme, passed],
  );
  useCanvas(canvas, draw, 0);
  const key = (event: KeyboardEvent, down: boolean) => {
    const side = sides[event.key];
    if (side === undefined) return;
    event.preventDefault();
    // A key that is still down when an episode ends must not begin the next one; a push may be repeated.
    if (!event.repeat || driver !== "you") onKey(side, down);
  };
  const drag = (event: PointerEvent<HTMLButtonElement>, first: boolean) => onDrag(placeOf(event, actions), first);
  return (
    <button
      type="button"
      ref={stage}
      className={classes.stage}
      data-autofocus
      aria-label={`${title}: arrow keys ${driver === "you" ? "drive" : "push"}`}
      onKeyDown={(e) => key(e, true)}
      onKeyUp={(e) => key(e, false)}
      onBlur={onBlur}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        drag(e, true);
      }}
      onPointerMove={(e) => e.currentTarget.hasPointerCapture(e.pointerId) && drag(e, false)}
      onPointerUp={() => onDrag(null, false)}
      onPointerCancel={() => onDrag(null, false)}
    >
      <canvas
        ref={canvas}
        style={{ aspectRatio: (view.right - view.left) / (view.top - view.bottom) }}
        data-square={(view.right - view.left) / (view.top - view.bottom) < 1.5 || undefined}
      />
    </button>
  );
}
