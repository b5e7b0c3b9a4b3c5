import { describe, expect, test } from "vitest";
import { viewsOf } from "../../../src/core/layout.ts";
import { ParameterReader, ParameterWriter, parametersLayout } from "../../../src/runtime/shared/parameters.ts";
import { threads } from "../threads.ts";
import type { Seen, Stress } from "./parameters.thread.ts";

/** Fresh parameters, as formatMemory leaves them. */
function fresh(size: number, live: number, readers: number) {
  const of = parametersLayout(size, live, readers);
  const buffer = new SharedArrayBuffer(of.bytes);
  const views = viewsOf(of, buffer);
  views.version[0] = -1; // the first version is 0
  return { buffer, views };
}

describe("on one thread", () => {
  const pull = (reader: ParameterReader) => {
    const parameters = new Float32Array(3).fill(-7);
    const live = new Float64Array(2).fill(-7);
    const version = reader.pull(parameters, live);
    return { version, parameters: [...parameters], live: [...live] };
  };

  test("before the first publication there is nothing to pull", () => {
    const reader = new ParameterReader(fresh(3, 2, 1).views, 0);
    expect(reader.isPublished).toBe(false);
    expect(pull(reader)).toEqual({ version: -1, parameters: [-7, -7, -7], live: [-7, -7] });
  });

  test("versions count from 0; every reader pulls the latest, as often as it likes", () => {
    const { views } = fresh(3, 2, 2);
    const writer = new ParameterWriter(views);
    const readers = [new ParameterReader(views, 0), new ParameterReader(views, 1)];
    for (let v = 0; v < 5; v++) {
      writer.publish(Float32Array.of(v, Number.NaN, Number.POSITIVE_INFINITY), Float64Array.of(v, 0.1));
      for (const reader of readers)
        for (let again = 0; again < 2; again++)
          expect(pull(reader)).toEqual({
            version: v,
            parameters: [v, Number.NaN, Number.POSITIVE_INFINITY],
            live: [v, 0.1],
          });
    }
    expect([...views.pins]).toEqual([0, 0]);
  });

  test("versions go on beyond 2³¹ updates", () => {
    const { views } = fresh(3, 2, 1);
    const writer = new ParameterWriter(views);
    views.version[0] = 2 ** 31 - 2;
    const seen = [0, 1, 2].map((v) => {
      writer.publish(Float32Array.of(v, v, v), Float64Array.of(0, 0));
      return pull(new ParameterReader(views, 0));
    });
    expect(seen.map(({ version }) => version)).toEqual([2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1]);
    expect(seen.map(({ parameters }) => parameters[0])).toEqual([0, 1, 2]);
  });

  test("what the writer changes after publishing is not seen", () => {
    const { views } = fresh(3, 2, 1);
    const parameters = Float32Array.of(1, 2, 3);
    new ParameterWriter(views).publish(parameters, Float64Array.of(0, 0));
    parameters.fill(9);
    expect(pull(new ParameterReader(views, 0)).parameters).toEqual([1, 2, 3]);
  });

  test("a new version leaves the bank of the one before it whole", () => {
    const { views } = fresh(3, 2, 1);
    const writer = new ParameterWriter(views);
    writer.publish(Float32Array.of(1, 1, 1), Float64Array.of(0, 0));
    writer.publish(Float32Array.of(2, 2, 2), Float64Array.of(0, 0));
    expect([...views.banks[0].parameters, ...views.banks[1].parameters]).toEqual([1, 1, 1, 2, 2, 2]);
  });

  test("the writer waits for a pinned bank", () => {
    const { views } = fresh(3, 2, 1);
    const writer = new ParameterWriter(views);
    writer.publish(Float32Array.of(1, 1, 1), Float64Array.of(0, 0)); // bank 0
    views.pins[0] = 1 + 0; // a reader is copying from bank 0
    writer.publish(Float32Array.of(2, 2, 2), Float64Array.of(0, 0)); // bank 1: goes ahead
    expect(views.version[0]).toBe(1);
    // Version 2 needs bank 0: a wait would never end on one thread, so the wait itself is the proof.
    const { wait } = Atomics;
    let waits = 0;
    Atomics.wait = ((array: Int32Array, index: number, value: number) => {
      expect([array, index, value]).toEqual([views.pins, 0, 1]);
      expect([...views.banks[0].parameters]).toEqual([1, 1, 1]);
      expect(views.version[0]).toBe(1);
      if (++waits === 3) views.pins[0] = 0;
      return "timed-out";
    }) as typeof Atomics.wait;
    try {
      writer.publish(Float32Array.of(3, 3, 3), Float64Array.of(0, 0));
    } finally {
      Atomics.wait = wait;
    }
    expect(waits).toBe(3);
    expect([...views.banks[0].parameters]).toEqual([3, 3, 3]);
  });
});

describe("one writer that never rests, three readers that never rest", () => {
  const SIZE = 64;
  const LIVE = 4;
  const READERS = 3;

  async function stress(writer: "writer" | "careless", versions: number, distinct: number): Promise<Seen[]> {
    const { buffer } = fresh(SIZE, LIVE, READERS);
    const progress = new Int32Array(new SharedArrayBuffer(4 * (2 + READERS)));
    progress[1] = -1;
    const data: Stress[] = [0, 1, 2, writer].map((role) => ({
      buffer,
      size: SIZE,
      live: LIVE,
      readers: READERS,
      versions,
      distinct,
      progress,
      role: role as Stress["role"],
    }));
    const all = await threads<Stress, Seen>("shared/parameters.thread.ts", data);
    const seen = await Promise.all(all.map(({ result }) => result));
    return seen.slice(0, READERS);
  }

  test("in a million versions nobody ever sees a mixture of two, or an older one again", async () => {
    for (const seen of await stress("writer", 1_000_000, 1_000)) {
      expect(seen).toMatchObject({ torn: 0, backwards: 0 });
      expect(seen.last).toBeGreaterThanOrEqual(1_000_000);
      expect(seen.distinct).toBeGreaterThanOrEqual(1_000);
    }
  }, 60_000);

  test("the readers do notice a writer that overwrites pinned banks", async () => {
    let torn = 0;
    for (let tries = 0; tries < 10 && torn === 0; tries++)
      for (const seen of await stress("careless", 300_000, 1_000)) torn += seen.torn;
    expect(torn).toBeGreaterThan(0);
  }, 60_000);
});
