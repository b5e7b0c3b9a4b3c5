/** The one runner of this tab, and what a person can tell it. */
import { type Param, type ParamValue, sameValue, type Until } from "../../core/params.ts";
import { defaultConfig, paramsOf, type RunConfig, roomFor } from "../../runtime/plan/config.ts";
import type { Phase, Runner } from "../../runtime/seen/view.ts";
import { createRunner } from "../../runtime/threads/run.ts";
import { createSoloRunner } from "../../runtime/threads/soloRunner.ts";
import { webWorkers } from "../../runtime/threads/webWorkers.ts";
import { repetitionFor } from "../share/ghost.ts";
import { usePage } from "./store.ts";

let theRunner: Runner | null = null;

/** Who keeps this page from sharing memory with threads; null: nobody. */
export type Unshared = "frame" | "browser" | null;
let unshared: Unshared = null;

const reasons = {
  frame: "The page around this one gives it no shared memory",
  browser: "This browser does not let the page share memory with its threads",
} as const;

/** A runner as this page can have them. */
export const newRunner = (): Runner =>
  unshared ? createSoloRunner(reasons[unshared], webWorkers) : createRunner(webWorkers);

/** Made on first use, so that a page that cannot share memory makes none. */
export function runner(): Runner {
  theRunner ??= newRunner();
  return theRunner;
}

/** From now on everything runs on one thread, without shared memory. Before anything is drawn. */
export function runOnOneThread(because: Unshared): void {
  unshared = because;
  theRunner = newRunner();
}

/** Whether everything runs on one thread: there is nobody to wait for, to slow down or to kill, and no other engine. */
export const isOnOneThread = (): boolean => unshared !== null;

const underWay: readonly Phase[] = ["starting", "running", "paused"];
export const isUnderWay = (phase: Phase) => underWay.includes(phase);

const beginnings = new Set<() => void>();

/** Calls `heed` when a new run begins. */
export function onNewRun(heed: () => void): () => void {
  beginnings.add(heed);
  return () => beginnings.delete(heed);
}

const keepers = new Set<() => Promise<void>>();

/** Calls `keep` before the run that the page holds is ended on purpose, and waits for it: it answers within about two seconds. */
export function onEnd(keep: () => Promise<void>): () => void {
  keepers.add(keep);
  return () => keepers.delete(keep);
}

let ending: Promise<unknown> | null = null;

/** The run that the page holds, if any, makes no further update and is kept as a whole; another or none is to take its place. */
export async function endRun(): Promise<void> {
  ending ??= Promise.allSettled([...keepers].map((keep) => keep())).finally(() => {
    ending = null;
  });
  await ending;
}

/**
 * Starts a new run, of what the controls show or of what they are to show from now on: given here and not set before, it
 * changes nothing in the run that ends.
 */
export async function startRun(next?: RunConfig): Promise<void> {
  usePage.getState().prefer({ hasTrained: true });
  await endRun();
  if (next) usePage.getState().setConfig(next);
  const { config } = usePage.getState();
  for (const heed of beginnings) heed();
  const repetition = await repetitionFor(config);
  return runner().start(config, { repetition });
}

/** What the big button does. */
export function trainOrPause(): void {
  const { phase } = runner().snapshot();
  if (ending) return;
  if (phase === "running") runner().pause();
  else if (phase === "paused") runner().resume();
  else if (phase !== "starting") void startRun();
}

/** One update. Before a run, it starts one at pace "step". */
export async function stepOnce(): Promise<void> {
  const { phase } = runner().snapshot();
  if (phase === "starting" || ending) return;
  if (!isUnderWay(phase)) {
    setValue("pace", "step");
    await startRun();
    if (!isUnderWay(runner().snapshot().phase)) return;
  }
  runner().step();
}

/** Whether the run ends when the task is solved. */
export const stopsWhenSolved = ({ values }: RunConfig): boolean =>
  (values.until as Until).some(({ when }) => when === "solved");

/** Adds or takes away the stop condition "solved"; the others stay. */
export function stopWhenSolved(stop: boolean): void {
  const others = (usePage.getState().config.values.until as Until).filter(({ when }) => when !== "solved");
  setValue("until", stop ? [{ when: "solved" }, ...others] : others);
}

export async function resetRun(): Promise<void> {
  await endRun();
  await runner().reset();
}

/** A legal value for one hyperparameter: into the controls, and into the run if it is live. */
export function setValue(key: string, value: ParamValue): void {
  const { config } = usePage.getState();
  const param = paramsOf(config.algo, config.env)[key];
  if (sameValue(param, config.values[key], value)) return;
  usePage.getState().setValue(key, value);
  editRun(key, value, param);
}

/** A live value into the run, if the run has what the page declares by that key. */
function editRun(key: string, value: ParamValue, param: Param<ParamValue>): void {
  const { phase, config } = runner().snapshot();
  if (!isUnderWay(phase)) return;
  if (param.live && paramsOf(config.algo, config.env)[key] === param) runner().edit(key, value);
}

/** Another configuration as a whole, e.g. from an address. The live part reaches the run. */
export function setConfig(config: RunConfig): void {
  usePage.getState().setConfig(config);
  const running = runner().snapshot().config;
  const theirs = paramsOf(running.algo, running.env);
  for (const [key, param] of Object.entries(paramsOf(config.algo, config.env)))
    if (theirs[key] === param && !sameValue(param, running.values[key], config.values[key]))
      editRun(key, config.values[key], param);
}

/**
 * Names of what differs between the controls and the run and cannot reach it without a restart.
 *
 * @param begun the configuration that the run began with: it has room for so many actors
 */
export function waitingForRestart(shown: RunConfig, running: RunConfig, begun = running): string[] {
  const waiting: string[] = [];
  if (shown.algo !== running.algo) waiting.push("algo");
  if (shown.env !== running.env) waiting.push("env");
  const theirs = paramsOf(running.algo, running.env);
  for (const [key, param] of Object.entries(paramsOf(shown.algo, shown.env)))
    if (!param.live && theirs[key] === param && !sameValue(param, shown.values[key], running.values[key]))
      waiting.push(key);
  if ((shown.values.actors as number) > roomFor(begun.values.actors as number)) waiting.push("actors");
  return waiting;
}

/** Every hyperparameter at its default, but for algorithm and environment. */
export function resetValues(): void {
  const { algo, env } = usePage.getState().config;
  setConfig(defaultConfig(algo, env));
}
