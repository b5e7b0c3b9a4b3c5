/** What is kept of a run under way, of one that is ended on purpose, and of one that fails. */
import "fake-indexeddb/auto";
import { deleteDB } from "idb";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { checkpointBytes } from "../../../src/runtime/memory/checkpoint.ts";
import { momentIn } from "../../../src/runtime/seen/moment.ts";
import type { Phase, Runner, Snapshot } from "../../../src/runtime/seen/view.ts";
import { RunWatch } from "../../../src/runtime/seen/watch.ts";
import { runUntil } from "../../runtime/simd.ts";
import { type Stage, smallConfig, stage } from "../../runtime/stage.ts";

/** The page's runner as these tests play it, and what the recorder asked to be told. */
const played = vi.hoisted(() => ({
  snapshot: null as Snapshot | null,
  checkpoint: (): Promise<Uint8Array | null> => Promise.resolve(null),
  end: (): Promise<Uint8Array | null> => Promise.resolve(null),
  parameters: null as Float32Array | null,
  version: 0,
  size: 0,
  onPhase: new Set<() => void>(),
  onEnd: new Set<() => Promise<void>>(),
  onNewRun: new Set<() => void>(),
}));

vi.mock("../../../src/ui/state/session.ts", () => {
  const runner: Partial<Runner> = {
    snapshot: () => played.snapshot!,
    checkpoint: () => played.checkpoint(),
    end: () => played.end(),
    get network() {
      return (played.parameters && { size: played.size }) as Runner["network"];
    },
    parameters(into) {
      if (!played.parameters) return -1;
      into.set(played.parameters);
      return played.version;
    },
    onPhase: (heed) => {
      played.onPhase.add(heed);
      return () => {};
    },
  };
  const heeded =
    <T>(all: Set<T>) =>
    (heed: T) => {
      all.add(heed);
      return () => {};
    };
  return {
    runner: () => runner,
    isUnderWay: (phase: Phase) => ["starting", "running", "paused"].includes(phase),
    onEnd: heeded(played.onEnd),
    onNewRun: heeded(played.onNewRun),
    resetRun: async () => {},
    setConfig: () => {},
  };
});

vi.mock("../../../src/ui/runs/opened.ts", () => ({ closeRun() {} }));

/** As the browser's: what is stored are its own keys. */
const storage: Record<string, unknown> = Object.create({
  setItem(this: Record<string, unknown>, key: string, value: string) {
    this[key] = value;
  },
  removeItem(this: Record<string, unknown>, key: string) {
    delete this[key];
  },
});
vi.stubGlobal("localStorage", storage);
const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
vi.stubGlobal("document", page);
const show = (visibilityState: "visible" | "hidden") => {
  page.visibilityState = visibilityState;
  page.dispatchEvent(new Event("visibilitychange"));
};
/** The worker that beats while the page is hidden. */
const beats: EventTarget[] = [];
vi.stubGlobal(
  "Worker",
  class extends EventTarget {
    constructor() {
      super();
      beats.push(this);
    }
    terminate() {
      beats.splice(beats.indexOf(this), 1);
    }
  },
);
const locks = { held: [] as { name: string }[] };
/** What this tab has had and let go of, in order. */
const owned: string[] = [];
vi.stubGlobal("window", new EventTarget());
vi.stubGlobal("navigator", {
  locks: {
    query: async () => locks,
    async request(name: string, _: object, work: (lock: object) => Promise<void>) {
      owned.push(`has ${name}`);
      await work({});
      owned.push(`let go of ${name}`);
    },
  },
});

let of: Stage;
let watch: RunWatch;
let early: Uint8Array;
let late: Uint8Array;
let stop: () => void;
const { beginRun, followLibrary } = await import("../../../src/ui/runs/recorder.ts");
const { allRuns, closeLibrary, wholeRun } = await import("../../../src/ui/runs/database.ts");
const { useLibrary } = await import("../../../src/ui/runs/library.ts");
const { offerInterrupted, settleInterrupted, useInterrupted } = await import("../../../src/ui/runs/interrupted.ts");
const { updateOf } = await import("../../../src/ui/runs/whole.ts");
const { hashOf } = await import("../../../src/runtime/seen/moment.ts");

const at = (phase: Phase): Snapshot => ({
  ...watch.look(performance.now(), true),
  phase,
  engine: null,
  generation: 1,
  preparedFor: null,
  progress: null,
  problem: phase === "failed" ? "it broke" : null,
  trouble: null,
  stopReason: null,
});
const saved = () => {
  expect(of.learner.save()).toBe(true);
  return checkpointBytes(of.plan, of.memory.header.hash.buffer);
};
/** Which checkpoint it is; comparing them byte by byte as arrays takes seconds. */
const nameOf = (checkpoint: Uint8Array | null | undefined) =>
  checkpoint && [early, late].findIndex((bytes) => Buffer.from(bytes).equals(checkpoint));
