import { algorithms } from "../../algorithms/index.ts";
import type { SystemView } from "../../runtime/seen/system.ts";
import { compact, NOTHING } from "../parts/format.ts";
import type { SystemRates } from "./rates.ts";
import type { StageName } from "./stages.ts";
import classes from "./systems.module.css";

const THIN = "\u202f"; // no-break, between number and unit

export const size = (bytes: number): string =>
  bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)}${THIN}MB` : `${(bytes / 1e3).toFixed(bytes < 1e4 ? 1 : 0)}${THIN}kB`;
/** Fewer than ten a second with one digit more. */
const often = (count: number) => (count > 0 && count < 10 ? count.toFixed(1) : compact(count));
const perSecond = (count: number, bytesEach: number) =>
  Number.isNaN(count) ? NOTHING : `${often(count)}/s · ${size(count * bytesEach)}/s`;

export interface Arrow {
  readonly what: string;
  readonly rate: string;
}

type Plan = Pick<SystemView["plan"], "gradients" | "apply" | "values">;

/** What travels between the parts of this topology, and how much of it. */
export function arrowsOf(
  { gradients, apply, values }: Plan,
  sizes: SystemView["sizes"],
  { unrollsPerSecond, updatesPerSecond }: Pick<SystemRates, "unrollsPerSecond" | "updatesPerSecond">,
): { up: Arrow; down: Arrow; aside: Arrow } {
  const up =
    gradients === "actors"
      ? {
          what: apply === "actors" ? "gradients, without locks" : "gradients",
          rate: perSecond(unrollsPerSecond, sizes.gradient),
        }
      : { what: "trajectories", rate: perSecond(unrollsPerSecond, sizes.unroll) };
  return {
    up,
    down: { what: "parameters", rate: perSecond(unrollsPerSecond, sizes.parameters) },
    aside: {
      what: `every ${compact(values.evalEvery)}th version`,
      rate: perSecond(updatesPerSecond / values.evalEvery, sizes.parameters),
    },
  };
}

/** Who does what, by the topology. */
export function partsOf({ gradients, apply }: Pick<Plan, "gradients" | "apply">): {
  actors: string;
  learner: string;
  learnerDoes: string;
} {
  if (apply === "actors")
    return {
      actors: "act, differentiate, apply",
      learner: "live parameters",
      learnerDoes: "one copy, in shared memory",
    };
  return gradients === "actors"
    ? { actors: "act, differentiate", learner: "learner", learnerDoes: "sum, clip, apply, publish" }
    : { actors: "act", learner: "learner", learnerDoes: "differentiate, apply, publish" };
}

/** Where in the picture a stage happens. */
function placeOf(stage: StageName | null, { gradients, apply }: Plan): "actors" | "learner" | "down" | null {
  if (stage === null) return null;
  if (stage === "pull") return "down";
  if (stage === "unroll") return "actors";
  if (stage === "gradient") return gradients;
  return stage === "apply" ? apply : "learner";
}

function Node({ name, does, part, lit }: { name: string; does: string; part: string; lit: boolean }) {
  return (
    <div className={classes.node} data-part={part} data-lit={lit || undefined}>
      <b>{name}</b>
      <span>{does}</span>
    </div>
  );
}

function Line({ arrow, way, lit = false }: { arrow: Arrow; way: "up" | "down" | "aside"; lit?: boolean }) {
  return (
    <div className={classes.line} data-way={way} data-lit={lit || undefined}>
      <span>{arrow.what}</span>
      <i />
      <b>{arrow.rate}</b>
    </div>
  );
}

/** The topology as a picture: who hands what to whom, and how much of it. rates: null before there are any */
export function Flow({
  system,
  rates,
  stage,
}: {
  system: SystemView;
  rates: SystemRates | null;
  stage: StageName | null;
}) {
  const { plan, sizes, active } = system;
  const arrows = arrowsOf(plan, sizes, rates ?? { unrollsPerSecond: Number.NaN, updatesPerSecond: Number.NaN });
  const { up, down, aside } = arrows;
  const parts = partsOf(plan);
  const working = active;
  const actors = `${working} ${working === 1 ? "actor" : "actors"}`;
  const { synchrony, title } = algorithms[plan.config.algo];
  const summary =
    `${title}, ${synchrony}. ${actors} ${parts.actors} and hand ${up.what} to the ${parts.learner}: ${up.rate}. ` +
    `Back come ${down.what}: ${down.rate}. The evaluator gets ${aside.what}: ${aside.rate}. ` +
    `${compact(rates?.updatesPerSecond ?? Number.NaN)} updates a second.`;
  const place = placeOf(stage, plan);
  return (
    <div className={classes.flow} role="img" aria-label={summary}>
      <Node part="actors" name={actors} does={parts.actors} lit={place === "actors"} />
      <div className={classes.lines}>
        <Line way="up" arrow={up} />
        <Line way="down" arrow={down} lit={place === "down"} />
      </div>
      <Node part="learner" name={parts.learner} does={parts.learnerDoes} lit={place === "learner"} />
      <Line way="aside" arrow={aside} />
      <Node part="evaluator" name="evaluator" does="plays greedily" lit={false} />
    </div>
  );
}
