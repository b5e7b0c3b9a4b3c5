/** What a page or slide shows of Cartpool: `embed=1`, and with `show` which parts. */
import { plain } from "../../core/numerals.ts";

export const embedParts = ["numbers", "curve", "actors"] as const;
export type EmbedPart = (typeof embedParts)[number];
export type Embed = readonly EmbedPart[];

/** The value of `show`, or null where it names something else. */
export function parseShow(text: string): Embed | null {
  const parts = plain(text).toLowerCase().split(/ ?, ?/);
  const known = embedParts.filter((part) => parts.includes(part));
  return known.length > 0 && parts.every((part) => (embedParts as readonly string[]).includes(part)) ? known : null;
}

/** What an address says beside its run, with a leading "&". */
export const embedQuery = (show: Embed): string =>
  show.length === embedParts.length ? "&embed=1" : `&embed=1&show=${show.join(",")}`;

/** The code for a page: a frame with the run in it. */
export const embedCode = (address: string, show: Embed): string => {
  const [query, hash] = address.split("#");
  const joined = query.includes("?") ? `${query}${embedQuery(show)}` : `${query}?${embedQuery(show).slice(1)}`;
  const source = `${joined}${hash === undefined ? "" : `#${hash}`}`.replaceAll("&", "&amp;");
  return `<iframe src="${source}" width="720" height="480" title="Cartpool" allow="cross-origin-isolated"></iframe>`;
};