const EARLY = 0;
const LATE = 1;
const enter = (phase: Phase) => {
  played.snapshot = at(phase);
  for (const heed of played.onPhase) heed();
};
const endOnPurpose = async () => {
  for (const keep of played.onEnd) await keep();
};
const marks = () => Object.keys(storage);

/** How long something is waited for that is bound to come. */
const PATIENCE = { timeout: 30_000 };

/** The one run that is kept, and its weights, once `holds` says so. */
async function kept(holds: (run: Awaited<ReturnType<typeof allRuns>>[number]) => boolean) {
  return vi.waitFor(async () => {
    const [run] = await allRuns();
    expect(run && holds(run)).toBe(true);
    return { run, weights: (await wholeRun(run.id))?.weights ?? null };
  }, PATIENCE);
}

beforeAll(async () => {
  of = stage(smallConfig("a2c", { seed: 3, lr: 0.02, evalEvery: 7, engine: "simd", gradients: "learner" }));
  watch = new RunWatch(of.plan, of.plan.config, of.memory, 0);
  played.size = of.plan.spec.size;
  played.snapshot = at("running");
  await runUntil(of, () => of.learner.record.updates === 40);
  early = saved();
  await runUntil(of, () => of.learner.record.updates === 60);
  late = saved();
  of.learner.publishBoard();
  stop = followLibrary();
});
afterAll(() => stop());

beforeEach(async () => {
  await closeLibrary();
  await deleteDB("cartpool");
  played.checkpoint = async () => early;
  played.end = async () => late;
  played.parameters = null;
  for (const key of marks()) delete storage[key];
  for (const heed of played.onNewRun) heed();
});

describe("a run under way", () => {
  test("is kept as one moment: counts, curves, hash and weights are those of its checkpoint", async () => {
    enter("paused"); // the page has seen update 60 by now
    const { run, weights } = await kept(({ updates }) => updates === 40);
    const moment = momentIn(of.plan, early);
    expect(run).toMatchObject({ envSteps: moment.envSteps, parametersHash: moment.parametersHash });
    expect(run.returns).toEqual(moment.returns);
    expect(weights?.parameters).toEqual(moment.parameters);
    expect([nameOf(weights?.checkpoint), weights?.updates]).toEqual([EARLY, 40]);
    expect(hashOf(weights!.parameters!)).toBe(run.parametersHash);
    expect(marks()).toEqual([`cartpool under way ${run.id}`]);
  });

  test("keeps its good checkpoint where the next one does not come; its data are kept all the same", async () => {
    enter("paused");
    await kept(({ updates }) => updates === 40);
    played.checkpoint = async () => null;
    enter("running");
    enter("paused");
    const { weights } = await kept(({ updates }) => updates === 60);
    expect([nameOf(weights?.checkpoint), weights?.updates]).toEqual([EARLY, 40]);
  });

  test("is kept when the page is hidden, and by a clock of its own while it stays so", async () => {
    played.snapshot = at("running");
    show("hidden");
    await kept(({ updates }) => updates === 40);
    expect(beats).toHaveLength(1);
    played.checkpoint = async () => late;
    await vi.waitFor(async () => {
      beats[0].dispatchEvent(new Event("message"));
      expect((await allRuns())[0].updates).toBe(60);
    }, PATIENCE);
    show("visible");
    expect(beats).toHaveLength(0);
  });

  test("that is ended on purpose is kept to its very end, and was not interrupted", async () => {
    enter("running");
    await endOnPurpose();
    const { run, weights } = await kept(({ updates }) => updates === 60);
    expect(run.phase).toBe("paused");
    expect([nameOf(weights?.checkpoint), weights?.updates]).toEqual([LATE, 60]);
    expect(hashOf(weights!.parameters!)).toBe(run.parametersHash);
    expect(marks()).toEqual([]);
  });
});

test("a run is let go once it has ended and is kept, and not while the runner is reset to go on with it", async () => {
  const current = useLibrary.getState().current!;
  const events = () => owned.filter((event) => event.endsWith(current.id)).map((event) => event.split(" ")[0]);
  enter("running");
  enter("stopped");
  await vi.waitFor(() => expect(events()).toEqual(["has", "let"]), PATIENCE);
  expect((await allRuns())[0]).toMatchObject({ id: current.id, phase: "stopped" });
  beginRun(current);
  enter("idle");
  await null; // as the runner's start waits for its reset
  enter("starting");
  enter("running");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(events()).toEqual(["has", "let", "has"]);
  enter("stopped");
  await vi.waitFor(() => expect(events()).toEqual(["has", "let", "has", "let"]), PATIENCE);
});

