import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hash32 } from "../../../src/core/layout.ts";
import { MOST_EDITS } from "../../../src/runtime/plan/columns.ts";
import { lttb } from "../../../src/ui/charts/lttb.ts";
import { bucketWidth, CURVE_BUCKETS, thinReturns } from "../../../src/ui/charts/series.ts";
import { deflate, fromBase64Url, inflate, Reader, toBase64Url, Writer } from "../../../src/ui/share/bytes.ts";
import {
  LEVELS,
  packedIn,
  packRun,
  type SharedRun,
  sharedAddress,
  unpackRun,
  verdictOf,
} from "../../../src/ui/share/shared.ts";

const count = fc.integer({ min: 0, max: 2 ** 40 });
const hash = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((n) => n.toString(16).padStart(8, "0"));
const point = fc.record({
  envSteps: count,
  updates: count,
  seconds: fc.integer({ min: 0, max: 10 ** 8 }).map((ms) => ms / 1000),
  episodes: fc.integer({ min: 1, max: 5000 }),
  mean: fc.double({ min: -1e4, max: 1e4, noNaN: true }),
});
const run: fc.Arbitrary<SharedRun> = fc.record({
  configuration: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  envSteps: count,
  updates: count,
  seconds: fc.integer({ min: 0, max: 10 ** 8 }).map((ms) => ms / 1000),
  parametersHash: hash,
  returnsHash: hash,
  edits: fc
    .array(
      fc.record({
        update: fc.integer({ min: 0, max: 10 ** 6 }),
        key: fc.constantFrom("lr", "entropyCost", "actors"),
        value: fc.constantFrom("0.001", "drop", "3 replaced"),
      }),
      { maxLength: 20 },
    )
    .map((edits) => edits.sort((a, b) => a.update - b.update)),
  missing: fc.constantFrom(0, 0, 3000),
  curve: fc.array(point, { maxLength: 90 }).map((points) => points.sort((a, b) => a.envSteps - b.envSteps)),
});

describe("bytes", () => {
  test("numbers and words come back", () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.integer(),
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        fc.string(),
        (n, i, x, word) => {
          fc.pre(n < 2 ** 52);
          const reader = new Reader(new Writer().count(n).whole(i).real(x).word(word).done());
          expect([reader.count(), reader.whole(), reader.real(), reader.word()]).toEqual([
            n,
            i,
            x,
            word.toWellFormed(),
          ]);
          expect(reader.isAtEnd).toBe(true);
        },
      ),
    );
  });
  test("base64 for addresses and deflate come back, and a bomb is refused", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const text = toBase64Url(await deflate(Uint8Array.from(bytes)));
        expect(text).toMatch(/^[\w-]*$/);
        expect([...(await inflate(fromBase64Url(text), 1000))]).toEqual([...bytes]);
      }),
      { numRuns: 30 },
    );
    const bomb = await deflate(new Uint8Array(10_000_000));
    expect(bomb.length).toBeLessThan(20_000);
    await expect(inflate(bomb, 100_000)).rejects.toThrow("more than 100000 bytes");
  });
});

