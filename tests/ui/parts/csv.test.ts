import fc from "fast-check";
import { expect, test } from "vitest";
import { toTable } from "../../../src/ui/parts/csv.ts";

/** RFC 4180, read by hand. */
function read(text: string): string[][] {
  const rows: string[][] = [[""]];
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const row = rows[rows.length - 1];
    const c = text[i];
    if (quoted && c === '"' && text[i + 1] === '"') row[row.length - 1] += text[++i];
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === ",") row.push("");
    else if (!quoted && c === "\n") rows.push([""]);
    else row[row.length - 1] += c;
  }
  return rows;
}

test("numbers stay numbers, and nothing stands for what is none", () => {
  expect(toTable([[-5, 0.1, 1e-7, Number.NaN, undefined, ""]])).toBe("-5,0.1,1e-7,,,");
});

test.each(["=1+1", "+1", "-5", "−5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", '=HYPERLINK("http://x")', "=,"])(
  "%j is no formula",
  (text) => expect(read(toTable([[text]]))).toEqual([[`'${text}`]]),
);

test("every cell comes back as it was, or as the text that it is", () => {
  const cell = fc.oneof(fc.string(), fc.stringMatching(/^[=+\-@",\r\n\ta]*$/), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }), (rows) => {
      const back = read(toTable(rows));
      for (const [r, row] of rows.entries())
        for (const [c, x] of row.entries()) {
          expect([String(x), `'${x}`]).toContain(back[r][c]);
          if (typeof x === "string") expect(back[r][c]).not.toMatch(/^\s*[=+\-@]/);
        }
    }),
  );
});
