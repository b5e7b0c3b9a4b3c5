/**
 * A whole run on one thread, on the SIMD kernels: for pages that get no memory to share, such as a frame in somebody
 * else's page. The same parts, the same bits; only nobody works at the same time.
 */
import { loadKernels } from "../nn/simd/kernels.ts";
import { simdPolicy } from "../nn/simd/policy.ts";
import type { Actor } from "./actor.ts";
import { StopWatch } from "./clock.ts";
import { EVALUATION_EPISODES, type RunConfig, resolved } from "./config.ts";
import { Evaluator } from "./evaluator.ts";
import { Learner } from "./learner.ts";
import { type Parts, updateOnce } from "./local.ts";
import { formatMemory, memoryLayout, sharedMemory } from "./memory.ts";
import { planRun } from "./plan.ts";
import { simdActor, simdLearner } from "./simdActor.ts";
import { Stops } from "./stopping.ts";

export class SoloRun implements Parts {
  readonly plan;
  readonly memory;
  readonly bytes: number;
  readonly learner: Learner;
  readonly evaluator: Evaluator;
  readonly actors: readonly Actor[];
  private readonly watch = new StopWatch();
  private readonly stops: Stops;
  /** Why it has ended by itself. */
  ending: string | null = null;

  constructor(asked: RunConfig) {
    this.plan = planRun(resolved(asked, "simd"));
    const { plan } = this;
    // A WebAssembly memory of the kind that the kernels take; it never leaves this thread.
    const wasm = sharedMemory(memoryLayout(plan).bytes);
    const memory = formatMemory(plan, wasm.buffer);
    this.memory = memory;
    this.stops = new Stops(memory.control.stops);
    this.bytes = wasm.buffer.byteLength;
    const kernels = loadKernels(wasm, plan.values.arithmetic);
    this.learner = new Learner(plan, memory, simdLearner(plan, wasm, memory.learner), this.watch.seconds);
    this.actors = memory.actors.map((_, index) => simdActor(plan, wasm, memory, index));
    this.evaluator = new Evaluator(
      plan,
      memory,
      simdPolicy(kernels, plan.spec, memory.evaluator.workspace, EVALUATION_EPISODES),
    );
    this.learner.begin();
  }

  /** See updateOnce. */
  async update(): Promise<void> {
    this.watch.go();
    const { learner } = this;
    await updateOnce(this);
    this.ending = this.stops.met(learner.record, this.watch.seconds());
  }

  /** Time stands still until the next update. */
  halt(): void {
    this.watch.halt();
  }

  /** Shows the page's reader how things stand. */
  publish(): void {
    this.learner.publishBoard();
  }
}
