/** The library of two tabs of one browser, over an implementation of IndexedDB in memory. */
import "fake-indexeddb/auto";
import { deleteDB } from "idb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { arrivalOf, copyOf } from "../../../src/ui/runs/arrival.ts";
import { locks } from "../tabs.ts";
import { recording } from "./recordings.ts";

const weights = { parameters: new Float32Array([1, 2]), checkpoint: new Uint8Array([3]) };

const load = async () => ({
  ...(await import("../../../src/ui/runs/database.ts")),
  ...(await import("../../../src/ui/runs/ownership.ts")),
  ...(await import("../../../src/ui/runs/library.ts")),
});
type Tab = Awaited<ReturnType<typeof load>>;

const open: { tab: Tab; stop(): void }[] = [];
/** Opens the library as a new tab does. */
async function openTab(): Promise<Tab> {
  vi.resetModules();
  const tab = await load();
  open.push({ tab, stop: tab.followDatabase() });
  await vi.waitFor(() => expect(tab.useLibrary.getState().isRead || tab.useLibrary.getState().problem).toBeTruthy());
  return tab;
}
const listed = (tab: Tab) => tab.useLibrary.getState().runs;
const uncaught: unknown[] = [];
const hear = (why: unknown) => uncaught.push(why);

beforeEach(() => {
  uncaught.length = 0;
  process.on("unhandledRejection", hear);
  vi.stubGlobal("window", { addEventListener() {}, removeEventListener() {} });
  locks();
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const { tab, stop } of open.splice(0)) {
    stop();
    await tab.closeLibrary();
  }
  await deleteDB("cartpool");
  vi.unstubAllGlobals();
  process.off("unhandledRejection", hear);
  expect(uncaught).toEqual([]);
});

describe("two tabs", () => {
  test("list what is kept, whichever of them wrote it", async () => {
    const a = await openTab();
    const b = await openTab();
    await a.keepRun(recording({ updates: 132 }), weights);
    await vi.waitFor(() => expect(listed(b)).toEqual([recording({ updates: 132 })]));
    await b.change(recording(), { name: "mine" });
    await a.keepRun(recording({ updates: 5899 }), weights);
    await vi.waitFor(() => expect(listed(b)).toEqual([recording({ updates: 5899, name: "mine" })]));
    expect(listed(a)).toEqual(listed(b));
    const gone = await b.forget(recording());
    expect(gone?.weights).toEqual(weights);
    await vi.waitFor(() => expect(listed(a)).toEqual([]));
    await b.take(gone!);
    await vi.waitFor(() => expect(listed(a)).toEqual([recording({ updates: 5899, name: "mine" })]));
  });

  test("do not bring back what the other has deleted; the run under way asks", async () => {
    const a = await openTab();
    const b = await openTab();
    await a.keepRun(recording(), weights);
    await vi.waitFor(() => expect(listed(b)).toHaveLength(1));
    await b.forget(recording());
    await a.change(recording(), { pinned: true });
    await a.keepRun(recording({ updates: 2 }), weights);
    expect(await a.allRuns()).toEqual([]);
    expect(a.useLibrary.getState().deleted).toBeNull(); // it is no run that is under way here
    a.useLibrary.setState({ current: recording() });
    await a.keepRun(recording({ updates: 3 }), weights);
    expect(await a.allRuns()).toEqual([]);
    expect(a.useLibrary.getState().deleted?.run.updates).toBe(3);
    await a.keepDeleted();
    expect(a.useLibrary.getState().deleted).toBeNull();
    expect(await b.wholeRun("one")).toEqual({ run: recording({ updates: 3 }), weights });
    await b.forget(recording());
    await a.keepRun(recording({ updates: 4 }));
    a.leaveDeleted();
    await a.keepRun(recording({ updates: 5 }));
    expect(a.useLibrary.getState().deleted).toBeNull();
    expect(await a.allRuns()).toEqual([]);
  });

  test("have a run one at a time: the other deletes it not, replaces it not, and may once it is let go", async () => {
    const a = await openTab();
    const b = await openTab();
    await a.keepRun(recording(), weights);
    expect(await a.holdRun("one")).toBe(true);
    expect(await a.hold("one")).toBe(true);
    expect(await b.hold("one")).toBe(false);
    expect([...(await b.underWayAnywhere())]).toEqual(["one"]);
    await expect(b.forget(recording())).rejects.toThrow("under way in another tab");
    await expect(b.replace({ run: recording({ updates: 9 }), weights: null })).rejects.toThrow(
      "under way in another tab",
    );
    await expect(a.replace({ run: recording({ updates: 9 }), weights: null })).rejects.toThrow("under way here");
    expect(await b.wholeRun("one")).toEqual({ run: recording(), weights });
    // Another run of that tab: the first is let go. What is let go can be had again at once.
    expect(await a.holdRun("two")).toBe(true);
    a.letGoOfRun("two");
    expect(await a.holdRun("two")).toBe(true);
    await vi.waitFor(async () => expect(await b.hold("one")).toBe(true));
    expect(await a.hold("one")).toBe(false);
    b.letGo("one");
    a.letGoOfRun("two");
  });
});

