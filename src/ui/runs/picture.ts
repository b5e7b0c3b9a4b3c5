/** A chart as a picture that explains itself: title above, legend, configurations below. Pure. */
import { xmlSafe } from "../../core/text.ts";
import type { LineStyle } from "../parts/palette.ts";

/** A line of the legend. band: from least to greatest, dot: single points */
export interface Entry {
  readonly label: string;
  readonly kind: "bold" | "thin" | "band" | "dot";
  readonly style: LineStyle;
}

export interface Caption {
  readonly title: string;
  /** For those who do not see the picture. */
  readonly description: string;
  readonly legend: readonly Entry[];
  /** Small, below: which run is which configuration. */
  readonly notes: readonly string[];
}

interface Chart {
  /** An svg element. */
  readonly text: string;
  readonly width: number;
  readonly height: number;
}

/** Pixels. */
const PAD = 16;
const SWATCH = 26;
const ROW = 18;
const NOTE = 13;
/** Pixels of a character on average, rather too many: 12 px and 10 px text. */
const CHARACTER = 6.6;
const SMALL = 5.8;

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] as string);

/** A text in lines of at most `most` characters, broken where a query or a sentence can be. */
export function wrapped(text: string, most: number): string[] {
  const lines = [""];
  for (const part of text.split(/(?<=[ &,])/)) {
    for (let rest = part; rest !== ""; ) {
      const room = most - lines[lines.length - 1].length;
      if (rest.length <= room) {
        lines[lines.length - 1] += rest;
        break;
      }
      // What is longer than a line is cut.
      const cut = rest.length > most ? room : 0;
      lines[lines.length - 1] += rest.slice(0, cut);
      rest = rest.slice(cut);
      lines.push("");
    }
  }
  return lines.map((line) => line.trimEnd()).filter(Boolean);
}

function swatch({ kind, style: { colour, dash } }: Entry): string {
  const line = (width: number, opacity = 1) =>
    `<path d="M0 -4h20" stroke="${colour}" stroke-width="${width}" stroke-opacity="${opacity}"${dash ? ` stroke-dasharray="${dash}"` : ""}/>`;
  if (kind === "dot") return `<circle cx="10" cy="-4" r="3" fill="${colour}"/>`;
  if (kind === "band") return `<path d="M0 -9h20v10H0z" fill="${colour}" opacity="0.16"/>${line(1, 0.55)}`;
  return line(kind === "bold" ? 2.5 : 1.75);
}

/** The chart with its caption, in the chart's width. */
export function framed(chart: Chart, { title, description, legend, notes }: Caption): Chart {
  const { width } = chart;
  const text = (x: number, y: number, size: number, content: string, more = "") =>
    `<text x="${x}" y="${y}" font-size="${size}" fill="var(--${more ? "ink" : "muted"})"${more}>${escaped(content)}</text>`;
  const parts: string[] = [];
  let y = PAD;
  for (const line of wrapped(title, Math.floor((width - 2 * PAD) / 8))) {
    y += 14;
    parts.push(text(PAD, y, 14, line, ' font-weight="600"'));
    y += 4;
  }
  let x = PAD;
  y += ROW;
  for (const entry of legend) {
    const room = SWATCH + entry.label.length * CHARACTER + 14;
    if (x > PAD && x + room > width - PAD) {
      x = PAD;
      y += ROW;
    }
    parts.push(`<g transform="translate(${x} ${y})">${swatch(entry)}</g>${text(x + SWATCH, y, 12, entry.label, " ")}`);
    x += room;
  }
  y += 8;
  parts.push(chart.text.replace(/^<svg /, `<svg y="${y}" `));
  y += chart.height + 4;
  for (const line of notes.flatMap((note) => wrapped(note, Math.floor((width - 2 * PAD) / SMALL)))) {
    y += NOTE;
    parts.push(text(PAD, y, 10, line));
  }
  const height = Math.ceil(y + PAD / 2);
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="Inter, Helvetica, Arial, sans-serif">`;
  const said = [description, ...notes].map(escaped).join("\n");
  const ground = `<rect width="100%" height="100%" fill="var(--surface)"/>`;
  return {
    text: xmlSafe(`${open}<title>${escaped(title)}</title><desc>${said}</desc>${ground}${parts.join("")}</svg>`),
    width,
    height,
  };
}
