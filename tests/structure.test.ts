/** Imports run downward only: layer by layer, and room by room in the runtime. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

/** What each may import, beside itself: everything before it. */
const layers = ["core", "envs", "returns", "nn", "algorithms", "runtime", "bench", "ui"];
const rooms = ["plan", "shared", "memory", "learning", "acting", "engines", "seen", "threads"];
/** These are as high as each other. */
const level: Readonly<Record<string, number>> = { envs: 1, returns: 1, nn: 1 };

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
const imports: Import[] = files.flatMap((from) =>
  [...readFileSync(join("src", from), "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, to]) => ({
    from,
    to: normalize(join(dirname(from), to)),
  })),
);

/** Those that lead from a part of a list to a later one; `at` is where its name stands in a path. */
const upward = (order: readonly string[], at: number, of = imports): string[] => {
  const rank = (path: string) => {
    const name = path.split("/")[at];
    return level[name] ?? order.indexOf(name);
  };
  return of.filter(({ from, to }) => rank(from) >= 0 && rank(to) > rank(from)).map(({ from, to }) => `${from} → ${to}`);
};

describe("imports run downward only", () => {
  test("between layers", () => {
    expect(imports.length).toBeGreaterThan(1000);
    expect(upward(layers, 0)).toEqual([]);
    for (const layer of layers)
      expect(
        files.some((name) => name.startsWith(`${layer}/`)),
        layer,
      ).toBe(true);
  });

  test("between the rooms of the runtime, and nothing stands outside of one", () => {
    const own = imports.filter(({ from, to }) => from.startsWith("runtime/") && to.startsWith("runtime/"));
    expect(own.length).toBeGreaterThan(100);
    expect(upward(rooms, 1, own)).toEqual([]);
    const outside = files.filter((name) => name.startsWith("runtime/") && !rooms.includes(name.split("/")[1]));
    expect(outside).toEqual([]);
  });
});
