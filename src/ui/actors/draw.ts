/** Draws the copies of one actor on a canvas, through the sketch of their environment. */
import type { Mark, Tone, View } from "../../envs/environment.ts";

export interface Colours {
  ink: string;
  muted: string;
  line: string;
  surface: string;
}

/** Copies that are drawn faintly behind the first. */
const GHOSTS = 15;

/** Maps world units (m, y up) onto the canvas, with the whole view inside and the same scale in x and y. */
function placeWorld(context: CanvasRenderingContext2D, view: View, width: number, height: number, ratio: number): void {
  const scale = Math.min(width / (view.right - view.left), height / (view.top - view.bottom));
  const x = width / 2 - (scale * (view.left + view.right)) / 2;
  const y = height / 2 + (scale * (view.top + view.bottom)) / 2;
  context.setTransform(ratio * scale, 0, 0, -ratio * scale, ratio * x, ratio * y);
}

function draw(context: CanvasRenderingContext2D, mark: Mark, colour: string): void {
  context.fillStyle = colour;
  context.strokeStyle = colour;
  if (mark.kind === "box") {
    const [[x, y], [w, h]] = [mark.centre, mark.size];
    context.fillRect(x - w / 2, y - h / 2, w, h);
    return;
  }
  context.beginPath();
  if (mark.kind === "disc") {
    context.arc(...mark.centre, mark.radius, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  context.lineWidth = mark.width;
  context.lineCap = mark.tone === "moving" ? "round" : "butt";
  context.moveTo(...mark.from);
  context.lineTo(...mark.to);
  context.stroke();
}

const isScenery = (tone: Tone) => tone === "ground" || tone === "limit";

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
  placeWorld(context, view, width, height, ratio);
  const tones: Record<Tone, string> = {
    ground: colours.muted,
    limit: colours.line,
    body: colours.ink,
    moving: colour,
    joint: colours.surface,
  };
  for (const mark of first) if (isScenery(mark.tone)) draw(context, mark, tones[mark.tone]);
  const shown = Math.min(ghosts, GHOSTS);
  context.globalAlpha = shown > 7 ? 0.16 : 0.24;
  for (let i = 0; i < shown; i++)
    for (const mark of ghost(i)) {
      if (mark.tone === "moving") draw(context, mark, colour);
      else if (mark.tone === "body") draw(context, mark, colours.muted);
    }
  context.globalAlpha = 1;
  for (const mark of first) if (!isScenery(mark.tone)) draw(context, mark, tones[mark.tone]);
}
