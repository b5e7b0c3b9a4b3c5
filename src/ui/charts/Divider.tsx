/** The line between the reward curve and what stands below it: dragged, or moved with the arrow keys. */
import type { KeyboardEvent, PointerEvent } from "react";
import { leastSplit, mostSplit } from "../state/preferences.ts";
import classes from "./charts.module.css";

const STEP = 0.02;
const within = (share: number) => Math.min(mostSplit, Math.max(leastSplit, share));
const percent = (share: number) => Math.round(100 * share);

interface DividerProps {
  /** Share of the height that the element before this one has. */
  share: number;
  onChange(share: number): void;
}

export function Divider({ share, onChange }: DividerProps) {
  const drag = (down: PointerEvent<HTMLDivElement>) => {
    const line = down.currentTarget;
    const above = line.previousElementSibling?.getBoundingClientRect().height ?? 0;
    const whole = above / share; // px
    const move = ({ clientY }: globalThis.PointerEvent) => onChange(within(share + (clientY - down.clientY) / whole));
    line.setPointerCapture(down.pointerId);
    line.addEventListener("pointermove", move);
    line.addEventListener("lostpointercapture", () => line.removeEventListener("pointermove", move), { once: true });
  };
  const onKey = (event: KeyboardEvent) => {
    const next = {
      ArrowUp: share - STEP,
      ArrowDown: share + STEP,
      Home: leastSplit,
      End: mostSplit,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onChange(within(next));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: <hr> cannot be moved
    <div
      role="separator"
      className={classes.divider}
      tabIndex={0}
      aria-label="Height of the reward curve"
      aria-orientation="horizontal"
      aria-valuenow={percent(share)}
      aria-valuemin={percent(leastSplit)}
      aria-valuemax={percent(mostSplit)}
      aria-valuetext={`${percent(share)} % of the height`}
      onPointerDown={drag}
      onKeyDown={onKey}
    />
  );
}
