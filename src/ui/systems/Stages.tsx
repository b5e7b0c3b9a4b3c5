import { Button } from "@mantine/core";
import type { UpdatePoint } from "../../runtime/seen/view.ts";
import { short } from "../parts/format.ts";
import { stepOnce } from "../state/session.ts";
import { duration } from "./lanes.ts";
import classes from "./systems.module.css";
import type { Place, Walk } from "./useWalk.ts";

/** "actor 2", "actors 1 to 4": the lanes of actors are the first. */
function actorsOf(lanes: readonly number[]): string {
  const numbers = lanes.map((i) => i + 1);
  if (numbers.length === 1) return `actor ${numbers[0]}`;
  return `actors ${numbers[0]} to ${numbers[numbers.length - 1]}`;
}

/** Who acts with which version now. */
function pulledBy(actors: readonly number[], versions: readonly number[]): string {
  const [first] = actors;
  const isSame = actors.every((i) => versions[i] === versions[first]);
  if (isSame) return `${actorsOf(actors)} ${actors.length === 1 ? "acts" : "act"} with version ${versions[first]} now`;
  return actors.map((i) => `actor ${i + 1}: version ${versions[i]}`).join(", ");
}

/** The last point of the curve, and how many updates it is the mean of; null where it is not of this update. */
function pointOf(points: readonly UpdatePoint[], updates: number): { point: UpdatePoint; of: number } | null {
  const point = points.at(-1);
  if (point?.updates !== updates) return null;
  return { point, of: updates - (points.at(-2)?.updates ?? 0) };
}

/** What each stage did, in numbers. */
export function saysOf({ round, system, updates, version, points, values, versions }: Walk): readonly string[] {
  const { plan, sizes } = system;
  const isHogwild = plan.apply === "actors";
  const n = isHogwild ? 1 : round.actors.length;
  const rows = n * plan.T * plan.B;
  const held = round.heldMs > 0 ? `, and ${duration(round.heldMs)} held back on purpose` : "";
  const last = pointOf(points, updates);
  const { clip, optimizer } = values as { clip: number; optimizer: string };
  const norm = last?.point.gradientNorm ?? Number.NaN;
  const meanOf = last && last.of > 1 ? `, mean of the last ${last.of} updates` : "";
  const stale = last?.of === 1 && !plan.lockstep ? `, taken ${last.point.staleness} versions ago` : "";
  const clipped = norm > clip ? `clipped to ${short(clip)}, ` : "not clipped, ";
  return [
    `${n} × ${plan.T} steps × ${plan.B} copies = ${rows} rows${held}`,
    last
      ? `‖g‖ = ${short(norm)}${clip === Number.POSITIVE_INFINITY ? "" : " before clipping"}${meanOf}${stale}`
      : "of the loss over these rows",
    last ? `${last.of === 1 ? clipped : ""}${optimizer}, α = ${short(last.point.lr)}` : optimizer,
    isHogwild
      ? `version ${version} is noted: there is one live copy, and nothing is handed out`
      : `version ${version}, ${(sizes.parameters / 1000).toFixed(1)} kB`,
    pulledBy(round.actors, versions),
  ];
}

/** The round that one update is: a person goes from stage to stage; after a step it goes by itself. */
export function Stages({ walk, place }: { walk: Walk; place: Place }) {
  const { round, updates } = walk;
  const { at, go, playing } = place;
  const says = saysOf(walk);
  return (
    <div className={classes.walk}>
      <ol className={classes.stages} aria-label={`Stages of update ${updates}`}>
        {round.stages.map(({ name, lanes, ms }, i) => {
          const byLearner = name === "publish" || lanes.some((lane) => !round.actors.includes(lane));
          const took = ms === null ? (name === "pull" ? "at the next unroll" : "within the gradient") : duration(ms);
          return (
            <li key={name}>
              <button type="button" aria-current={i === at ? "step" : undefined} onClick={() => go(i)}>
                <b>{name}</b>
                <span>{byLearner ? "learner" : actorsOf(lanes)}</span>
                <span className={classes.took}>{took}</span>
              </button>
            </li>
          );
        })}
      </ol>
      <p className={classes.detail} aria-live={playing ? "off" : "polite"}>
        <b>{round.stages[at].name}</b> {says[at]}
      </p>
    </div>
  );
}

/** To the stage before or after, and from the last one to the next update. */
export function StageButtons({ walk, place: { at, go } }: { walk: Walk; place: Place }) {
  const isLast = at === walk.round.stages.length - 1;
  return (
    <div className={classes.buttons}>
      <Button size="compact-xs" variant="default" disabled={at === 0} onClick={() => go(at - 1)}>
        Previous stage
      </Button>
      <Button size="compact-xs" variant="default" onClick={() => (isLast ? void stepOnce() : go(at + 1))}>
        {isLast ? "Next update" : "Next stage"}
      </Button>
    </div>
  );
}
