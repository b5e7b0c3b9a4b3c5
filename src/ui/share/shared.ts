/** Packs what happened in a run into the hash of an address, and reads it again. Loaded where that is wanted. */
import { hash32 } from "../../core/layout.ts";
import { MOST_EDITS } from "../../runtime/plan/columns.ts";
import { bucketWidth, CURVE_BUCKETS, type CurvePoint, thinReturns } from "../charts/series.ts";
import { base64Length, deflate, fromBase64Url, inflate, Reader, toBase64Url, Writer } from "./bytes.ts";
import { HASH_KEY, isInOrder, type SharedRun } from "./run.ts";

export { packedIn, type SharedRun, verdictOf } from "./run.ts";

/** Values of a mean that can be told apart, from the least to the greatest of the curve. */
export const LEVELS = 1024;
/**
 * 2: with the episodes of every point, by which points are joined, and packed closer. 3: with the count of changes that are
 * missing; written only where there are some. Links of formats 1 and 2 are read, too.
 */
const FORMAT = 3;
/** Moments of a curve that can be told apart. */
const TICKS = 2000;
const MOST_BYTES = 200_000;
const MOST_POINTS = 4096;
/** Bytes of it, at most. */
const CHECKSUM = 5;
const CHANGED = "it was cut off or changed on the way";
const WORD = /^[\w.-]{1,40}$/; // of a key
/** Characters of a value. */
const LONGEST_VALUE = 100;
const HASH = /^[0-9a-f]{8}$/;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Why no link can carry these changes so that they are read again; null where one can. */
function editsProblem(edits: SharedRun["edits"]): string | null {
  if (!isInOrder(edits)) return "its changes are not in the order in which they were made";
  if (edits.length > MOST_EDITS) return `it has more than ${MOST_EDITS} changes`;
  const strange = edits.find(({ key, value }) => !WORD.test(key) || value.length > LONGEST_VALUE);
  return strange ? `nobody knows its change of ${strange.key} to ${strange.value}` : null;
}

/**
 * As text for the hash of an address: letters, digits, - and _.
 *
 * @param points the most that its curve may have
 * @throws where unpackRun would refuse the text
 */
export async function packRun(run: SharedRun, points = CURVE_BUCKETS): Promise<string> {
  const problem = editsProblem(run.edits);
  if (problem !== null) throw new Error(`this run cannot be shared: ${problem}`);
  const curve = thinReturns(run.curve, bucketWidth(run.curve.at(-1)?.envSteps ?? 0, points));
  const means = curve.map((p) => p.mean);
  const low = Math.fround(Math.min(0, ...means));
  const high = Math.fround(Math.max(1, ...means));
  const level = (mean: number) => Math.round(((mean - low) / (high - low)) * (LEVELS - 1));
  const out = new Writer()
    .count(run.missing > 0 ? FORMAT : 2)
    .count(run.configuration)
    .count(run.envSteps)
    .count(run.updates)
    .count(run.seconds * 1000);
  for (const hash of [run.parametersHash, run.returnsHash]) out.count(Number.parseInt(hash, 16));
  if (run.missing > 0) out.count(run.missing);
  out.count(run.edits.length);
  let update = 0;
  for (const edit of run.edits) {
    out
      .count(edit.update - update)
      .word(edit.key)
      .word(edit.value);
    update = edit.update;
  }
  out.count(curve.length).real(low).real(high);
  // Column by column: alike numbers side by side are packed better. Mostly an update is one unit of env-steps.
  const unit = curve.reduce((divisor, p) => gcd(divisor, p.envSteps), 0) || 1;
  const tick = Math.ceil(((curve.at(-1)?.seconds ?? 0) * 1000) / TICKS) || 1;
  out.count(unit).count(tick);
  const columns: ((p: CurvePoint) => number)[] = [
    (p) => p.envSteps / unit,
    (p) => p.updates - p.envSteps / unit,
    (p) => Math.round((p.seconds * 1000) / tick),
    (p) => p.episodes,
    (p) => level(p.mean),
  ];
  for (const column of columns) {
    let before = 0;
    for (const point of curve) {
      out.whole(column(point) - before);
      before = column(point);
    }
  }
  const body = out.done();
  if (body.length > MOST_BYTES - CHECKSUM) throw new Error("this run cannot be shared: it is too large for a link");
  return toBase64Url(await deflate(Uint8Array.from([...new Writer().count(hash32(body)).done(), ...body])));
}

