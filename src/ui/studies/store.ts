/**
 * The study that is shown: the one under way in this tab, the last one, or another of those that are kept. It goes on when
 * its dialog is closed, and is there again after a reload.
 */
import { create } from "zustand";
import type { RunConfig } from "../../runtime/plan/config.ts";
import type { Phase, Runner, Snapshot } from "../../runtime/seen/view.ts";
import { encodeRun } from "../address/url.ts";
import { allStudies, changeStudy, dropStudy, type KeptStudy, keptStudy, lastBegunFirst } from "../runs/database.ts";
import { write } from "../runs/library.ts";
import { followTabs, tellTabs } from "../runs/news.ts";
import { hold, letGo, whileHeld } from "../runs/ownership.ts";
import { keepRunOf } from "../runs/recorder.ts";
import { newRunner, onNewRun } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import type { CurvePoint } from "./curves.ts";
import { configsOf, entriesLeft, joined, planOf } from "./kept.ts";
import { lastStudy } from "./last.ts";
import type { Outcome, Study } from "./outcome.ts";
import { planParams } from "./plan.ts";
import { curveOf, type Entry, entriesOf, labelsOf, runStudy, summaries, warmUp } from "./study.ts";

/** Configurations that can stand beside each other, and that can run at the same time. */
export const MOST_CONFIGS = 9;
export const MOST_TOGETHER = 4;

/** Milliseconds between two looks at the runs under way. */
const LOOK_MS = 300;

/** A run of the study that has not ended. */
export interface LiveRun {
  readonly group: number;
  readonly seed: number;
  readonly phase: Phase;
  readonly envSteps: number;
  readonly stepsPerSecond: number;
  /** Mean return of the last 100 episodes; null before. */
  readonly mean100: number | null;
  readonly curve: readonly CurvePoint[];
}

/** What the next study does. */
interface Plan {
  /** null: the configuration in the controls alone. */
  readonly configs: readonly RunConfig[] | null;
  readonly seeds: number;
  /** Environment steps of each run. */
  readonly limit: number;
  readonly whenSolved: boolean;
  readonly order: "one after the other" | "together";
  /** Of runs together; one after the other they run at full speed, so that wall time means something. */
  readonly pace: "full" | "watchable";
}

interface StudyState extends Plan {
  readonly study: Study | null;
  /** The id of that study. */
  readonly id: string | null;
  /** All that are kept, the last begun first. */
  readonly kept: readonly KeptStudy[];
  /** Runs of the study that have not been made. */
  readonly left: readonly Entry[];
  readonly busy: boolean;
  /** Under way is a warm-up, which is not counted. */
  readonly warming: boolean;
  readonly live: readonly LiveRun[];
  /** Why it could not begin, or what went wrong. */
  readonly problem: string | null;
}

export const useStudy = create<StudyState>()(() => ({
  configs: null,
  seeds: planParams.seeds.default,
  limit: planParams.limit.default,
  whenSolved: false,
  order: "one after the other",
  pace: "full",
  study: null,
  id: null,
  kept: [],
  left: [],
  busy: false,
  warming: false,
  live: [],
  problem: null,
}));

const { getState: now, setState: set } = useStudy;

/** What would be compared. */
export const comparedIn = (configs: Plan["configs"], shown: RunConfig): readonly RunConfig[] => configs ?? [shown];

export const canRunTogether = (configs: readonly RunConfig[]): boolean =>
  configs.length > 1 && configs.length <= MOST_TOGETHER;

export const plan = (changed: Partial<Plan>): void => set(changed);

let off: AbortController | null = null;
const atWork = new Map<Runner, Entry>();

const liveOf = ({ group, config }: Entry, s: Snapshot): LiveRun => ({
  group,
  seed: config.values.seed as number,
  phase: s.phase,
  envSteps: s.envSteps,
  stepsPerSecond: s.stepsPerSecond,
  mean100: s.meanReturn100,
  curve: curveOf(s.returns),
});

const look = () => set({ live: [...atWork].map(([runner, entry]) => liveOf(entry, runner.snapshot())) });

/** Shows a study, to people and to scripts. */
function show(id: string, study: Study): void {
  set({ id, study, left: entriesLeft(study) });
  lastStudy.outcomes = study.outcomes;
  lastStudy.summaries = summaries(study.outcomes, labelsOf(configsOf(study)));
}

/** A study as it stands in the database; null: it is not there. */
function stands(id: string, study: Study | null): void {
  const others = now().kept.filter((one) => one.id !== id);
  set({ kept: study ? [{ id, study }, ...others].sort(lastBegunFirst) : others });
}

/** Shows a study of this tab as it stands now, and keeps it beside what another tab may have added to it. */
function put(id: string, study: Study): void {
  show(id, study);
  void write(`study ${id}`, async () => {
    stands(id, await changeStudy(id, (stored) => joined(study, stored)));
    tellTabs({ studies: [id] });
  });
}

const change = (changed: Partial<Study>): void => {
  const { id, study } = now();
  if (id !== null && study) put(id, { ...study, ...changed });
};

/** Under which name a tab holds a study while it makes its runs. */
const nameOf = (id: string) => `study ${id}`;

/** Another pace for the runs under way and those that follow. */
export function setPace(pace: Plan["pace"]): void {
  set({ pace });
  for (const runner of atWork.keys()) runner.edit("pace", pace);
}

