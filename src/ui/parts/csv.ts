/** Tables as text, RFC 4180, safe to open in a spreadsheet. */

/** Text that begins like this is a formula to a spreadsheet. */
const formula = /^\s*[=+\-−@＝＋－＠\t\r\n]/;

/** A number stays one, and is nothing where it is none. A text that would be a formula gets the apostrophe that makes it text. */
function cell(x: number | string | undefined): string {
  if (typeof x !== "string") return x === undefined || Number.isNaN(x) ? "" : String(x);
  const text = formula.test(x) ? `'${x}` : x;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const toTable = (rows: readonly (readonly (number | string | undefined)[])[]): string =>
  rows.map((row) => row.map(cell).join(",")).join("\n");
