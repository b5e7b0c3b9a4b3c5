/** The study under way or the last one. It goes on when its dialog is closed, and is there again after a reload. */
import { create } from "zustand";
import type { RunConfig } from "../../runtime/config.ts";
import type { Phase, Runner, Snapshot } from "../../runtime/view.ts";
import { keepStudy, keptStudy } from "../runs/database.ts";
import { keepRunOf } from "../runs/recorder.ts";
import { newRunner, onNewRun } from "../session.ts";
import { usePage } from "../store.ts";
import { encodeRun } from "../url.ts";
import type { CurvePoint } from "./curves.ts";
import { configsOf, entriesLeft, planOf } from "./kept.ts";
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
function show(study: Study): void {
  set({ study, left: entriesLeft(study) });
  lastStudy.outcomes = study.outcomes;
  lastStudy.summaries = summaries(study.outcomes, labelsOf(configsOf(study)));
}

/** Shows a study as it stands now, and keeps it. */
function put(study: Study): void {
  show(study);
  keepStudy(study).catch(() => {}); // a browser that keeps nothing says so with its runs
}

const change = (changed: Partial<Study>): void => {
  const { study } = now();
  if (study) put({ ...study, ...changed });
};

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
  const total = entries.length;
  put({ queries: configs.map(encodeRun), together, disturbed: false, limit, whenSolved, total, outcomes: [] });
  await follow(configs, entries, together);
}

/** Makes the runs that are left, as they were planned. */
export async function goOnWithStudy(): Promise<void> {
  const { study, left } = now();
  if (!study) return;
  set({ ...planOf(study), busy: true, live: [], problem: null });
  await follow(configsOf(study), left, study.together);
}

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

/** Forgets the study; its runs stay among the others. */
export function forgetStudy(): void {
  set({ study: null, left: [], configs: null, problem: null });
  keepStudy(null).catch(() => {});
}

let read: Promise<void> | null = null;

/** Takes up the study that was kept, once, where there is none yet. */
export function recallStudy(): Promise<void> {
  read ??= keptStudy()
    .then((study) => {
      if (!study || now().study !== null) return;
      show(study);
      plan(planOf(study));
    })
    .catch(() => {});
  return read;
}
