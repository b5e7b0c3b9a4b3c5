/** A writer or a reader of shared parameters that never rests. Every element of version v is v. */
import { parentPort, workerData } from "node:worker_threads";
import { viewsOf } from "../../../src/core/layout.ts";
import { ParameterReader, ParameterWriter, parametersLayout } from "../../../src/runtime/shared/parameters.ts";

export interface Stress {
  readonly buffer: SharedArrayBuffer;
  readonly size: number;
  readonly live: number;
  readonly readers: number;
  /** The writer publishes at least so many versions, and goes on until every reader has seen `distinct` of them. */
  readonly versions: number;
  readonly distinct: number;
  /** [2 + readers] threads that are ready; the last version once it is written, or −1; versions seen, a reader. */
  readonly progress: Int32Array;
  /** "careless" writes the banks without a look at the pins. */
  readonly role: "writer" | "careless" | number;
}

export interface Seen {
  readonly pulls: number;
  readonly distinct: number;
  readonly torn: number;
  readonly backwards: number;
  readonly last: number;
}

const { buffer, size, live, readers, versions, distinct: wanted, progress, role } = workerData as Stress;
const READY = 0;
const LAST = 1;
const SEEN = 2;
/** Every version is a float32 that no other version is. */
const MOST = 2 ** 27;
const views = viewsOf(parametersLayout(size, live, readers), buffer);
const parameters = new Float32Array(size);
const values = new Float64Array(live);

const enough = () => progress.subarray(SEEN).every((_, reader) => Atomics.load(progress, SEEN + reader) >= wanted);

function write(): number {
  const writer = new ParameterWriter(views);
  for (let version = 0; ; version++) {
    parameters.fill(version);
    values.fill(version);
    if (role === "writer") writer.publish(parameters, values);
    else {
      const bank = views.banks[version & 1];
      bank.parameters.set(parameters);
      bank.live.set(values);
      Atomics.store(views.version, 0, version);
      Atomics.store(views.published, 0, 1);
    }
    if (version < versions || (version % 1024 !== 0 && version < MOST) || (version < MOST && !enough())) continue;
    Atomics.store(progress, LAST, version);
    return version;
  }
}

function read(reader: number): Seen {
  const source = new ParameterReader(views, reader);
  let pulls = 0;
  let distinct = 0;
  let torn = 0;
  let backwards = 0;
  let last = -1;
  while (last < 0 || last !== Atomics.load(progress, LAST)) {
    const version = source.pull(parameters, values);
    if (version < 0) continue;
    pulls++;
    if (version > last) distinct++;
    if (version < last) backwards++;
    last = version;
    let whole = true;
    for (let i = 0; i < size; i++) whole &&= parameters[i] === version;
    for (let i = 0; i < live; i++) whole &&= values[i] === version;
    if (!whole) torn++;
    Atomics.store(progress, SEEN + reader, distinct);
  }
  return { pulls, distinct, torn, backwards, last };
}

Atomics.add(progress, READY, 1);
while (Atomics.load(progress, READY) < readers + 1); // nobody begins before everybody is there
parentPort!.postMessage(typeof role === "number" ? read(role) : write());
