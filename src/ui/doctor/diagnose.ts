/**
 * What goes wrong with a run in a way that its curves show: cause, remedy, and what to press. A pure function of what the
 * page sees. Every window begins after the last live change, so that a remedy is judged by what follows it.
 *
 * A point of the update series is the mean of one or more updates; medians of points decide, because one bad batch is no
 * disease. A check names the statistics that it needs, and is silent where the algorithm does not declare them. Thresholds
 * stand beside what healthy runs show: A2C and A3C with the defaults, seeds 1 to 10, to the solution
 * (tests/ui/doctor/diagnose.test.ts).
 */
import { algorithms } from "../../algorithms/index.ts";
import { statsOf } from "../../algorithms/stats.ts";
import type { AnyValues, ParamValue } from "../../core/params.ts";
import { median, quantile } from "../../core/quantile.ts";
import { type Environment, goodReturn, shareOfGood } from "../../envs/environment.ts";
import { envs } from "../../envs/index.ts";
import { defaultConfig, paramsOf, type RunConfig } from "../../runtime/plan/config.ts";
import type { Phase, Snapshot, UpdatePoint } from "../../runtime/seen/view.ts";
import { short } from "../parts/format.ts";
import { bestEvaluation, isBelowBest, recentReturn } from "./best.ts";

export type Patient = Pick<
  Snapshot,
  "phase" | "trouble" | "config" | "returns" | "updateSeries" | "evaluations" | "edits" | "solvedAt"
>;

/** A patient whose updates have these statistics. */
type Measured<Stat extends string> = Omit<Patient, "updateSeries"> & {
  readonly updateSeries: readonly (UpdatePoint & Readonly<Record<Stat, number>>)[];
};

/** Values to set, in the run where it goes on or in a new one; parameters to go back to; an actor to replace. */
export type Remedy =
  | { readonly kind: "edit"; readonly values: AnyValues; readonly rollBack: boolean }
  | { readonly kind: "restart"; readonly values: AnyValues }
  | { readonly kind: "replace"; readonly actor: number };

export const findingIds = [
  "not-finite",
  "entropy-collapse",
  "exploding-gradient",
  "dead-critic",
  "stalled-actor",
  "rate-spent",
  "forgotten",
] as const;

export interface Finding {
  readonly id: (typeof findingIds)[number];
  /** fault: the run has ended or cannot get better. warning: it may. */
  readonly severity: "fault" | "warning";
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
  /** What the button says, and does. */
  readonly action: { readonly label: string; readonly does: Remedy };
}

/** Less is too early to say anything. */
const LEAST_POINTS = 24;
const LEAST_UPDATES = 300;

const norms = (points: readonly UpdatePoint[]): number[] => points.map((p) => p.gradientNorm);

/** Pushes and replaced actors are no treatment; a changed value and a way back are. */
export const isTreatment = ({ key }: { key: string }) => key !== "actor" && key !== "push";

/** What was seen since the last treatment. */
function since<P extends { readonly updates: number }>(
  points: readonly P[],
  { edits }: Pick<Patient, "edits">,
): readonly P[] {
  const last = edits.findLast(isTreatment)?.update ?? -1;
  return last < 0 ? points : points.filter((p) => p.updates > last);
}

/** The latest quarter of the points; null while there is too little to judge by. */
function windowOf<P extends UpdatePoint>(points: readonly P[]): readonly P[] | null {
  if (points.length < LEAST_POINTS) return null;
  if (points[points.length - 1].updates - points[0].updates < LEAST_UPDATES) return null;
  return points.slice(-Math.max(LEAST_POINTS / 2, Math.floor(points.length / 4)));
}

/** A legal value of one significant digit, a third of the value or less. */
function lowered({ algo, env, values }: RunConfig, key: string, by = 3): number {
  const { control } = paramsOf(algo, env)[key];
  const third = Number(((values[key] as number) / by).toPrecision(1));
  return control.type === "slider" ? Math.max(control.min, third) : third;
}

const written = ({ algo, env }: RunConfig, values: AnyValues): string =>
  Object.entries(values)
    .map(([key, value]) => {
      const param = paramsOf(algo, env)[key];
      return `${param.symbol ?? param.label} = ${param.format(value as ParamValue)}`;
    })
    .join(", ");

const environmentOf = ({ config }: Pick<Patient, "config">): Environment => envs[config.env];
/** How well the policy plays, and what. */
type Play = Pick<Patient, "config" | "returns" | "evaluations">;
/** Whether the policy plays less than half as well as the best so far, as the way from chance is measured. */
const hasFallen = (of: Play): boolean => isBelowBest(environmentOf(of), of, 0.5);

const isAtWork = (phase: Phase) => phase === "running" || phase === "paused";

/** Live values reach a run that is at work; one that has ended begins again with them. */
function set(of: Patient, values: AnyValues, rollBack = false): Finding["action"] {
  const { config, phase } = of;
  const words = written(config, values);
  if (!isAtWork(phase)) return { label: `Train again with ${words}`, does: { kind: "restart", values } };
  return {
    label: rollBack ? `Back to the best, with ${words}` : `Set ${words}`,
    does: { kind: "edit", values, rollBack },
  };
}

