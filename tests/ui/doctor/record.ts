/**
 * Trains every run of the doctor's tests and writes their courses to fixtures/: node --import tsx tests/ui/doctor/record.ts
 *
 * Deterministic. Fails where the doctor finds something else in a course than it found in the run.
 */
import { writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { batchRows } from "../../../src/runtime/plan/plan.ts";
import type { Stage } from "../../runtime/stage.ts";
import { type Course, columns, configOf, coursesFile, join, looksOf, noUpdates, type Updates } from "./courses.ts";
import { Findings, train } from "./training.ts";

type Run = Pick<Course, "query" | "seed">;
const seeds = (query: string, count: number): Run[] =>
  Array.from({ length: count }, (_, i) => ({ query, seed: i + 1 }));

/** Until they are solved or have taken so many env-steps. */
const runs = {
  healthy: {
    budget: 300_000,
    of: [
      ...seeds("", 10),
      ...seeds("algo=a3c", 10),
      ...seeds("actors=1", 5),
      ...seeds("actors=8", 5),
      ...seeds("schedule=linear", 5),
      ...seeds("hidden=64,64&lr=0.002", 2),
      ...seeds("env=Acrobot-v1&lr=0.003", 3),
      ...seeds("env=Acrobot-v1&algo=a3c&lr=0.001", 3),
      ...seeds("env=MountainCar-v0&lr=0.001&entropyCost=0.1", 2),
    ],
  },
  ill: {
    budget: 150_000,
    of: [
      ...seeds("lr=0.1", 1),
      ...seeds("lr=0.1&entropyCost=0", 1),
      ...seeds("valueCost=0&lr=0.001", 1),
      ...seeds("lr=0.1&clip=100&valueCost=10&activation=relu&hidden=256,256&gamma=1", 1),
      ...seeds("schedule=linear&horizon=2000", 1),
      ...seeds("env=Acrobot-v1&lr=0.01", 1),
      ...seeds("env=Acrobot-v1&valueCost=0&lr=0.001", 1),
      ...seeds("env=Acrobot-v1&lr=0.003&schedule=linear&horizon=2000", 1),
      ...seeds("env=MountainCar-v0&lr=0.01", 1),
      ...seeds("env=MountainCar-v0&valueCost=0&lr=0.001", 1),
    ],
  },
};

/** Episodes that the doctor calls recent. */
const RECENT = 20;

const significant = (x: number) => Number(x.toPrecision(2));
const hundredths = (x: number) => Math.round(x * 100) / 100;
const rounding: Record<keyof Updates, (x: number) => number> = {
  count: (x) => x,
  valueLoss: significant,
  entropy: hundredths,
  gradientNorm: significant,
  explainedVariance: (x) => (x < -1 ? significant(x) : hundredths(x)),
  lr: significant,
};

/** Notes every update and every episode of a run, as they are recorded. */
function listenTo({ plan: { outputGradient }, learner: { record } }: Stage, updates: Updates, returns: number[]): void {
  const { update, episode } = record;
  record.update = (actor, of) => {
    update.call(record, actor, of);
    const { loss, ...rest } = of;
    const ofLoss = Object.fromEntries(outputGradient.stats.map((name, i) => [name, loss[i]]));
    const all: Readonly<Record<string, number>> = { ...ofLoss, ...rest, count: 1 };
    for (const key of columns) updates[key].push(all[key]);
  };
  record.episode = (actor, copy, total, length) => {
    episode.call(record, actor, copy, total, length);
    returns.push(total);
  };
}

/** What the doctor says, without the figures in its words. */
const said = ({ all }: Findings) => JSON.stringify(all.map(({ id, action: { does } }) => ({ id, does })));

async function recorded(run: Run, budget: number): Promise<Course> {
  const config = configOf(run);
  const fresh = noUpdates();
  const returns: number[] = [];
  const live = new Findings();
  const course: Course = {
    ...run,
    end: "out of steps",
    rows: 0,
    looks: { updates: [], width: [], episodes: [], mean: [] },
    updates: noUpdates(),
    evaluations: { updates: [], mean: [] },
  };
  let stage: Stage | null = null;
  let seen = 0;
  await train(
    config,
    budget,
    (at) => {
      live.look(at);
      const { plan, memory } = stage!;
      course.rows = batchRows(plan);
      if (course.rows * at.updates !== at.envSteps) throw new Error("updates differ in their env-steps");
      const width = memory.board.updates.width[0];
      const latest = returns.slice(-RECENT);
      course.looks.updates.push(at.updates);
      course.looks.width.push(width);
      course.looks.episodes.push(latest.length);
      course.looks.mean.push(latest.length === 0 ? 0 : hundredths(latest.reduce((a, b) => a + b) / latest.length));
      const rows = noUpdates();
      join(rows, fresh, width, course.rows, seen);
      for (const key of columns) course.updates[key].push(...rows[key].map(rounding[key]));
      course.evaluations = { updates: at.evaluations.map((e) => e.updates), mean: at.evaluations.map((e) => e.mean) };
      if (at.trouble) course.end = "not finite";
      else if (at.solvedAt) course.end = "solved";
      returns.length = 0;
      for (const key of columns) fresh[key].length = 0;
      seen = at.updates;
    },
    (of) => {
      stage = of;
      listenTo(of, fresh, returns);
    },
  );
  const again = new Findings();
  for (const look of looksOf(course)) again.look(look);
  if (said(again) !== said(live))
    throw new Error(`"${run.query}", seed ${run.seed}: ${said(live)} in the run, ${said(again)} in its course`);
  console.log(`"${run.query}", seed ${run.seed}: ${course.end} after ${seen} updates, ${said(live)}`);
  return course;
}

const courses: Record<string, Course[]> = {};
for (const [kind, { budget, of }] of Object.entries(runs)) {
  courses[kind] = [];
  for (const run of of) courses[kind].push(await recorded(run, budget));
}
const packed = brotliCompressSync(JSON.stringify(courses));
writeFileSync(coursesFile, packed);
console.log(`${packed.length} bytes`);
