/** The name a person probably meant. */

/** Levenshtein distance. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

/** Edits between a name and what was meant by it, at most. */
const MOST_EDITS = 2;

const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");

/**
 * The name closest to `text`, by spelling or by its label ("learning_rate" is lr); null when nothing is near.
 * byLabel: [name, label]
 */
export function closest(
  text: string,
  names: readonly string[],
  byLabel: readonly (readonly [string, string])[] = [],
): string | null {
  const wanted = plain(text);
  if (wanted === "") return null;
  let nearest: string | null = null;
  let best = Math.min(MOST_EDITS, Math.floor(wanted.length / 2)) + 1;
  for (const [name, text] of [...names.map((name) => [name, name] as const), ...byLabel]) {
    const spelling = plain(text);
    // Whatever the letters, it takes an edit for each that is missing.
    if (Math.abs(spelling.length - wanted.length) >= best) continue;
    const far = distance(wanted, spelling);
    if (far < best) [nearest, best] = [name, far];
  }
  return nearest;
}
