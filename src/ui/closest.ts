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
  const candidates = [...names.map((name) => [name, name] as const), ...byLabel].map(
    ([name, spelling]) => [name, distance(wanted, plain(spelling))] as const,
  );
  const [name, far] = candidates.reduce((best, c) => (c[1] < best[1] ? c : best), ["", Infinity] as const);
  return far <= Math.min(2, Math.floor(wanted.length / 2)) ? name : null;
}