describe("a database that cannot be written", () => {
  const full = () =>
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw Object.assign(new Error(""), { name: "QuotaExceededError" });
    });

  test("is said with its reason; the list shows what is kept, and all is written once it can be", async () => {
    const tab = await openTab();
    await tab.keepRun(recording({ id: "kept" }));
    const put = full();
    await tab.keepRun(recording(), weights);
    await tab.keepRun(recording({ updates: 2 }));
    await tab.change(recording({ id: "kept" }), { name: "named" });
    await tab.change(recording({ id: "kept" }), { pinned: true });
    expect(tab.useLibrary.getState().problem).toContain("its storage for this site is full");
    expect(listed(tab).map(({ id, name }) => [id, name])).toEqual([["kept", ""]]);
    expect(tab.unkept()).toEqual([{ run: recording({ updates: 2 }), weights }]);
    await tab.retry();
    await tab.readLibrary(); // that it can be read is no sign that it can be written
    expect(tab.useLibrary.getState().problem).toContain("is full");
    put.mockRestore();
    await tab.keepRun(recording({ id: "next" }));
    expect(tab.useLibrary.getState().problem).toBeNull();
    expect(tab.unkept()).toEqual([]);
    expect(await tab.wholeRun("one")).toEqual({ run: recording({ updates: 2 }), weights });
    expect(await tab.wholeRun("kept")).toMatchObject({ run: { name: "named", pinned: true } });
    expect(listed(tab)).toHaveLength(3);
  });

  test("an import or a deletion that fails rejects, and changes nothing later", async () => {
    const tab = await openTab();
    await tab.keepRun(recording(), weights);
    const put = full();
    await expect(tab.take({ run: recording({ id: "file" }), weights })).rejects.toThrow("is full");
    await expect(tab.replace({ run: recording({ updates: 9 }), weights: null })).rejects.toThrow("is full");
    put.mockRestore();
    await tab.retry();
    expect(await tab.allRuns()).toEqual([recording()]);
    expect(listed(tab)).toEqual([recording()]);
    expect(tab.unkept()).toEqual([]);
  });

  test("that could not be read is read once it answers, and claims nothing before", async () => {
    const open = vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw Object.assign(new Error("The operation is insecure."), { name: "SecurityError" });
    });
    const tab = await openTab();
    expect(tab.useLibrary.getState()).toMatchObject({ isRead: false, runs: [] });
    expect(tab.useLibrary.getState().problem).toContain("its database failed (The operation is insecure.)");
    open.mockRestore();
    await tab.retry();
    expect(tab.useLibrary.getState()).toMatchObject({ isRead: true, problem: null });
  });
});

test("a run of a file is the kept one, earlier, further on, or another; a copy is a run of its own", () => {
  const kept = recording({ updates: 100 });
  expect(arrivalOf(kept, kept)).toBe("the same");
  expect(arrivalOf(recording({ updates: 99 }), kept)).toBe("less far");
  expect(arrivalOf(recording({ updates: 101 }), kept)).toBe("further");
  expect(arrivalOf({ ...kept, parametersHash: "1" }, kept)).toBe("other");
  const { run } = copyOf({ run: recording({ name: "x".repeat(80) }), weights });
  expect(run.id).not.toBe("one");
  expect(run.name).toHaveLength(80);
  expect(run.name.endsWith("x (copy)")).toBe(true);
  expect(copyOf({ run: recording(), weights }).weights).toBe(weights);
});
