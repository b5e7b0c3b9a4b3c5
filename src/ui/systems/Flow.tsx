import { algorithms } from "../../algorithms/index.ts";
import type { SystemView } from "../../runtime/system.ts";
import { compact } from "../format.ts";
import type { SystemRates } from "./rates.ts";
import classes from "./systems.module.css";

const perSecond = (count: number, bytesEach: number) => `${compact(count)}/s · ${size(count * bytesEach)}/s`;
const size = (bytes: number) => (bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e3).toFixed(0)} kB`);

interface Arrow {
  readonly what: string;
  readonly rate: string;
}

/** What travels between the parts of this topology, and how much of it. */
export function arrowsOf(
  plan: Pick<SystemView["plan"], "gradients" | "apply">,
  sizes: SystemView["sizes"],
  rates: SystemRates,
): { up: Arrow; down: Arrow } {
  const { unrollsPerSecond } = rates;
  const down = { what: "parameters", rate: perSecond(unrollsPerSecond, sizes.parameters) };
  if (plan.apply === "actors")
    return {
      up: { what: "gradients, applied without locks", rate: perSecond(unrollsPerSecond, sizes.gradient) },
      down,
    };
  const up =
    plan.gradients === "actors"
      ? { what: "gradients", rate: perSecond(unrollsPerSecond, sizes.gradient) }
      : { what: "trajectories", rate: perSecond(unrollsPerSecond, sizes.unroll) };
  return { up, down };
}

/** The topology as a picture: who hands what to whom. */
export function Flow({ system, rates }: { system: SystemView; rates: SystemRates }) {
  const { plan, sizes, active } = system;
  const { up, down } = arrowsOf(plan, sizes, rates);
  const hogwild = plan.apply === "actors";
  const working = Math.min(active, plan.actors);
  const actors = `${working} ${working === 1 ? "actor" : "actors"}`;
  const does = plan.gradients === "actors" ? (hogwild ? "act, differentiate, apply" : "act, differentiate") : "act";
  const right = hogwild ? "live parameters" : "learner";
  const rightDoes = hogwild
    ? "one copy in shared memory"
    : plan.gradients === "actors"
      ? "sum, clip, apply, publish"
      : "differentiate, apply, publish";
  const { synchrony, title } = algorithms[plan.config.algo];
  const summary = `${title}, ${synchrony}. ${actors} ${does} and hand ${up.what} to the ${right}: ${up.rate}. Back come ${down.what}: ${down.rate}. ${compact(rates.updatesPerSecond)} updates a second.`;
  return (
    <figure className={classes.flow}>
      <svg viewBox="0 0 640 96" role="img" aria-label={summary}>
        <defs>
          <marker id="flow-end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        <rect x="1" y="20" width="150" height="56" rx="4" />
        <text x="76" y="44" className={classes.node}>
          {actors}
        </text>
        <text x="76" y="62">
          {does}
        </text>
        <rect x="489" y="20" width="150" height="56" rx="4" />
        <text x="564" y="44" className={classes.node}>
          {right}
        </text>
        <text x="564" y="62">
          {rightDoes}
        </text>
        <path d="M155 36H483" markerEnd="url(#flow-end)" />
        <text x="320" y="14">
          {up.what}
        </text>
        <text x="320" y="30" className={classes.rate}>
          {up.rate}
        </text>
        <path d="M485 60H157" markerEnd="url(#flow-end)" />
        <text x="320" y="74">
          {down.what}
        </text>
        <text x="320" y="90" className={classes.rate}>
          {down.rate}
        </text>
      </svg>
    </figure>
  );
}
