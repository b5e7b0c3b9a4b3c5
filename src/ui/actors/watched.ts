/** The one environment copy that a person watches: drawn in front of its actor, and what Insides is about. */
import { create } from "zustand";
import { isScenery, type Mark, type Point, type View } from "../../envs/environment.ts";

export interface Watched {
  readonly actor: number;
  readonly copy: number;
}

export const useWatched = create<Watched>()(() => ({ actor: 0, copy: 0 }));

export const watch = (actor: number, copy: number): void => useWatched.setState({ actor, copy });

/** The copy of an actor that is in front: the watched one, otherwise the first. */
export const frontOf = ({ actor, copy }: Watched, index: number, copies: number): number =>
  actor === index && copy < copies ? copy : 0;

/** Metres from a point to a stretch. */
function toStretch([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const share = ((x - ax) * dx + (y - ay) * dy) / Math.max(1e-12, dx * dx + dy * dy);
  const t = Math.max(0, Math.min(1, share));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

const toStretches = (point: Point, points: readonly Point[]): number =>
  points.slice(1).reduce((least, to, i) => Math.min(least, toStretch(point, points[i], to)), Number.POSITIVE_INFINITY);

/** Metres from a point to a mark that moves with the state, or to its edge; infinite for all others. */
function distanceTo(mark: Mark, point: Point): number {
  if (isScenery(mark) || mark.tone === "action") return Number.POSITIVE_INFINITY;
  const [x, y] = point;
  switch (mark.kind) {
    case "disc":
    case "turn":
      return Math.hypot(x - mark.centre[0], y - mark.centre[1]);
    case "box": {
      const beyond = (at: number, centre: number, size: number) => Math.max(0, Math.abs(at - centre) - size / 2);
      return Math.hypot(beyond(x, mark.centre[0], mark.size[0]), beyond(y, mark.centre[1], mark.size[1]));
    }
    case "line":
    case "arrow":
      return toStretch(point, mark.from, mark.to);
    case "path":
      return toStretches(point, mark.points);
    case "area":
      return toStretches(point, [...mark.points, mark.points[0]]);
    default:
      return mark satisfies never;
  }
}

/** How near to a mark a press counts as on it: of the width of the view. */
const REACH = 0.03;

/** The copy whose sketch is pressed, the one in front where it is as near as any; null where the press is beside all. */
export function copyAt(
  sketches: readonly (readonly Mark[])[],
  front: number,
  point: Point,
  { left, right }: Pick<View, "left" | "right">,
): number | null {
  const distances = sketches.map((marks) => Math.min(...marks.map((mark) => distanceTo(mark, point))));
  const least = Math.min(...distances);
  if (!(least <= REACH * (right - left))) return null;
  return distances[front] <= least ? front : distances.indexOf(least);
}

/** Where what moves is, from left to right: the middle of it; m. */
export function middleOf(marks: readonly Mark[]): number {
  const at = marks.flatMap((mark) => (mark.tone === "moving" ? xsOf(mark) : []));
  return at.reduce((sum, x) => sum + x, 0) / Math.max(1, at.length);
}

function xsOf(mark: Mark): number[] {
  if ("centre" in mark) return [mark.centre[0]];
  if ("points" in mark) return mark.points.map(([x]) => x);
  return [mark.from[0], mark.to[0]];
}
