import fc from "fast-check";
import { expect, test } from "vitest";
import { oneLine, xmlSafe } from "../../src/core/text.ts";

const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[a-z\n\v\0\u2028\ud800\udc00 ]*$/u));

test("a name stands on one line", () => {
  expect(oneLine(" PowerPoint\u000bline\r\nend\ttab\u2028 ", 80)).toBe("PowerPoint line end tab");
  expect(oneLine("a\0\u0085b\u202ec\ud83d\ufffe", 80)).toBe("a b c");
  expect(oneLine("学習 一, تجربة, 👩‍🔬, می‌خواهم", 80)).toBe("学習 一, تجربة, 👩‍🔬, می‌خواهم");
  expect(oneLine("abc👩", 4)).toBe("abc");
  fc.assert(
    fc.property(anyText, fc.integer({ min: 0, max: 90 }), (text, most) => {
      const line = oneLine(text, most);
      expect(line.length).toBeLessThanOrEqual(most);
      expect(line.isWellFormed()).toBe(true);
      expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(oneLine(line, most)).toBe(line);
    }),
  );
});

test("a text is what XML allows, and nothing legal is lost", () => {
  expect(xmlSafe("a\u000bb\0\ud800\uffff👩\t\n")).toBe("a\ufffdb\ufffd\ufffd\ufffd👩\t\n");
  fc.assert(
    fc.property(anyText, (text) => {
      // w3.org/TR/xml: Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]
      for (const character of xmlSafe(text)) {
        const code = character.codePointAt(0) as number;
        const isLegal =
          [9, 10, 13].includes(code) || (code >= 0x20 && code < 0xd800) || (code > 0xdfff && code < 0xfffe);
        expect(isLegal || code > 0xffff).toBe(true);
      }
      expect(xmlSafe(xmlSafe(text))).toBe(xmlSafe(text));
    }),
  );
});