/** Reads what `packRun` wrote. Throws a sentence about what is wrong with it. */
export async function unpackRun(text: string): Promise<SharedRun> {
  try {
    // What packs badly is hardly longer packed than unpacked.
    if (text.length > base64Length(MOST_BYTES + 1000)) throw new Error(`it is longer than ${MOST_BYTES} bytes`);
    const from = new Reader(await inflate(fromBase64Url(text), MOST_BYTES));
    const checksum = from.count();
    if (checksum !== hash32(from.rest)) throw new Error(CHANGED);
    return read(from);
  } catch (error) {
    const why = error instanceof Error && /^it /.test(error.message) ? error.message : CHANGED;
    throw new Error(`The curve in this link cannot be read: ${why}. The configuration is not affected.`);
  }
}

function read(from: Reader): SharedRun {
  const format = from.count();
  if (format < 1 || format > FORMAT)
    throw new Error(`it has format ${format}, and this page reads formats up to ${FORMAT}`);
  const configuration = from.count();
  const envSteps = from.count();
  const updates = from.count();
  const seconds = from.count() / 1000;
  const hash = () => from.count().toString(16).padStart(8, "0");
  const parametersHash = hash();
  const returnsHash = hash();
  if (!HASH.test(parametersHash) || !HASH.test(returnsHash)) throw new Error("it holds an impossible hash");
  const missing = format < 3 ? 0 : from.count();
  const edits: SharedRun["edits"][number][] = [];
  const editCount = from.count();
  if (editCount > MOST_EDITS) throw new Error(`it holds more than ${MOST_EDITS} changes`);
  let update = 0;
  for (let i = 0; i < editCount; i++) {
    update += from.count();
    const [key, value] = [from.word(), from.word()];
    if (!WORD.test(key) || value.length > LONGEST_VALUE) throw new Error("it holds a change of nothing known");
    edits.push({ update, key, value });
  }
  const count = from.count();
  if (count > MOST_POINTS) throw new Error("it holds too many points");
  const [low, high] = [from.real(), from.real()];
  const column = () => {
    let value = 0;
    return Array.from({ length: count }, () => {
      value += from.whole();
      return value;
    });
  };
  const [unit, tick] = format === 1 ? [1, 1] : [from.count(), from.count()];
  const [steps, atUpdate, ticks] = [column(), column(), column()];
  const episodes = format === 1 ? steps.map(() => 1) : column();
  const levels = column();
  if (!from.isAtEnd) throw new Error("it holds more than a run");
  const curve = steps.map((x, i) => ({
    envSteps: x * unit,
    updates: atUpdate[i] + (format === 1 ? 0 : x),
    seconds: (ticks[i] * tick) / 1000,
    episodes: episodes[i],
    mean: low + (levels[i] / (LEVELS - 1)) * (high - low),
  }));
  const outOfScale = levels.some((level) => level < 0 || level >= LEVELS);
  if (outOfScale || !curve.every((point, i) => isNext(point, curve[i - 1]?.envSteps ?? 0)))
    throw new Error("it holds a point that no run has");
  return { configuration, envSteps, updates, seconds, parametersHash, returnsHash, edits, missing, curve };
}

/** Whether a point of a curve can follow one after so many env-steps. */
const isNext = ({ envSteps, updates, seconds, episodes }: CurvePoint, before: number): boolean =>
  envSteps >= before &&
  seconds >= 0 &&
  seconds <= Number.MAX_SAFE_INTEGER &&
  [envSteps, updates, episodes].every((n) => Number.isSafeInteger(n) && n >= 0);

/**
 * The whole address of a shared run, thinned until it is short enough where that is possible.
 *
 * @param address of the configuration that the run began with
 * @param most characters
 */
export async function sharedAddress(address: string, run: SharedRun, most: number): Promise<string> {
  let whole = "";
  for (const points of [CURVE_BUCKETS, CURVE_BUCKETS / 2, CURVE_BUCKETS / 4, CURVE_BUCKETS / 8]) {
    whole = `${address}#${HASH_KEY}=${await packRun(run, points)}`;
    if (whole.length <= most) break;
  }
  return whole;
}
