/** Text of a person, made fit for where it goes. */

/** Controls, line ends, halves of a surrogate pair, what is no character, and marks that turn the direction of what follows. */
const unprintable = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** A text on one line, without blanks at its ends: what cannot stand on a line becomes a blank. Of at most so many UTF-16 units. */
export function oneLine(text: string, most: number): string {
  const line = text.replace(unprintable, " ").trim();
  if (line.length <= most) return line;
  // Half of a pair is left out.
  return line
    .slice(0, most)
    .replace(/[\ud800-\udbff]$/, "")
    .trim();
}

/** A sentence as a part of another: without its capital and its full stop. */
export const clause = (sentence: string): string =>
  sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, "");

/** A text as XML 1.0 allows it: what has no place in a document becomes a replacement character. w3.org/TR/xml/#charsets */
export const xmlSafe = (text: string): string =>
  text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
