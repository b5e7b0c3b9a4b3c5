/** The reward curve as a picture: the chart's own SVG with its caption, and the page's colours written into it. */
import { type Caption, framed } from "./picture.ts";

/** CSS variables that the chart uses, resolved. */
function resolved(text: string): string {
  const style = getComputedStyle(document.documentElement);
  return text.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim() || "currentColor");
}

/** Throws where no chart is on the page. */
export function chartSvg(caption: Caption): { text: string; width: number; height: number } {
  const chart = document.querySelector<SVGSVGElement>("[data-chart=return] svg.recharts-surface");
  if (!chart) throw new Error("there is no curve on the page; train or open a run first");
  const { width, height } = chart.getBoundingClientRect();
  const copy = chart.cloneNode(true) as SVGSVGElement;
  for (const name of ["style", "class", "role", "tabindex", "aria-label"]) copy.removeAttribute(name);
  for (const empty of copy.querySelectorAll(":scope > title, :scope > desc")) empty.remove();
  const picture = framed({ text: new XMLSerializer().serializeToString(copy), width, height }, caption);
  return { ...picture, text: resolved(picture.text) };
}

/** The same in pixels, two for each of the page's. */
export async function chartPng(caption: Caption): Promise<Blob> {
  const svg = chartSvg(caption);
  const address = URL.createObjectURL(new Blob([svg.text], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(2 * svg.width, 2 * svg.height);
    const context = canvas.getContext("2d");
    if (!context) throw new Error("the browser has no canvas to draw it on");
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: "image/png" });
  } finally {
    URL.revokeObjectURL(address);
  }
}
