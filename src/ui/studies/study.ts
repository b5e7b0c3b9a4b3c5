/** Several runs for one question: seeds of a configuration, a grid, or a race. */
import type { ParamValue, Until } from "../../core/params.ts";
import { median } from "../../core/quantile.ts";
import { paramsOf, type RunConfig, withValues } from "../../runtime/plan/config.ts";
import type { Runner, Snapshot } from "../../runtime/seen/view.ts";
import { encodeRun } from "../address/url.ts";
import { toTable } from "../parts/csv.ts";
import { plural } from "../parts/format.ts";
import { type CurvePoint, meanOf } from "./curves.ts";
import { differences, labelOf } from "./differences.ts";
import { MOST_RUNS, type Outcome, type Study } from "./outcome.ts";
import { type Estimate, estimate } from "./statistics.ts";

export interface Entry {
  /** Which of the compared configurations it belongs to. */
  readonly group: number;
  /** Runs at the same time are of the same round: one seed of every configuration. */
  readonly round: number;
  readonly config: RunConfig;
}

/** One configuration for every combination of values; a value that a hyperparameter does not allow throws its sentence. */
export function gridOf(
  config: RunConfig,
  axes: readonly { key: string; values: readonly ParamValue[] }[],
): RunConfig[] {
  return axes.reduce<RunConfig[]>(
    (configs, { key, values }) =>
      configs.flatMap((base) =>
        values.map((value) => {
          const param = paramsOf(base.algo, base.env)[key];
          const wrong = param ? param.check(value) : "is no hyperparameter of this run";
          if (wrong) throw new Error(`${key} ${wrong}`);
          return withValues(base, { [key]: value });
        }),
      ),
    [config],
  );
}

/** `count` seeds of every configuration, from its own seed on, each ended by the limit (and when solved, if asked). */
export function entriesOf(configs: readonly RunConfig[], count: number, limit: number, whenSolved: boolean): Entry[] {
  const until: Until = [...(whenSolved ? [{ when: "solved" } as const] : []), { when: "steps", count: limit }];
  if (configs.length * count > MOST_RUNS)
    throw new Error(`${configs.length * count} runs are too many: at most ${MOST_RUNS} in one study`);
  // Seed by seed, so that every configuration meets the same weather of the machine.
  return Array.from({ length: count }, (_, round) =>
    configs.map((config, group) => {
      const seed = ((config.values.seed as number) + round) % 2 ** 32;
      return { group, round, config: withValues(config, { seed, until, pace: "full" }) };
    }),
  ).flat();
}

/** Labels of configurations by what differs, the seed apart. */
export function labelsOf(configs: readonly RunConfig[]): string[] {
  const keys = differences(configs.map((config) => withValues(config, { seed: 0 })));
  return configs.map((config) => labelOf(config, keys));
}

/** The label of a configuration that stands there twice, or null. Seed, pace and end, which a study sets itself, set none apart. */
export function twinIn(configs: readonly RunConfig[]): string | null {
  const bare = configs.map((config) => withValues(config, { seed: 0, pace: "full", until: [] }));
  const queries = bare.map(encodeRun);
  const twin = queries.findIndex((query, i) => queries.indexOf(query) !== i);
  return twin < 0 ? null : labelsOf(bare)[twin];
}

export const curveOf = (returns: Snapshot["returns"]): CurvePoint[] =>
  returns.map(({ envSteps, seconds, mean100, mean }) => ({ envSteps, seconds, mean100, mean }));

const outcomeOf = (group: number, s: Snapshot): Outcome => ({
  group,
  query: encodeRun(withValues(s.resolved, { pace: "full" })),
  seed: s.resolved.values.seed as number,
  envSteps: s.envSteps,
  updates: s.updates,
  seconds: s.seconds,
  sleptSeconds: s.sleptSeconds,
  solvedAt: s.solvedAt && { envSteps: s.solvedAt.envSteps, seconds: s.solvedAt.seconds },
  final: s.meanReturn100 ?? s.returns.at(-1)?.mean ?? Number.NaN,
  curve: curveOf(s.returns),
  parametersHash: s.parametersHash,
  problem: s.phase === "failed" ? s.problem : null,
});

/** What somebody who follows a study is told, and asked. */
export interface Follower {
  /** Pace of the run that begins; it changes no bit. */
  pace?(): "full" | "watchable";
  onBegin?(entry: Entry, runner: Runner): void;
  /** The runner still holds the run, and is left to it until the promise settles. */
  onEnd?(outcome: Outcome, runner: Runner): Promise<void>;
}

