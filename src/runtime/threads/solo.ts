/**
 * A whole run on one thread, on the SIMD kernels: for pages that get no memory to share, such as a frame in somebody
 * else's page. The same parts, the same bits; only nobody works at the same time.
 */
import { loadKernels } from "../../nn/simd/kernels.ts";
import { simdPolicy } from "../../nn/simd/policy.ts";
import type { Actor } from "../acting/actor.ts";
import { Evaluator } from "../acting/evaluator.ts";
import { simdActor, simdLearner } from "../acting/simdActor.ts";
import { Learner } from "../learning/learner.ts";
import { checkpointBytes, restoreCheckpoint } from "../memory/checkpoint.ts";
import { formatMemory, memoryLayout, sharedMemory } from "../memory/memory.ts";
import { actorsToStart, scheduleRepetition } from "../memory/repetition.ts";
import { EVALUATION_EPISODES, type RunConfig, resolved } from "../plan/config.ts";
import { planRun } from "../plan/plan.ts";
import type { StartOptions } from "../seen/view.ts";
import { StopWatch } from "../shared/clock.ts";
import { Stops } from "../shared/stopping.ts";
import { type Parts, updateOnce } from "./local.ts";

export class SoloRun implements Parts {
  readonly plan;
  readonly memory;
  /** All of it; it never leaves this thread. */
  readonly buffer: ArrayBufferLike;
  readonly learner: Learner;
  readonly evaluator: Evaluator;
  readonly actors: readonly Actor[];
  private readonly watch: StopWatch;
  private readonly stops: Stops;
  /** Why it has ended by itself. */
  ending: string | null = null;

  constructor(asked: RunConfig, { resume, repetition }: StartOptions = {}) {
    this.plan = planRun(resolved(asked, "simd"));
    const { plan } = this;
    // A WebAssembly memory of the kind that the kernels take.
    const wasm = sharedMemory(memoryLayout(plan).bytes);
    const memory = formatMemory(plan, wasm.buffer);
    if (resume) restoreCheckpoint(plan, memory, resume.checkpoint);
    if (repetition) scheduleRepetition(plan, memory, repetition);
    Atomics.store(memory.control.started, 0, actorsToStart(plan, memory));
    this.memory = memory;
    this.stops = new Stops(memory.control.stops);
    this.buffer = wasm.buffer;
    this.watch = new StopWatch(resume ? memory.checkpoint.data.seconds[0] * 1000 : 0);
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

  /** All that the run needs to be gone on with, as of the end of the last update. */
  checkpoint(): Uint8Array | null {
    return this.learner.save() ? checkpointBytes(this.plan, this.buffer) : null;
  }

  /** Shows the page's reader how things stand. */
  publish(): void {
    this.learner.publishBoard();
  }
}
