/** Counts the objects that our own code allocates, by the function that does it. */
import { type HeapProfiler, Session } from "node:inspector/promises";
import { setFlagsFromString } from "node:v8";

// Objects that never leave a function are counted too: whether the compiler removes them depends on what it has inlined,
// and differs from one run to the next. Compiling in place makes its decisions come at the same moments.
setFlagsFromString("--no-turbo-escape");
setFlagsFromString("--no-concurrent-recompilation");

/** A boxed number: where it is one at all depends on what the compiler has inlined, so boxes are not counted. */
const BOX = 16; // bytes, in a V8 of 64 bits

/** What V8 answers beyond the types of Node. */
interface ProfileNode extends HeapProfiler.SamplingHeapProfileNode {
  readonly id: number;
  readonly children: ProfileNode[];
}
interface Profile extends HeapProfiler.SamplingHeapProfile {
  readonly head: ProfileNode;
  readonly samples: readonly { readonly size: number; readonly nodeId: number }[]; // bytes
}

interface Sampling {
  samplingInterval: number; // bytes
  includeObjectsCollectedByMajorGC: boolean;
  includeObjectsCollectedByMinorGC: boolean;
}

/** "rollout.ts fill" of the nearest function of this project; null where the engine or a library calls. */
function ownFunction({ callFrame }: ProfileNode, caller: string | null, of: string) {
  const { url, functionName } = callFrame;
  return url.includes(of) ? `${url.split("/").at(-1)} ${functionName || "(anonymous)"}` : caller;
}

/**
 * Every object bigger than a boxed number that `work` allocates, and how many of them for each of its `times`.
 *
 * @param of part of the address of the scripts that count
 */
async function allocationsOf(
  work: () => void | Promise<void>,
  times: number,
  of: string,
): Promise<Map<string, number>> {
  const session = new Session();
  session.connect();
  // At one byte a sample every object is one, whether or not it is collected meanwhile.
  const sampling: Sampling = {
    samplingInterval: 1,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  };
  await session.post("HeapProfiler.startSampling", sampling);
  for (let i = 0; i < times; i++) await work();
  const { head, samples } = (await session.post("HeapProfiler.stopSampling")).profile as Profile;
  session.disconnect();

  const names = new Map<number, string | null>();
  const visit = (node: ProfileNode, caller: string | null) => {
    const name = ownFunction(node, caller, of);
    names.set(node.id, name);
    for (const child of node.children) visit(child, name);
  };
  visit(head, null);
  const counts = new Map<string, number>();
  for (const { size, nodeId } of samples) {
    const name = names.get(nodeId);
    if (name && size > BOX) counts.set(name, (counts.get(name) ?? 0) + 1 / times);
  }
  return counts;
}

/** Without the traces of adding one by one. */
const rounded = ([name, count]: [string, number]): [string, number] => [name, Math.round(count * 100) / 100];

const ROUNDS = 5;
/** Objects a time that compilers make now and then for themselves (feedback, metadata), and no more. */
const RARE = 0.2;

/**
 * Objects that each function allocates every time, once `work` is optimised. A real allocation is there in every round;
 * what a compiler does in one of them is not.
 */
export async function steadyAllocations(
  work: () => void | Promise<void>,
  { warmUp = 2000, times = 1000, of = "/src/" } = {},
): Promise<Record<string, number>> {
  for (let i = 0; i < warmUp; i++) await work();
  let steady: Map<string, number> | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    const now = await allocationsOf(work, times / ROUNDS, of);
    steady = new Map([...(steady ?? now)].map(([name, count]) => [name, Math.min(count, now.get(name) ?? 0)]));
  }
  return Object.fromEntries(
    [...steady!]
      .filter(([, count]) => count > RARE)
      .map(rounded)
      .sort(),
  );
}
