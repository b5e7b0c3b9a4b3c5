/** The browser's database, against an implementation of IndexedDB in memory; another tab is another connection. */
import "fake-indexeddb/auto";
import { deleteDB, openDB } from "idb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  addRun,
  allRuns,
  allStudies,
  changeRun,
  changeStudy,
  closeLibrary,
  dropStudy,
  forgetRun,
  heedConnection,
  keptStudy,
  MOST_UNPINNED,
  mergeRun,
  replaceRun,
  surplus,
  wholeRun,
} from "../../../src/ui/runs/database.ts";
import { PATIENCE } from "../../../src/ui/runs/trouble.ts";
import { recording } from "./recordings.ts";

const weights = { parameters: new Float32Array([1, 2]), checkpoint: new Uint8Array([3]) };
const others = { parameters: new Float32Array([7, 8]), checkpoint: null };

/** What nobody caught. */
const uncaught: unknown[] = [];
const hear = (why: unknown) => uncaught.push(why);
beforeEach(() => {
  uncaught.length = 0;
  process.on("unhandledRejection", hear);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  heedConnection({ outdated() {}, back() {} });
  await closeLibrary();
  await deleteDB("cartpool");
  await new Promise((resolve) => setTimeout(resolve));
  process.off("unhandledRejection", hear);
  expect(uncaught).toEqual([]);
});

describe("runs", () => {
  test("stay with their weights through a reload, the newest first", async () => {
    await mergeRun(recording(), weights, false);
    await mergeRun(recording({ id: "two", created: "2026-05-05T00:00:00.000Z" }), null, false);
    await closeLibrary();
    expect((await allRuns()).map(({ id }) => id)).toEqual(["two", "one"]);
    expect((await allRuns())[1]).toEqual(recording());
    expect((await wholeRun("one"))?.weights).toEqual(weights);
    expect((await wholeRun("two"))?.weights).toBeNull();
    await mergeRun(recording({ updates: 2 }), null, true); // without weights: they stay
    expect(await wholeRun("one")).toEqual({ run: recording({ updates: 2 }), weights });
    expect(await forgetRun("one")).toEqual({ run: recording({ updates: 2 }), weights });
    expect(await wholeRun("one")).toBeNull();
    expect(await forgetRun("one")).toBeNull();
  });

  test("keep what they produced when a person says something of a stale copy, and the other way round", async () => {
    await mergeRun(recording({ updates: 132 }), null, false);
    // Another tab finishes it meanwhile, and a third has named it.
    await Promise.all([
      changeRun("one", { name: "mine" }),
      mergeRun(recording({ updates: 5899, name: "" }), weights, true),
      changeRun("one", { pinned: true }),
      changeRun("one", { colour: 5 }),
    ]);
    const [run] = await allRuns();
    expect(run).toEqual(recording({ updates: 5899, name: "mine", pinned: true, colour: 5 }));
    await mergeRun(recording({ updates: 6000 }), null, true);
    expect((await allRuns())[0]).toMatchObject({ updates: 6000, name: "mine", pinned: true, colour: 5 });
  });

  test("that another tab has deleted are not written again", async () => {
    await mergeRun(recording(), weights, false);
    await forgetRun("one");
    expect(await changeRun("one", { pinned: true })).toBeNull();
    expect(await mergeRun(recording({ updates: 9 }), weights, true)).toBeNull();
    expect(await allRuns()).toEqual([]);
    expect(await mergeRun(recording(), null, false)).toEqual(recording());
    expect((await wholeRun("one"))?.weights).toBeNull(); // nothing of the deleted one was left
  });

  test("from a file change nothing that is kept unless asked to, and bring their weights or have none", async () => {
    expect(await addRun({ run: recording(), weights })).toBeNull();
    const older = { run: recording({ updates: 0, name: "older" }), weights: others };
    expect(await addRun(older)).toEqual({ run: recording(), weights });
    expect(await wholeRun("one")).toEqual({ run: recording(), weights });
    await replaceRun(older);
    expect(await wholeRun("one")).toEqual(older);
    await replaceRun({ run: recording(), weights: null });
    expect(await wholeRun("one")).toEqual({ run: recording(), weights: null });
  });

  test("are never dropped unasked, however many and however old", async () => {
    const runs = Array.from({ length: MOST_UNPINNED + 3 }, (_, i) =>
      recording({ id: `run-${i}`, created: new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString(), pinned: i === 0 }),
    );
    expect(surplus(runs)).toEqual(["run-2", "run-1"]);
    for (const run of runs.slice(1)) await mergeRun(run, null, false);
    await addRun({ run: runs[0], weights });
    expect(await allRuns()).toHaveLength(runs.length);
    expect((await wholeRun("run-0"))?.weights).toEqual(weights);
  });
});

