/** Draws the copies of one actor on a canvas, through the sketch of their environment. */
import { isScenery, type Mark, type Point, type Tone, type View } from "../../envs/environment.ts";

export interface Colours {
  ink: string;
  muted: string;
  line: string;
  surface: string;
  /** Of ground that fills a part of the picture. */
  land: string;
}

/** Copies that are drawn faintly behind the first. */
const GHOSTS = 15;

/** Maps world units (m, y up) onto the canvas, with the whole view inside and the same scale in x and y, which it returns. */
function placeWorld(
  context: CanvasRenderingContext2D,
  view: View,
  width: number,
  height: number,
  ratio: number,
): number {
  const scale = Math.min(width / (view.right - view.left), height / (view.top - view.bottom));
  const x = width / 2 - (scale * (view.left + view.right)) / 2;
  const y = height / 2 + (scale * (view.top + view.bottom)) / 2;
  context.setTransform(ratio * scale, 0, 0, -ratio * scale, ratio * x, ratio * y);
  return scale;
}

function trace(context: CanvasRenderingContext2D, points: readonly Point[]): void {
  context.beginPath();
  for (const point of points) context.lineTo(...point);
}

/** Widths of an arrow's line that its head is long, and what the line ends before its tip. */
const HEAD = 3.2;
const SHORTER = 2;

/** The head of an arrow that ends at `tip` and points in a direction (rad). */
function head(context: CanvasRenderingContext2D, [x, y]: Point, direction: number, width: number): void {
  const at = (turned: number): Point => [
    x - HEAD * width * Math.cos(direction + turned),
    y - HEAD * width * Math.sin(direction + turned),
  ];
  trace(context, [at(0.5), [x, y], at(-0.5)]);
  context.fill();
}
/** A straight arrow, of the line width that is set. */
function arrow(context: CanvasRenderingContext2D, from: Point, to: Point): void {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const direction = Math.atan2(dy, dx);
  const width = context.lineWidth;
  const length = Math.max(0, Math.hypot(dx, dy) - SHORTER * width);
  trace(context, [from, [from[0] + length * Math.cos(direction), from[1] + length * Math.sin(direction)]]);
  context.stroke();
  head(context, to, direction, width);
}

/** An arrow along a circle, likewise. */
function turn(context: CanvasRenderingContext2D, { centre, radius, from, to }: Extract<Mark, { kind: "turn" }>): void {
  const width = context.lineWidth;
  const sign = Math.sign(to - from);
  const length = Math.max(0, Math.abs(to - from) - (SHORTER * width) / radius);
  context.beginPath();
  context.arc(...centre, radius, from, from + sign * length, sign < 0);
  context.stroke();
  const tip: Point = [centre[0] + radius * Math.cos(to), centre[1] + radius * Math.sin(to)];
  // Along the chord of the head.
  head(context, tip, to + sign * (Math.PI / 2 - (HEAD * width) / (2 * radius)), width);
}

/** @param hairline width of the finest line that is drawn, m */
function draw(context: CanvasRenderingContext2D, mark: Mark, colour: string, hairline: number): void {
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineCap = mark.tone === "moving" || mark.tone === "body" ? "round" : "butt";
  context.lineJoin = "round";
  if ("width" in mark) context.lineWidth = Math.max(mark.width, hairline);
  switch (mark.kind) {
    case "box": {
      const [[x, y], [w, h]] = [mark.centre, mark.size];
      context.fillRect(x - w / 2, y - h / 2, w, h);
      break;
    }
    case "disc":
      context.beginPath();
      context.arc(...mark.centre, mark.radius, 0, 2 * Math.PI);
      context.fill();
      break;
    case "line":
    case "path":
      trace(context, mark.kind === "line" ? [mark.from, mark.to] : mark.points);
      context.stroke();
      break;
    case "area":
      trace(context, mark.points);
      context.fill();
      break;
    case "arrow":
      arrow(context, mark.from, mark.to);
      break;
    case "turn":
      turn(context, mark);
      break;
    default:
      mark satisfies never;
  }
}

export interface Scene {
  view: View;
  /** Marks of the first copy. */
  first: readonly Mark[];
  /** Marks of another copy, asked for one at a time. */
  ghosts: number;
  ghost(index: number): readonly Mark[];
  colour: string;
  colours: Colours;
}

/** Everything of one actor. width, height: CSS pixels; ratio: device pixels a CSS pixel. */
export function drawScene(
  context: CanvasRenderingContext2D,
  { view, first, ghosts, ghost, colour, colours }: Scene,
  width: number,
  height: number,
  ratio: number,
): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width * ratio, height * ratio);
  const hairline = 1 / placeWorld(context, view, width, height, ratio);
  const tones: Record<Tone, string> = {
    land: colours.land,
    ground: colours.muted,
    limit: colours.line,
    goal: colours.muted,
    body: colours.ink,
    moving: colour,
    joint: colours.surface,
    action: colours.ink,
  };
  for (const mark of first) if (isScenery(mark)) draw(context, mark, tones[mark.tone], hairline);
  const shown = Math.min(ghosts, GHOSTS);
  context.globalAlpha = shown > 7 ? 0.16 : 0.24;
  for (let i = 0; i < shown; i++)
    for (const mark of ghost(i)) {
      if (mark.tone === "moving") draw(context, mark, colour, hairline);
      else if (mark.tone === "body") draw(context, mark, colours.muted, hairline);
    }
  context.globalAlpha = 1;
  for (const mark of first) if (!isScenery(mark)) draw(context, mark, tones[mark.tone], hairline);
}
