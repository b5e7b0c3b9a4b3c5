/** Files that are no export of this page: of anything, damaged, or whole and full of lies. */
import { viewsOf } from "../../src/core/layout.ts";
import { checkpointBytes } from "../../src/runtime/memory/checkpoint.ts";
import { memoryLayout } from "../../src/runtime/memory/memory.ts";
import { decodeRun } from "../../src/ui/address/url.ts";
import { FORMAT, type Recording, toJson } from "../../src/ui/runs/recording.ts";
import { toBase64Url } from "../../src/ui/share/bytes.ts";
import { runUntil } from "../runtime/simd.ts";
import { stage } from "../runtime/stage.ts";
import { type Dice, nasty, nastyNumbers } from "./dice.ts";

const query = "v=1&actors=2&envs=2&unroll=4&hidden=6&seed=7&engine=simd&gradients=learner&evalEvery=5";
const of = stage(decodeRun(query).config);
await runUntil(of, () => of.learner.record.updates === 60);
of.learner.save();
const checkpoint = checkpointBytes(of.plan, of.memory.header.hash.buffer);
const parameters = new Float32Array(of.learner.parameters);

const at = (i: number) => ({ envSteps: 16 * i, updates: i, seconds: i / 100 });
const points = Array.from({ length: 40 }, (_, i) => i + 1);

/** A run as this page writes it. */
const honest: Recording = {
  format: FORMAT,
  id: "0b5c",
  created: "2026-01-02T03:04:05.000Z",
  name: "mine",
  colour: 3,
  pinned: false,
  query,
  engine: "simd",
  ...at(60),
  episodes: 40,
  mean100: null,
  solvedAt: null,
  phase: "paused",
  ending: null,
  parametersHash: "0badf00d",
  returnsHash: "00000001",
  edits: [{ ...at(3), update: 3, key: "lr", value: "0.02" }].map(({ updates: _, ...edit }) => edit),
  returns: points.map((i) => ({ ...at(i), episodes: 2, mean: 20, min: 9, max: 31, mean100: Number.NaN })),
  evaluations: points.map((i) => ({ ...at(i), episodes: 10, mean: 9, std: 1, min: 8, max: 10 })),
  updateSeries: points.map((i) => ({
    ...at(i),
    loss: 1,
    policyLoss: 0.5,
    valueLoss: 1,
    entropy: 0.69,
    gradientNorm: 2,
    lr: 0.01,
    explainedVariance: -0.1,
    staleness: 0,
    maxStaleness: 0,
  })),
};

export const honestFile = toJson(honest, { parameters, checkpoint });

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Keys that reach a prototype are keys of their own, as JSON.parse makes them. */
const own = (key: string, value: unknown): object => JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`);

const value = (dice: Dice, large: number): unknown => {
  const kind = dice.below(10);
  if (kind < 3) return dice.pick(nasty);
  if (kind < 6) return dice.pick(nastyNumbers);
  if (kind === 6) return dice.pick([null, true, [], {}, [[]], [null]]);
  if (kind === 7) return own(dice.pick(nasty), dice.pick(nastyNumbers));
  if (kind === 8) return Array(dice.below(large)).fill(dice.pick([0, "", null, {}]));
  return dice.pick(["x", "é", "\\", '"']).repeat(dice.below(large));
};

/** Puts something else in the place of one value of a run. */
function lie(dice: Dice, into: Record<string, unknown>, large: number): void {
  let node = into;
  for (;;) {
    const key = dice.once(15) ? dice.pick(nasty) : dice.pick(Object.keys(node).concat("0"));
    const inner = node[key];
    if (typeof inner === "object" && inner !== null && !dice.once(3)) node = inner as Record<string, unknown>;
    else {
      Object.defineProperty(node, key, {
        value: value(dice, large),
        enumerable: true,
        configurable: true,
        writable: true,
      });
      return;
    }
  }
}

/** Another number somewhere in the checkpoint: in a field that says much by one word as often as among thousands. */
function damagedCheckpoint(dice: Dice): Uint8Array {
  const layout = memoryLayout(of.plan).nodes.checkpoint.nodes.data;
  const bytes = checkpoint.slice(16);
  const leaves: (Float32Array | Float64Array | Int32Array | Uint32Array)[] = [];
  const gather = (views: object): void => {
    for (const view of Object.values(views))
      if (ArrayBuffer.isView(view)) leaves.push(view as Float64Array);
      else gather(view);
  };
  gather(viewsOf(layout, bytes.buffer));
  for (let damages = 1 + dice.below(2); damages > 0; damages--) {
    const leaf = dice.pick(leaves);
    leaf[dice.once(2) ? 0 : dice.below(leaf.length)] = dice.once(4) ? dice.below(1000) / 7 : dice.pick(nastyNumbers);
  }
  const whole = checkpoint.slice();
  whole.set(bytes, 16);
  if (dice.once(12)) whole[dice.below(16)] ^= 1 << dice.below(8);
  return dice.once(12) ? whole.subarray(0, dice.below(whole.length)) : whole;
}

function flipped(dice: Dice): Uint8Array {
  const bytes = encode(honestFile).slice();
  for (let flips = 1 + dice.below(4); flips > 0; flips--) bytes[dice.below(bytes.length)] = dice.below(256);
  return dice.once(3) ? bytes.subarray(0, dice.below(bytes.length)) : bytes;
}

/** As large as a file may be, of one thing. @param large bytes */
function huge(dice: Dice, large: number): Uint8Array {
  const piece = dice.pick([
    "[",
    "{},",
    '{"a":',
    "0,",
    "9",
    '"',
    '\\"',
    '"\\"",',
    "\\\\",
    " ",
    '"a":',
    "[[],",
    "\ufeff",
  ]);
  const text = piece.repeat(Math.floor(large / piece.length));
  const closed = dice.pick([
    text,
    `[${text}0]`,
    `{"format":1,"returns":[${text}{}]}`,
    `{"format":1,"parameters":"${text}"}`,
  ]);
  return encode(closed).subarray(0, large);
}

/** @param large bytes of the largest parts */
export function hostileFile(dice: Dice, large: number): Uint8Array {
  const kind = dice.below(100);
  if (kind < 45) {
    const run = JSON.parse(honestFile) as Record<string, unknown>;
    if (dice.once(2)) delete run.checkpoint;
    for (let lies = 1 + dice.below(2); lies > 0; lies--) lie(dice, run, large / 100);
    return encode(JSON.stringify(run));
  }
  if (kind < 75) return encode(toJson(honest, { parameters, checkpoint: damagedCheckpoint(dice) }));
  if (kind < 85) return flipped(dice);
  if (kind < 90) return Uint8Array.from(dice.list(3000, () => dice.below(256)));
  if (kind < 95)
    return encode(
      JSON.stringify({ ...honest, query: dice.pick(nasty), parameters: toBase64Url(encode(dice.pick(nasty))) }),
    );
  return huge(dice, large);
}
