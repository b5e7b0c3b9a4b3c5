/** What files are called: in any script, and as every file system takes it. */

/** Bytes in UTF-8 of what a person says of a file. With what stands around it, it stays below the 143 of encrypted home folders. */
const MOST_BYTES = 96;

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

/** Letters, marks and digits of any script; everything else is a hyphen. */
function legible(label: string): string {
  const words = label.normalize("NFC").replace(/[^\p{L}\p{M}\p{N}._]+/gu, "-");
  let kept = "";
  let bytes = 0;
  for (const character of words.replace(/^[-._]+/, "")) {
    bytes += bytesOf(character);
    if (bytes > MOST_BYTES) break;
    kept += character;
  }
  return kept.replace(/[-._]+$/, "");
}

/** The word in front keeps it from being empty, hidden, or the name of a device. */
const named = (words: string, ending: string): string => `cartpool-${words || "run"}.${ending}`;

/** What a file is called, e.g. "cartpool-学習-一.csv". */
export const fileName = (label: string, ending: string): string => named(legible(label), ending);

/** A run as far as its files are called by it. */
interface Named {
  readonly id: string;
  readonly name: string;
}

/** Capitals and composition make no other file everywhere. */
const sameFile = (name: string) => legible(name).normalize("NFKC").toLowerCase();

/** What a file of a run is called: by the run's name, and by its id too where another run has the same or it has none. */
export function runFileName({ id, name }: Named, others: readonly Named[], ending: string): string {
  const isAlone = legible(name) !== "" && others.every((run) => run.id === id || sameFile(run.name) !== sameFile(name));
  const words = isAlone ? [name] : [name, id.slice(0, 8)];
  return named(words.map(legible).filter(Boolean).join("-"), ending);
}