const restart = ({ config }: Patient, values: AnyValues): Finding["action"] => ({
  label: `Train again with ${written(config, values)}`,
  does: { kind: "restart", values },
});

/** The learner refused an update (trouble "not finite"). */
function notFinite(of: Patient): Finding | null {
  if (of.trouble?.kind !== "not finite") return null;
  const { clip } = of.config.values as { clip: number };
  const usual = defaultConfig(of.config.algo, of.config.env).values.clip as number;
  return {
    id: "not-finite",
    severity: "fault",
    title: "A number was no number any more",
    cause:
      "A step of the optimizer was so long that a loss or a gradient left the range of 32-bit numbers. The step was not applied.",
    remedy: "Shorter steps: a tenth of the learning rate, and a gradient that is clipped.",
    action: restart(of, { lr: lowered(of.config, "lr", 10), clip: Math.min(clip, usual) }),
  };
}

/** Medians of healthy runs are 0.24 nats or more, a third of log 2; collapsed ones end below 0.001. */
const COLLAPSED = 0.05; // of log |A|
/** Whoever is certain and still tries again and again may find out: where episodes are long, a window holds few of them. */
const LEAST_EPISODES = 40;
/** A policy that has solved its task may be as certain as it likes. */
const GOOD = 0.9; // of the way from chance to a good return

function entropyCollapse(of: Measured<"entropy">): Finding | null {
  const window = windowOf(since(of.updateSeries, of));
  const { actions } = environmentOf(of);
  // The entropy of a density has no least value.
  if (!window || actions.kind === "continuous" || isGood(of)) return null;
  if (episodesSince(of, window[0].updates) < LEAST_EPISODES) return null;
  const count = actions.names.length;
  const most = Math.log(count);
  if (!(median(window.map((p) => p.entropy)) < COLLAPSED * most)) return null;
  const lr = lowered(of.config, "lr");
  const hadBetter = hasFallen(of) && isAtWork(of.phase);
  return {
    id: "entropy-collapse",
    severity: "fault",
    title: "The policy has stopped exploring",
    cause: `Its entropy is below ${100 * COLLAPSED} % of log ${count} and its return is poor: steps that were too long made it certain of a bad action. Where π is 0 or 1, the gradient of policy and entropy bonus vanishes, so it does not find back.`,
    remedy: hadBetter
      ? "Go back to the best parameters, and on with shorter steps."
      : "Begin again with shorter steps. A larger entropy bonus comes too late.",
    action: hadBetter ? set(of, { lr }, true) : restart(of, { lr }),
  };
}

const episodesSince = ({ returns }: Play, updates: number): number =>
  returns.reduce((sum, p) => (p.updates > updates ? sum + p.episodes : sum), 0);

function isGood(of: Play): boolean {
  const means = [recentReturn(of.returns), of.evaluations.at(-1)?.mean ?? Number.NaN];
  return means.some((mean) => shareOfGood(environmentOf(of), mean) >= GOOD);
}

/** Times the 0.9-quantile of before. Healthy medians of a window are at most 1.1 times that. */
const EXPLODED = 10;

/** Against the large norms of before: once a task is solved most are a hundred times smaller, and any mistake would look large. */
function explodingGradient(of: Patient): Finding | null {
  const points = since(of.updateSeries, of);
  const window = windowOf(points);
  if (!window) return null;
  const { clip } = of.config.values as { clip: number };
  const before = quantile(norms(points.slice(0, -window.length)), 0.9);
  const now = median(norms(window));
  const usual = defaultConfig(of.config.algo, of.config.env).values.clip as number;
  const long = 10 * (clip === Number.POSITIVE_INFINITY ? usual : clip);
  if (!(now > EXPLODED * before && now > long)) return null;
  const values: AnyValues = { lr: lowered(of.config, "lr"), ...(clip > usual ? { clip: usual } : {}) };
  return {
    id: "exploding-gradient",
    severity: "warning",
    title: "The gradient explodes",
    cause: `Its norm is ${Math.round(now / before)} times what nine tenths of the updates before stayed below: each step lands where the loss is steeper.`,
    remedy: "Shorter steps, and a gradient that is clipped.",
    action: set(of, values, hasFallen(of) && isAtWork(of.phase)),
  };
}

/** ½(R − V)² where it misses by the reward of one usual step. */
const missesOf = (of: Pick<Patient, "config">): number => 0.5 * environmentOf(of).returns.reward ** 2;

/**
 * Explained variance alone is not enough: where every episode goes well, returns hardly differ and it is below 0 in healthy runs
 * too. There the critic's error is small, ½(R − V)² < 0.15 on CartPole; a dead one misses by more than the reward of a step.
 */