describe("a run that fails", () => {
  test("after its last checkpoint keeps its longer data, and its weights say which update they are of", async () => {
    enter("failed");
    const { run, weights } = await kept(({ phase }) => phase === "failed");
    expect(run).toMatchObject({ updates: 60, ending: "it broke" });
    expect([nameOf(weights?.checkpoint), weights?.updates]).toEqual([EARLY, 40]);
    expect(marks()).toEqual([]);
  });

  test("is kept again where it got further after it was kept, after a pause each time, and only then", async () => {
    const { now } = performance;
    let ahead = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now.call(performance) + ahead);
    const seen = (updates: number) => {
      played.snapshot = { ...at("failed"), updates };
    };
    seen(50);
    for (const heed of played.onPhase) heed();
    await kept(({ phase, updates }) => phase === "failed" && updates === 50);
    const tries: number[] = [];
    played.checkpoint = async () => {
      tries.push(performance.now());
      throw new Error("not now");
    };
    seen(60);
    ahead += 2000;
    await vi.waitFor(() => expect(tries).toHaveLength(2), PATIENCE);
    expect(tries[1] - tries[0]).toBeGreaterThan(1400);
    played.checkpoint = async () => late;
    const writes = vi.spyOn(IDBObjectStore.prototype, "put");
    ahead += 2000;
    const { weights } = await kept(({ updates }) => updates === 60);
    expect([nameOf(weights?.checkpoint), weights?.updates]).toEqual([LATE, 60]);
    seen(55); // the page has not heard of the last updates
    ahead += 2000;
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(writes).toHaveBeenCalledTimes(2); // the run, and its weights
    vi.restoreAllMocks();
  });

  test("before its first checkpoint keeps what parameters there are, and no checkpoint", async () => {
    played.checkpoint = async () => null;
    played.parameters = of.learner.parameters;
    played.version = 60;
    enter("failed");
    const { weights } = await kept(({ phase }) => phase === "failed");
    expect(weights).toEqual({ parameters: of.learner.parameters, checkpoint: null, updates: 60 });
  });
});

test("weights of an older page are called by the run, by their checkpoint, or by nobody", async () => {
  enter("paused");
  const { run, weights } = await kept(({ updates }) => updates === 40);
  const { parameters, checkpoint } = weights!;
  expect(updateOf(run, weights!)).toBe(40);
  expect(updateOf(run, { parameters, checkpoint: null })).toBe(40);
  const further = { ...run, updates: 99, parametersHash: "0badf00d" };
  expect(updateOf(further, { parameters, checkpoint })).toBe(40);
  expect(updateOf(further, { parameters, checkpoint: null })).toBeNull();
  expect(updateOf(further, { parameters, checkpoint: checkpoint!.map(() => 7) })).toBeNull();
});

test("a run is offered when it was interrupted: not when it ended, was deleted, or is under way in another tab", async () => {
  const offered = async () => {
    useInterrupted.setState({ run: null });
    await offerInterrupted(useLibrary.getState().runs);
    return useInterrupted.getState().run?.id ?? null;
  };
  enter("paused");
  const { run } = await kept(({ updates }) => updates === 40);
  expect(await offered()).toBe(run.id);
  locks.held = [{ name: `cartpool:${run.id}` }];
  expect(await offered()).toBeNull();
  locks.held = [];
  expect(await offered()).toBe(run.id);
  played.snapshot = at("idle");
  settleInterrupted();
  expect(await offered()).toBeNull();
  storage["cartpool under way gone"] = "";
  expect(await offered()).toBeNull();
  expect(marks()).toEqual([]);
});

test("runs are read once, and where they cannot be, what was interrupted is offered when they can", async () => {
  enter("paused");
  const { run } = await kept(({ updates }) => updates === 40);
  const mark = `cartpool under way ${run.id}`;
  played.snapshot = at("idle");
  const open = vi.spyOn(indexedDB, "open").mockImplementation(() => {
    throw new Error("not now");
  });
  const reads = vi.spyOn(IDBObjectStore.prototype, "getAll");
  vi.resetModules();
  const library = await import("../../../src/ui/runs/library.ts");
  const { useInterrupted } = await import("../../../src/ui/runs/interrupted.ts");
  const stop = (await import("../../../src/ui/runs/recorder.ts")).followLibrary();
  await vi.waitFor(() => expect(library.useLibrary.getState().problem).toContain("not now"), PATIENCE);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(marks()).toEqual([mark]);
  open.mockRestore();
  await library.retry();
  await vi.waitFor(() => expect(useInterrupted.getState().run?.id).toBe(run.id), PATIENCE);
  expect(marks()).toEqual([mark]);
  expect(reads).toHaveBeenCalledTimes(1);
  stop();
  await (await import("../../../src/ui/runs/database.ts")).closeLibrary();
});
