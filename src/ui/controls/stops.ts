/**
 * The values that a slider stops at, in order. A position of the slider is an index into them, so that one press of an
 * arrow key is one sensible step on any scale. A value between two stops has a fractional position.
 */
import type { Control } from "../../core/params.ts";

type SliderControl = Extract<Control, { type: "slider" }>;

/** Decades that a log scale with minimum 0 shows above its left end. */
const DECADES_ABOVE_ZERO = 5;
/** A slider with more stops than this could not be set by hand. */
const MOST_STOPS = 1000;

const mantissas = [1, 1.2, 1.5, 1.7, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9];

/** The nearest 1, 2 or 5 × 10^k at or below x. */
function niceStep(x: number): number {
  const decade = 10 ** Math.floor(Math.log10(x) + 1e-9);
  const m = x / decade + 1e-9;
  return Number((decade * (m >= 5 ? 5 : m >= 2 ? 2 : 1)).toPrecision(1));
}

const clean = (x: number) => Number(x.toPrecision(10));

function linear({ min, max, step }: SliderControl, whole: boolean): number[] {
  const by = whole ? Math.max(1, Math.round(step)) : niceStep(step || (max - min) / 200);
  if ((max - min) / by > MOST_STOPS) return [];
  const stops = [min];
  for (let k = Math.floor(min / by) + 1; clean(k * by) < max; k++) stops.push(clean(k * by));
  stops.push(max);
  return stops;
}

function logarithmic({ min, max }: SliderControl, whole: boolean): number[] {
  const least = min > 0 ? min : whole ? 1 : max / 10 ** DECADES_ABOVE_ZERO;
  const stops = new Set([min, max]);
  for (let k = Math.floor(Math.log10(least)); k <= Math.ceil(Math.log10(max)); k++)
    for (const m of mantissas) {
      const x = Number(`${m}e${k}`);
      if (x >= least && x <= max && (!whole || Number.isInteger(x))) stops.add(x);
    }
  if (whole) for (let x = 1; x <= Math.min(max, 65_536); x *= 2) if (x >= least) stops.add(x);
  return [...stops].sort((a, b) => a - b);
}

/** Empty when no slider would be of use (a seed of 32 bits). The last stop of an open slider is Infinity. */
export function stopsOf(control: SliderControl, whole: boolean): number[] {
  const stops = control.scale === "log" ? logarithmic(control, whole) : linear(control, whole);
  return control.open ? [...stops, Number.POSITIVE_INFINITY] : stops;
}

/** The position of a value: [0, stops.length − 1], fractional between two stops. */
export function positionOf(stops: readonly number[], value: number): number {
  const right = stops.findIndex((stop) => stop >= value);
  if (right < 0) return stops.length - 1;
  if (right === 0 || stops[right] === value) return right;
  const [a, b] = [stops[right - 1], stops[right]];
  return right - 1 + (value - a) / (b - a);
}

export const valueAt = (stops: readonly number[], position: number): number =>
  stops[Math.min(stops.length - 1, Math.max(0, Math.round(position)))];

/** The next stop above or below a value. */
export function neighbour(stops: readonly number[], value: number, direction: 1 | -1): number {
  const at = positionOf(stops, value);
  return valueAt(stops, direction > 0 ? Math.floor(at + 1) : Math.ceil(at - 1));
}