function deadCritic(of: Measured<"valueLoss" | "explainedVariance">): Finding | null {
  const window = windowOf(since(of.updateSeries, of));
  if (!window || !(median(window.map((p) => p.valueLoss)) > missesOf(of))) return null;
  const explains = window.filter((p) => p.explainedVariance > 0.01).length;
  if (explains > 0.1 * window.length) return null;
  const { valueCost } = of.config.values as { valueCost: number };
  const usual = defaultConfig(of.config.algo, of.config.env).values.valueCost as number;
  const unweighted = valueCost < 0.1 * usual;
  return {
    id: "dead-critic",
    severity: "warning",
    title: "The critic explains nothing",
    cause: unweighted
      ? `The value cost is ${valueCost}, so nothing teaches V. Its explained variance stays at 0 or below, and advantages are as noisy as returns.`
      : "Its explained variance stays at 0 or below while it misses by more than a reward: long steps have left its units saturated (tanh) or silent (relu).",
    remedy: unweighted ? "Give the critic's error its usual weight." : "Begin again with shorter steps and tanh.",
    action: unweighted
      ? set(of, { valueCost: usual })
      : restart(of, { lr: lowered(of.config, "lr", 10), activation: "tanh" }),
  };
}

function stalledActor({ trouble }: Patient): Finding | null {
  if (trouble?.kind !== "stalled") return null;
  const { actor } = trouble;
  return {
    id: "stalled-actor",
    severity: "warning",
    title: `Actor ${actor + 1} has stalled`,
    cause: "It has made no step for ten seconds. In lockstep everybody waits for it.",
    remedy: "End its thread: another takes its place and goes on from its last whole unroll.",
    action: { label: `Replace actor ${actor + 1}`, does: { kind: "replace", actor } },
  };
}

/** Of the learning rate that is set. */
const SPENT = 0.01;

function rateSpent(of: Patient): Finding | null {
  const { schedule, lr } = of.config.values as { schedule: string; lr: number };
  const last = since(of.updateSeries, of).at(-1);
  if (schedule !== "linear" || of.solvedAt !== null || !last || last.lr > SPENT * lr) return null;
  const { solvedAt } = environmentOf(of);
  if (solvedAt === null && isGood(of)) return null;
  return {
    id: "rate-spent",
    severity: "warning",
    title: "The learning rate has fallen to nothing",
    cause: `The linear schedule reached its horizon after ${of.config.values.horizon} env-steps, before ${solvedAt === null ? "the policy was good" : "the task was solved"}: updates change nothing any more.`,
    remedy: "Keep the rate constant, or put the horizon further off.",
    action: set(of, { schedule: "constant" }),
  };
}

/** Of the updates so far: a lapse that is shorter mends itself more often than not. */
const LAPSE = 0.05;

/** Solved once, and now all evaluations of a while and the latest episodes at less than half of the best. */
function forgotten(of: Patient): Finding | null {
  const environment = environmentOf(of);
  const best = bestEvaluation(of.evaluations);
  if (!isAtWork(of.phase) || !best || best.mean < goodReturn(environment)) return null;
  if (environment.solvedAt !== null && of.solvedAt === null) return null;
  const half = shareOfGood(environment, best.mean) / 2;
  const evaluations = since(of.evaluations, of);
  const from = (1 - LAPSE) * (evaluations.at(-1)?.updates ?? 0);
  const latest = evaluations.filter((e, i) => e.updates >= from || i >= evaluations.length - 2);
  if (latest.length < 2 || latest.some((e) => shareOfGood(environment, e.mean) > half) || !hasFallen(of)) return null;
  return {
    id: "forgotten",
    severity: "warning",
    title: "What was learnt is lost again",
    cause: `The best policy earned ${short(best.mean)}, the latest earns ${short(latest[latest.length - 1].mean)}. Once all goes well, batches show nothing but what goes well, and a long step forgets the rest.`,
    remedy: "Go back to the best parameters, and on with shorter steps.",
    action: set(of, { lr: lowered(of.config, "lr") }, true),
  };
}

/** A check of a patient whose algorithm declares these statistics; of another it finds nothing. */
const needing =
  <const Stat extends string>(needs: readonly Stat[], check: (of: Measured<Stat>) => Finding | null) =>
  (of: Patient): Finding | null => {
    const declared = statsOf(algorithms[of.config.algo]);
    return needs.every((name) => Object.hasOwn(declared, name)) ? check(of as Measured<Stat>) : null;
  };

const checks: readonly ((of: Patient) => Finding | null)[] = [
  notFinite,
  needing(["entropy"], entropyCollapse),
  explodingGradient,
  needing(["valueLoss", "explainedVariance"], deadCritic),
  stalledActor,
  rateSpent,
  forgotten,
];

/** What is wrong, the gravest first; empty for a healthy run. */
export function diagnose(of: Patient): Finding[] {
  if (of.phase === "idle" || of.phase === "starting") return [];
  return gravest(checks.map((check) => check(of)).filter((finding) => finding !== null));
}

/** A collapsed policy has forgotten too: one card says so. */
export const gravest = (found: readonly Finding[]): Finding[] =>
  found.filter(({ id }) => id !== "forgotten" || found.every((f) => f.id !== "entropy-collapse"));
