import fc from "fast-check";
import { expect, test } from "vitest";
import { framed, wrapped } from "../../../src/ui/runs/picture.ts";

const chart = {
  text: '<svg viewBox="0 0 600 200" width="600" height="200"><path d="M0 0"/></svg>',
  width: 600,
  height: 200,
};
const style = { colour: "#0072B2", dash: "8 3" };
const caption = {
  title: "Return <of> an episode",
  description: "Latest: mean 3.",
  legend: ["A2C & more", "A3C · straggler 1", "a".repeat(60), "last"].map((label) => ({
    label,
    kind: "thin" as const,
    style,
  })),
  notes: ["A2C: ?v=1&seed=3"],
};

test("a picture names its lines, its axes' chart and its configurations, to the eye and to a screen reader", () => {
  const { text, width, height } = framed(chart, caption);
  expect(text).toContain("<title>Return &lt;of&gt; an episode</title>");
  expect(text).toContain("<desc>Latest: mean 3.\nA2C: ?v=1&amp;seed=3</desc>");
  for (const label of ["A2C &amp; more", "A3C · straggler 1", "last"]) expect(text).toContain(`>${label}</text>`);
  expect(text.match(/stroke-dasharray="8 3"/g)).toHaveLength(4);
  expect(text).toContain('<path d="M0 0"/>');
  const inner = Number(/<svg y="(\d+)"/.exec(text)?.[1]);
  const places = [...text.matchAll(/<text x="(\d+(?:\.\d+)?)" y="(\d+)"[^>]*>([^<]*)</g)];
  for (const [, x, y, content] of places) {
    expect(Number(x) + 5.5 * content.length).toBeLessThanOrEqual(width);
    const above = Number(y) < inner;
    expect(above || Number(y) > inner + chart.height).toBe(true);
    expect(Number(y)).toBeLessThan(height);
  }
  expect(width).toBe(600);
});

test("a picture is XML whatever its words are", () => {
  const broken = "line\u000bend\0\ud800";
  const { text } = framed(
    { ...chart, text: chart.text.replace('d="M0 0"', `aria-label="${broken}" d="M0 0"`) },
    { title: broken, description: broken, legend: [{ label: broken, kind: "dot", style }], notes: [broken] },
  );
  expect(text).not.toMatch(/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
});

test("a wrapped text loses nothing, and no line is too long", () => {
  expect(wrapped("v=1&seed=3&lr=0.01", 9)).toEqual(["v=1&", "seed=3&", "lr=0.01"]);
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z&,=]{0,200}$/), fc.integer({ min: 5, max: 40 }), (text, most) => {
      const lines = wrapped(text, most);
      expect(lines.join("")).toBe(text);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(most);
    }),
  );
});