describe("a shared run", () => {
  const asDrawn = ({ curve }: SharedRun) => thinReturns(curve, bucketWidth(curve.at(-1)?.envSteps ?? 0, CURVE_BUCKETS));

  test("comes back, its curve as it is drawn, within half a level and half a tick", async () => {
    await fc.assert(
      fc.asyncProperty(run, async (shared) => {
        const back = await unpackRun(await packRun(shared));
        expect({ ...back, curve: [] }).toEqual({ ...shared, curve: [] });
        const curve = asDrawn(shared);
        const exact = (points: SharedRun["curve"]) => points.map(({ mean, seconds, ...rest }) => rest);
        expect(exact(back.curve)).toEqual(exact(curve));
        const end = curve.at(-1)?.seconds ?? 0;
        for (const [i, p] of back.curve.entries())
          expect(Math.abs(p.seconds - curve[i].seconds)).toBeLessThanOrEqual(0.0005 + end / 4000);
        const means = curve.map((p) => p.mean);
        const span = Math.max(1, ...means) - Math.min(0, ...means);
        for (const [i, p] of back.curve.entries())
          expect(Math.abs(p.mean - curve[i].mean)).toBeLessThanOrEqual(span * (0.5 / (LEVELS - 1) + 1e-6));
      }),
      { numRuns: 60 },
    );
  });

  test("a long curve fits an address that programs do not cut off", async () => {
    let noise = 1;
    const random = () => {
      noise = (noise * 16807) % 2147483647;
      return noise / 2147483647;
    };
    const curve = Array.from({ length: 500 }, (_, i) => ({
      envSteps: i * 400 + Math.floor(random() * 300),
      updates: i * 5,
      seconds: i / 300 + random() / 400,
      episodes: 1 + Math.floor(20 * random()),
      mean: 500 / (1 + Math.exp(-(i - 250) / 60)) + 60 * random(),
    }));
    const shared = {
      configuration: 123456789,
      envSteps: 2e5,
      updates: 2500,
      seconds: 1.7,
      parametersHash: "0badf00d",
      returnsHash: "ffffffff",
      edits: [],
      missing: 0,
      curve,
    };
    const address = await sharedAddress(
      "https://example.org/cartpool/?v=1&algo=a3c&lr=0.002&engine=simd",
      shared,
      1800,
    );
    expect(address.length).toBeLessThanOrEqual(1800);
    const back = await unpackRun(packedIn(new URL(address).hash)!);
    expect(back.curve.length).toBeGreaterThan(60);
    const byStep = new Map(asDrawn(shared).map((p) => [p.envSteps, p]));
    for (const p of back.curve) {
      const original = byStep.get(p.envSteps)!;
      expect(original.updates).toBe(p.updates);
      expect(Math.abs(p.mean - original.mean)).toBeLessThan(0.3);
    }
  });

  test("of a link that says nothing of episodes is read, every point with the same weight", async () => {
    // written by a page of format 1: two points of a run of seed 1
    const body = new Writer().count(1).count(7).count(90).count(9).count(1500).count(1).count(2).count(0);
    body.count(2).real(0).real(1023);
    for (const column of [
      [40, 50],
      [4, 5],
      [700, 800],
      [20, -9],
    ])
      for (const step of column) body.whole(step);
    const bytes = body.done();
    const whole = new Uint8Array([...new Writer().count(hash32(bytes)).done(), ...bytes]);
    const { curve } = await unpackRun(toBase64Url(await deflate(whole)));
    expect(curve).toEqual([
      { envSteps: 40, updates: 4, seconds: 0.7, episodes: 1, mean: 20 },
      { envSteps: 90, updates: 9, seconds: 1.5, episodes: 1, mean: 11 },
    ]);
  });

  test("whatever was done to it on the way, the page says so and goes on", async () => {
    const text = await packRun({
      configuration: 1,
      envSteps: 9,
      updates: 3,
      seconds: 1,
      parametersHash: "00000001",
      returnsHash: "00000002",
      edits: [{ update: 1, key: "lr", value: "0.1" }],
      missing: 0,
      curve: [{ envSteps: 3, updates: 1, seconds: 0.5, episodes: 2, mean: 20 }],
    });
    for (const broken of [
      text.slice(0, -3),
      "",
      "%%%",
      "AAAA",
      toBase64Url(await deflate(new Writer().count(7).done())),
    ])
      await expect(unpackRun(broken)).rejects.toThrow(/^The curve in this link cannot be read: it .*\./);
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom("A", "z", "0", "_"), async (at, letter) => {
        const changed = text.slice(0, at) + letter + text.slice(at + 1);
        const whole = await unpackRun(text);
        const read = await unpackRun(changed).catch((error) => {
          expect(error.message).toMatch(/^The curve in this link cannot be read/);
          return whole;
        });
        expect(read).toEqual(whole); // a change that means nothing, or one that is refused
      }),
      { numRuns: 60 },
    );
  });

  describe("that no link can carry", () => {
    const plain: SharedRun = {
      configuration: 1,
      envSteps: 9,
      updates: 300,
      seconds: 1,
      parametersHash: "00000001",
      returnsHash: "00000002",
      edits: [],
      missing: 0,
      curve: [],
    };
    const change = (update: number, key = "lr", value = "0.1") => ({ update, key, value });
    test.each([
      ["changes out of order", { edits: [change(169), change(159)] }, "not in the order"],
      ["too many changes", { edits: Array.from({ length: MOST_EDITS + 1 }, (_, i) => change(i)) }, "more than 4096"],
      ["a change of nothing", { edits: [change(1, "a b")] }, "nobody knows its change of a b"],
      ["a value that is too long", { edits: [change(1, "push", "x".repeat(101))] }, "nobody knows"],
      [
        "too many bytes",
        { edits: Array.from({ length: 2500 }, (_, i) => change(i, "push", `${i}`.padEnd(90, "x"))) },
        "too large for a link",
      ],
      ["a count that is none", { updates: -1 }, "not -1"],
      ["a time that is none", { seconds: Number.NaN }, "not NaN"],
    ])("is refused: %s", async (_, of, words) => {
      await expect(packRun({ ...plain, ...of })).rejects.toThrow(words);
    });
    test("all that fits comes back: as many changes as are remembered, the longest push", async () => {
      const edits = Array.from({ length: MOST_EDITS }, (_, i) => change(i, "lr", `0.00${i}`));
      const long = [change(7, "push", "actor 32 copy 256 step 256 by -0.42333333333333334")];
      for (const some of [edits, long])
        expect((await unpackRun(await packRun({ ...plain, edits: some }))).edits).toEqual(some);
    });
    test("a number that no page can hold is refused when it is read", () => {
      const nine = new Uint8Array([255, 255, 255, 255, 255, 255, 255, 127]);
      expect(() => new Reader(nine).count()).toThrow("it holds a number that is too large");
    });
  });

  test("is reproduced where both hashes are the same", () => {
    const shared = { updates: 10, parametersHash: "a", returnsHash: "b" } as unknown as SharedRun;
    expect(verdictOf(shared, true, null, 9)).toBeNull();
    expect(verdictOf(shared, true, { parametersHash: "a", returnsHash: "b" }, 12)).toBe("reproduced");
    expect(verdictOf(shared, true, { parametersHash: "a", returnsHash: "c" }, 12)).toBe("differs");
    expect(verdictOf(shared, false, { parametersHash: "x", returnsHash: "y" }, 12)).toBe("same configuration");
    expect(verdictOf(shared, false, null, 9)).toBeNull();
  });
});

describe("largest triangle three buckets", () => {
  const pick = (ys: number[], n: number) =>
    lttb(
      ys.map((y, x) => ({ x, y })),
      n,
      (p) => p.x,
      (p) => p.y,
    );
  test("keeps first, last and order, and never more than asked for", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { maxLength: 200 }),
        fc.integer({ min: 2, max: 60 }),
        (ys, n) => {
          const taken = pick(ys, n);
          expect(taken.length).toBe(Math.min(ys.length, n));
          if (ys.length === 0) return;
          expect(taken[0].x).toBe(0);
          expect(taken.at(-1)!.x).toBe(ys.length - 1);
          for (let i = 1; i < taken.length; i++) expect(taken[i].x).toBeGreaterThan(taken[i - 1].x);
        },
      ),
    );
  });
  test("keeps a peak that a mean would lose", () => {
    const ys = Array.from({ length: 1000 }, (_, i) => (i === 437 ? 100 : Math.sin(i / 100)));
    expect(pick(ys, 30).some(({ y }) => y === 100)).toBe(true);
  });
});
