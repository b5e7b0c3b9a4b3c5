/** The reward curve as a picture: the chart's own SVG with the page's colours written into it. */

/** CSS variables that the chart uses, resolved. */
function resolved(svg: SVGSVGElement): string {
  const style = getComputedStyle(document.documentElement);
  const text = new XMLSerializer().serializeToString(svg);
  return text.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim() || "currentColor");
}

/** null where no chart is on the page. */
export function chartSvg(): { text: string; width: number; height: number } | null {
  const chart = document.querySelector<SVGSVGElement>("[data-chart=return] svg.recharts-surface");
  if (!chart) return null;
  const { width, height } = chart.getBoundingClientRect();
  const copy = chart.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("font-family", "Inter, Helvetica, Arial, sans-serif");
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ground.setAttribute("width", "100%");
  ground.setAttribute("height", "100%");
  ground.setAttribute("fill", "var(--surface)");
  copy.prepend(ground);
  return { text: resolved(copy), width, height };
}

/** The same in pixels, two for each of the page's. */
export async function chartPng(): Promise<Blob | null> {
  const svg = chartSvg();
  if (!svg) return null;
  const address = URL.createObjectURL(new Blob([svg.text], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(2 * svg.width, 2 * svg.height);
    const context = canvas.getContext("2d");
    context?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: "image/png" });
  } finally {
    URL.revokeObjectURL(address);
  }
}
