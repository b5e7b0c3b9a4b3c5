/**
 * Numbers as people write them: 0.5, 0,5, 20k, 2e4, 20 000, １２, −3.
 *
 * What a program writes means what a program reads, so that 1.000 is 1. Any other text is understood where it can be read in
 * one way only: "20,000" is twenty to some and twenty thousand to others.
 */

/** Decimal numbers as programs write them: no hex, no blanks, no "Infinity". */
const numeral = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** Characters of a text that a person wrote; what is longer is no number, and no list of them. */
export const LONGEST = 200;

/** The value of a decimal digit of any script: every script has its ten in a row. */
function digit(character: string): string {
  const code = character.codePointAt(0) as number;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before++;
  return String(before % 10);
}

/**
 * A text in the characters that a program would use: digits of any script, full-width forms and every kind of dash and blank
 * become those of ASCII, and what cannot be seen is left out. No blanks at its ends.
 */
export const plain = (text: string): string =>
  text
    .replace(/[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "")
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/(?!\d)\p{Nd}/gu, digit)
    .replace(/[\u2010-\u2015\u2212\ufe63]/g, "-")
    .replace(/[\u060c\u3001]/g, ",")
    .replaceAll("\u066b", ".")
    .replace(/[\u066c\u2019]/g, "'")
    .replace(/\s+/g, " ")
    .trim();

/** What digits with points, commas and marks between thousands can mean, as decimal numbers of a program. */
function decimals(body: string): string[] {
  if (/^(\d+\.?\d*|\.\d+)$/.test(body)) return [body];
  // 20 000, 20'000, 20_000
  if (/^[1-9]\d{0,2}([ '_])\d{3}(\1\d{3})*([.,]\d+)?$/.test(body))
    return [body.replace(/[ '_]/g, "").replace(",", ".")];
  // 1,234,567 and 1,234.5; 1.234.567 and 1.234,5
  if (/^[1-9]\d{0,2}(,\d{3}(,\d{3})+(\.\d+)?|,\d{3}\.\d+)$/.test(body)) return [body.replaceAll(",", "")];
  if (/^[1-9]\d{0,2}(\.\d{3}(\.\d{3})+(,\d+)?|\.\d{3},\d+)$/.test(body))
    return [body.replaceAll(".", "").replace(",", ".")];
  if (!/^\d*,\d+$/.test(body)) return [];
  const isGroup = /^[1-9]\d{0,2},\d{3}$/.test(body);
  return isGroup ? [body.replace(",", "."), body.replace(",", "")] : [body.replace(",", ".")];
}

const prefixes = { k: 3, K: 3, M: 6 } as const;

/** The numbers that a text can mean: none, one, or two where it is unclear. */
export function readingsOf(text: string): number[] {
  if (numeral.test(text)) return [Number(text)];
  if (text.length > LONGEST) return [];
  const match = /^([+-]?)([\d., '_]+?)(?:e([+-]?\d+))?(?: ?([kKM]))?$/i.exec(plain(text));
  if (!match) return [];
  const [, sign, body, exponent = "0", prefix] = match;
  if (prefix !== undefined && !(prefix in prefixes)) return []; // m is no million everywhere
  const shift = Number(exponent) + (prefix === undefined ? 0 : prefixes[prefix as keyof typeof prefixes]);
  return [...new Set(decimals(body).map((decimal) => Number(`${sign}${decimal}e${shift}`)))];
}

/** One sentence about a text that can be read in two ways. */
export const unclear = (text: string, readings: readonly (number | string)[]): string =>
  `"${text.trim()}" is ${readings.join(" or ")}: write which`;