/** Runs what is planned. Nobody else is told when it ends: see the store. */
export async function startStudy(): Promise<void> {
  const { configs: chosen, seeds, limit, whenSolved, order } = now();
  const configs = comparedIn(chosen, usePage.getState().config);
  const together = order === "together" && canRunTogether(configs);
  let entries: Entry[];
  try {
    entries = entriesOf(configs, seeds, limit, whenSolved);
  } catch (error) {
    set({ problem: (error as Error).message });
    return;
  }
  set({ busy: true, live: [], problem: null });
  const id = crypto.randomUUID();
  await hold(nameOf(id));
  const begun = new Date().toISOString();
  const total = entries.length;
  put(id, {
    begun,
    queries: configs.map(encodeRun),
    together,
    disturbed: false,
    limit,
    whenSolved,
    total,
    outcomes: [],
  });
  await follow(configs, entries, together).finally(() => letGo(nameOf(id)));
}

/** Makes the runs that are left, as they were planned, unless another tab does. */
export async function goOnWithStudy(): Promise<void> {
  const { id, busy } = now();
  if (id === null || busy) return;
  set({ busy: true, live: [], problem: null });
  if (!(await hold(nameOf(id)))) return set({ busy: false, problem: `${ELSEWHERE}: one tab at a time makes them.` });
  try {
    // Another tab may have made some of them.
    const stored = await keptStudy(id).catch(() => null);
    const shown = now().study;
    if (!shown) return;
    show(id, joined(shown, stored));
    const { study, left } = now();
    if (!study || left.length === 0) return;
    set(planOf(study));
    await follow(configsOf(study), left, study.together);
  } finally {
    letGo(nameOf(id));
    set({ busy: false });
  }
}

const ELSEWHERE = "The runs of this comparison are being made in another tab";

async function follow(configs: readonly RunConfig[], entries: readonly Entry[], together: boolean): Promise<void> {
  const labels = labelsOf(configs);
  const runners = Array.from({ length: together ? configs.length : 1 }, newRunner);
  const controller = new AbortController();
  off = controller;
  const timer = setInterval(look, LOOK_MS);
  const stopHeeding = onNewRun(() => change({ disturbed: true }));
  const onEnd = async (outcome: Outcome, runner: Runner) => {
    const { group, seed } = outcome;
    await keepRunOf(runner, { name: `${labels[group].slice(0, 60)} · seed ${seed}`, colour: group });
    atWork.delete(runner);
    look();
    change({ outcomes: [...(now().study?.outcomes ?? []), outcome] });
    if (outcome.problem) set({ problem: `Seed ${seed} of ${labels[group]} failed: ${outcome.problem}` });
  };
  try {
    if (!together) {
      set({ warming: true });
      await warmUp(runners[0], entries, controller.signal);
      set({ warming: false });
    }
    await runStudy(runners, entries, controller.signal, {
      pace: () => (together ? now().pace : "full"),
      onBegin: (entry, runner) => void atWork.set(runner, entry),
      onEnd,
    });
  } catch (error) {
    set({ problem: (error as Error).message });
  } finally {
    clearInterval(timer);
    stopHeeding();
    atWork.clear();
    for (const runner of runners) runner.close();
    off = null;
    set({ busy: false, warming: false, live: [] });
  }
}

/** Ends the runs under way; what is done stays. */
export const stopStudy = (): void => off?.abort();

/** Shows another of the studies that are kept. */
export function showStudy(id: string): void {
  const found = now().kept.find((one) => one.id === id);
  if (!found || now().busy) return;
  show(id, found.study);
  set({ ...planOf(found.study), problem: null });
}

/** Forgets the study that is shown; its runs stay among the others. Never rejects. */
export async function forgetStudy(): Promise<void> {
  const { id } = now();
  if (id === null) return;
  try {
    const done = await whileHeld(nameOf(id), () => dropStudy(id));
    if (!done) return set({ problem: `${ELSEWHERE}: stop it there first.` });
  } catch (error) {
    return set({ problem: `This comparison could not be forgotten: ${(error as Error).message}.` });
  }
  stands(id, null);
  leave();
  tellTabs({ studies: [id] });
}

const leave = () => set({ id: null, study: null, left: [], configs: null, problem: null });

let read: Promise<void> | null = null;
let following = false;

/** Reads the studies that are kept, once, follows them, and takes up the last one where there is none yet. Never rejects. */
export function recallStudy(): Promise<void> {
  if (!following)
    followTabs(({ studies }) => {
      for (const id of studies ?? []) void readAgain(id);
    });
  following = true;
  read ??= allStudies().then(
    (kept) => {
      const unwritten = now().kept.filter(({ id }) => !kept.some((one) => one.id === id));
      set({ kept: [...kept, ...unwritten].sort(lastBegunFirst) });
      if (kept.length > 0 && now().study === null) showStudy(kept[0].id);
    },
    () => {
      read = null; // the library says why; the next look reads again
    },
  );
  return read;
}

/** Reads what another tab has changed. */
async function readAgain(id: string): Promise<void> {
  const study = await keptStudy(id).catch(() => undefined);
  if (study === undefined) return;
  stands(id, study);
  if (now().id !== id || now().busy) return;
  if (study) show(id, study);
  else leave();
}
