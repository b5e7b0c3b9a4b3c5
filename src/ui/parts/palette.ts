/**
 * Okabe & Ito's colours, which people with any colour vision tell apart (jfly.uni-koeln.de/color). The same in light and
 * dark. The first four keep a contrast of 3:1 on both surfaces.
 */
export const okabeIto = {
  blue: "#0072B2",
  vermillion: "#D55E00",
  green: "#009E73",
  purple: "#CC79A7",
  orange: "#E69F00",
  sky: "#56B4E9",
  yellow: "#F0E442",
} as const;

const order = Object.values(okabeIto);

/** An actor keeps its colour everywhere. */
export const actorColour = (index: number): string => order[index % order.length];

/** How a run's line is drawn; a run keeps it everywhere. */
export interface LineStyle {
  readonly colour: string;
  /** As SVG's stroke-dasharray; undefined: solid. */
  readonly dash: string | undefined;
}

/** Yellow does not show as a line on a light surface. */
const lineColours = order.filter((colour) => colour !== okabeIto.yellow);
const dashes = [undefined, "8 3", "8 3 2 3"] as const;

/** Styles that can be told apart. */
export const LINE_STYLES = lineColours.length * dashes.length;

/** Beyond the colours, the same ones dashed. */
export const lineStyle = (index: number): LineStyle => ({
  colour: lineColours[index % lineColours.length],
  dash: dashes[Math.floor(index / lineColours.length) % dashes.length],
});
