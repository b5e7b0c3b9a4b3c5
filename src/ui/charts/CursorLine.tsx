import { useEffect } from "react";
import classes from "./charts.module.css";
import { pointAt, useCursor } from "./cursor.ts";

/** Tells the other charts where this one is pointed at. null: nowhere */
export function usePointed(chart: string, x: number | null): void {
  useEffect(() => pointAt(chart, x), [chart, x]);
  useEffect(() => () => pointAt(chart, null), [chart]);
}

interface CursorLineProps {
  readonly chart: string;
  /** Of the axis, from 0. */
  readonly end: number;
  /** Pixels from the chart's edges to the plot. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** What the curves are at x, in a word or two. */
  reading?(x: number): string;
}

/** A thin line where another chart is pointed at. */
export function CursorLine({ chart, end, left, right, top, bottom, reading }: CursorLineProps) {
  const x = useCursor((s) => (s.chart === chart ? null : s.x));
  if (x === null || x > end) return null;
  const share = x / end;
  return (
    <div
      className={classes.cursorRoom}
      style={{ inset: `${top}px ${right}px ${bottom}px ${left}px` }}
      aria-hidden="true"
    >
      <div className={classes.cursor} data-cursor style={{ left: `${100 * share}%` }}>
        {reading && <span data-leftward={share > 0.6 || undefined}>{reading(x)}</span>}
      </div>
    </div>
  );
}
