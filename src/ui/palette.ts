/**
 * Okabe & Ito's colours, which people with any colour vision tell apart (jfly.uni-koeln.de/color). The same in light and
 * dark. The first four keep a contrast of 3:1 on both surfaces, so lines use those.
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