/** One run to its end; null when it was called off. */
async function runOne(
  runner: Runner,
  entry: Entry,
  signal: AbortSignal,
  { pace, onBegin, onEnd }: Follower,
): Promise<Outcome | null> {
  const ended = new Promise<void>((resolve) => {
    const look = () => {
      const { phase } = runner.snapshot();
      if (phase !== "stopped" && phase !== "failed" && !signal.aborted) return;
      unsubscribe();
      signal.removeEventListener("abort", look);
      resolve();
    };
    const unsubscribe = runner.onPhase(look);
    signal.addEventListener("abort", look);
  });
  onBegin?.(entry, runner);
  await runner.start(pace ? withValues(entry.config, { pace: pace() }) : entry.config);
  await ended;
  if (!signal.aborted) {
    const outcome = outcomeOf(entry.group, runner.snapshot());
    await onEnd?.(outcome, runner);
    return outcome;
  }
  await runner.reset();
  return null;
}

/** Environment steps of a warm-up. */
const WARM_UP = 10_000;

/**
 * A short run of each configuration, so that the first that is timed is not the one that starts the threads and meets
 * code that nothing has compiled. It is no run of the study.
 */
export async function warmUp(runner: Runner, entries: readonly Entry[], signal: AbortSignal): Promise<void> {
  for (const entry of entries.filter(({ group }, i) => entries.findIndex((e) => e.group === group) === i)) {
    if (signal.aborted) return;
    const config = withValues(entry.config, { until: [{ when: "steps", count: WARM_UP }] });
    await runOne(runner, { ...entry, config }, signal, {});
  }
}

/**
 * Runs as many entries of a round at the same time as there are runners, then the next ones: with one runner, one after
 * the other. A failed run is an outcome too; what was called off is none.
 */
export async function runStudy(
  runners: readonly Runner[],
  entries: readonly Entry[],
  signal: AbortSignal,
  follower: Follower = {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let first = 0; first < entries.length && !signal.aborted; ) {
    const next = entries.slice(first, first + runners.length).filter(({ round }) => round === entries[first].round);
    const ended = await Promise.all(next.map((entry, i) => runOne(runners[i], entry, signal, follower)));
    outcomes.push(...ended.filter((outcome) => outcome !== null));
    first += next.length;
  }
  return outcomes;
}

/** What a table says of one configuration. */
export interface Summary {
  readonly label: string;
  readonly runs: number;
  readonly solved: number;
  /** Medians over the runs that solved it. */
  readonly stepsToSolve: number | null;
  readonly secondsToSolve: number | null;
  /** Of the mean of each run's last 100 episodes. */
  readonly final: Estimate;
}

export function summaries(outcomes: readonly Outcome[], labels: readonly string[]): Summary[] {
  return labels.map((label, group) => {
    const own = outcomes.filter((outcome) => outcome.group === group);
    const solved = own.flatMap(({ solvedAt }) => (solvedAt ? [solvedAt] : []));
    return {
      label,
      runs: own.length,
      solved: solved.length,
      stepsToSolve: solved.length === 0 ? null : median(solved.map(({ envSteps }) => envSteps)),
      secondsToSolve: solved.length === 0 ? null : median(solved.map(({ seconds }) => seconds)),
      final: estimate(own.map(({ final }) => final).filter((x) => !Number.isNaN(x))),
    };
  });
}

/** Why wall times are not to be compared; null where they are. */
export function clockProblem({
  together,
  disturbed,
  outcomes,
}: Pick<Study, "together" | "disturbed" | "outcomes">): string | null {
  if (together) return "Run together, they shared the cores: wall time says nothing.";
  if (disturbed) return "A run of the page shared the cores meanwhile: wall times are not comparable.";
  const asleep = outcomes.filter(({ sleptSeconds = 0 }) => sleptSeconds > 0).length;
  if (asleep === 0) return null;
  return `The machine slept during ${asleep} of ${plural(outcomes.length, "run")}: wall times are not comparable.`;
}

/** Ends and curves of the runs as one table: a line of each run as it ended, then one of every point of its curve. */
export function csvOf(outcomes: readonly Outcome[], labels: readonly string[]): string {
  const head = [
    "what",
    "configuration",
    "seed",
    "env-steps",
    "seconds",
    "mean return of the last 100 episodes",
    "updates",
    "solved at env-steps",
    "solved at seconds",
    "parameters hash",
    "query",
    "seconds that the machine slept",
  ];
  const rows = outcomes.flatMap((o) => [
    [
      ...["end", labels[o.group], o.seed, o.envSteps, o.seconds, o.final],
      ...[
        o.updates,
        o.solvedAt?.envSteps ?? "",
        o.solvedAt?.seconds ?? "",
        o.parametersHash,
        o.query,
        o.sleptSeconds ?? "",
      ],
    ],
    ...o.curve.map((p) => [
      ...["curve", labels[o.group], o.seed, p.envSteps, p.seconds, meanOf(p)],
      ...["", "", "", "", "", ""],
    ]),
  ]);
  return toTable([head, ...rows]);
}