test("studies stay beside each other, the last begun first, that of an older page too", async () => {
  const old = await openDB("cartpool", 1, {
    upgrade(db) {
      db.createObjectStore("runs", { keyPath: "id" });
      db.createObjectStore("weights");
    },
  });
  await old.put("runs", recording());
  old.close();
  const study = { queries: ["v=1"], together: true, disturbed: false, limit: 9, total: 2, outcomes: [] };
  expect(await allStudies()).toEqual([]);
  await changeStudy("last", () => study);
  await changeStudy("a", (stored) => ({ ...(stored ?? study), begun: "2026-01-01" }));
  await changeStudy("b", () => ({ ...study, begun: "2026-01-02", total: 4 }));
  await closeLibrary();
  expect((await allStudies()).map(({ id, study }) => [id, study.total])).toEqual([
    ["b", 4],
    ["a", 2],
    ["last", 2],
  ]);
  expect(await keptStudy("last")).toEqual(study);
  expect(await allRuns()).toEqual([recording()]);
  await dropStudy("b");
  expect(await keptStudy("b")).toBeNull();
  expect(await allStudies()).toHaveLength(2);
});

describe("a database that fails", () => {
  const full = () => Object.assign(new Error(""), { name: "QuotaExceededError" });

  test("because it is full says so, writes nothing of it, and is asked again the next time", async () => {
    await mergeRun(recording(), weights, false);
    const put = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw full();
    });
    for (const write of [
      () => mergeRun(recording({ updates: 2 }), weights, true),
      () => changeRun("one", { pinned: true }),
      () => replaceRun({ run: recording({ updates: 3 }), weights: null }),
      () => addRun({ run: recording({ id: "new" }), weights }),
      () => changeStudy("s", (stored) => stored as never),
    ])
      await expect(write()).rejects.toThrow("its storage for this site is full");
    put.mockRestore();
    expect(await allRuns()).toEqual([recording()]);
    expect((await wholeRun("one"))?.weights).toEqual(weights);
    expect(await changeRun("one", { pinned: true })).toMatchObject({ pinned: true });
  });

  test("in the midst of a transaction says why, and leaves no rejection behind", async () => {
    await mergeRun(recording(), weights, false);
    const { get } = IDBObjectStore.prototype;
    vi.spyOn(IDBObjectStore.prototype, "get").mockImplementation(function (this: IDBObjectStore, key) {
      const request = get.call(this, key);
      this.transaction.abort();
      return request;
    });
    await expect(mergeRun(recording({ updates: 2 }), weights, true)).rejects.toThrow("its database failed");
    await expect(forgetRun("one")).rejects.toThrow("its database failed");
    vi.restoreAllMocks();
    expect(await wholeRun("one")).toEqual({ run: recording(), weights });
  });

  test("because the browser has none says so", async () => {
    vi.stubGlobal("indexedDB", undefined);
    await expect(allRuns()).rejects.toThrow("it offers this page no database");
    vi.unstubAllGlobals();
    expect(await allRuns()).toEqual([]);
  });

  test.each(["open", "transaction"])("and never answers (%s) is given up in time", async (what) => {
    if (what === "transaction") await mergeRun(recording(), weights, false);
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const silent = { addEventListener() {}, removeEventListener() {} };
    if (what === "open")
      vi.spyOn(indexedDB, "open").mockReturnValue(Object.assign(Object.create(IDBOpenDBRequest.prototype), silent));
    else
      vi.spyOn(IDBObjectStore.prototype, "getAll").mockReturnValue(
        Object.assign(Object.create(IDBRequest.prototype), silent),
      );
    const asked = allRuns().catch((error: Error) => error.message);
    await vi.advanceTimersByTimeAsync(PATIENCE * 1000);
    expect(await asked).toBe("its database does not answer");
    vi.restoreAllMocks();
    vi.useRealTimers();
    expect(await allRuns()).toHaveLength(what === "open" ? 0 : 1);
  });
});

describe("an upgrade", () => {
  test("that an older tab blocks says so at once, and goes on by itself when that tab is closed", async () => {
    const old = await openDB("cartpool", 1, {
      upgrade(db) {
        db.createObjectStore("runs", { keyPath: "id" });
        db.createObjectStore("weights");
      },
    });
    let back: () => void = () => {};
    const isBack = new Promise<void>((resolve) => {
      back = resolve;
    });
    heedConnection({ outdated() {}, back });
    await expect(mergeRun(recording(), weights, false)).rejects.toThrow("another tab with an older Cartpool");
    await expect(allRuns()).rejects.toThrow("another tab with an older Cartpool");
    old.close();
    await isBack;
    expect(await mergeRun(recording(), weights, false)).toEqual(recording());
  });

  test("by another tab is made room for, said at once and with every later call", async () => {
    await mergeRun(recording(), weights, false);
    const said: string[] = [];
    heedConnection({ outdated: ({ message }) => said.push(message), back() {} });
    const newer = await openDB("cartpool", 99);
    expect(said).toEqual(["a newer Cartpool has been opened in another tab: reload this one"]);
    await expect(mergeRun(recording({ updates: 2 }), weights, true)).rejects.toThrow("a newer Cartpool");
    expect(await newer.get("runs", "one")).toEqual(recording());
    newer.close();
  });

  test("is none where another tab deletes the database: the next call has a new one", async () => {
    await mergeRun(recording(), weights, false);
    const said: string[] = [];
    heedConnection({ outdated: ({ message }) => said.push(message), back() {} });
    await deleteDB("cartpool");
    expect(await allRuns()).toEqual([]);
    expect(said).toEqual([]);
  });
});
