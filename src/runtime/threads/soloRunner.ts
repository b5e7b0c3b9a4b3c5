/** The handle on a run that lives on one thread and shares no memory: what is shown is what was last reported. */
import type { AnyValues } from "../../core/params.ts";
import type { EnvId } from "../../envs/index.ts";
import type { EngineChoice } from "../../nn/engine.ts";
import type { NetworkSpec } from "../../nn/graph.ts";
import { configProblems, type RunConfig, resolved } from "../plan/config.ts";
import { planRun } from "../plan/plan.ts";
import type { Phase, Runner, Snapshot, StartOptions, Trouble } from "../seen/view.ts";
import { nothing, type Watched } from "../seen/watch.ts";
import type { Host, Spawned } from "./host.ts";
import { ended, type Held, newLock } from "./life.ts";
import { refusalOf } from "./refusal.ts";

export type SoloOrder =
  | { do: "live"; lock: string } // see life.ts; the first of all
  | { do: "start"; run: number; config: RunConfig; options: StartOptions }
  | { do: "reset" }
  | { do: "step" }
  | { do: "mode"; mode: "running" | "paused" }
  | { do: "edit"; key: string; value: AnyValues[string] }
  | { do: "push"; actor: number; copy: number; strength: number }
  | { do: "rollBack" }
  | { do: "policy"; withCheckpoint: boolean };

interface Policy {
  readonly parameters: Float32Array;
  readonly version: number;
}

export interface SoloReport {
  /** The number that it was started with. */
  readonly run: number;
  readonly seen?: Watched;
  /** As asked for, and before a run ends. */
  readonly policy?: Policy;
  readonly checkpoint?: Uint8Array | null;
  readonly reason?: string;
  readonly problem?: string;
  readonly trouble?: Trouble;
}

/** Rates over about so many milliseconds. */
const RATE = 1000;
/** Milliseconds that the thread has to answer with a checkpoint. */
const ANSWER = 2000;

const ignore = () => {};

/** What runs, whatever was asked for: other engines answer on the event loop, or are loaded on the learner's thread. */
const engineFor = (why: string, { values }: RunConfig): EngineChoice => {
  const instead = values.engine === "auto" || values.engine === "simd" ? "" : ` in place of ${values.engine}`;
  return {
    engine: "simd",
    label: "SIMD, one thread",
    reason: `${why}, so everything runs on one thread, on the SIMD kernels${instead}.`,
    adapter: null,
    trials: [],
  };
};

class SoloRunner implements Runner {
  readonly system = null;
  private worker: Spawned | null = null;
  /** The environment that the worker has stepped: it steps no other, see threads.ts. */
  private stepped: EnvId | null = null;
  /** Grows with every start and reset: what an older run reports late is not heard. */
  private generation = 0;
  private phase: Phase = "idle";
  private problem: string | null = null;
  private trouble: Trouble | null = null;
  private stopReason: string | null = null;
  private engine: EngineChoice | null = null;
  private seen: Watched = nothing;
  private spec: NetworkSpec | null = null;
  private policy: Policy | null = null;
  private isPolicyAsked = false;
  private readonly waiting = new Set<(checkpoint: Uint8Array | null) => void>();
  private samples: { time: number; envSteps: number; updates: number }[] = [];
  private last: Snapshot | null = null;
  private readonly listeners = new Set<() => void>();

  /** @param why no memory is shared, as the beginning of a sentence */
  constructor(
    private readonly why: string,
    private readonly host: Host,
  ) {}

  get workerCount(): number {
    return this.worker ? 1 : 0;
  }

  async start(config: RunConfig, options: StartOptions = {}): Promise<void> {
    await this.reset();
    const problems = configProblems(config);
    if (problems.length > 0)
      return this.enter("failed", { problem: `This run cannot be started: ${problems.join("; ")}.` });
    const generation = ++this.generation;
    const plan = planRun(resolved(config, "simd"));
    const refusal = await refusalOf(plan, options);
    if (generation !== this.generation) return;
    if (refusal !== null) return this.enter("failed", { problem: refusal });
    this.engine = engineFor(this.why, config);
    this.spec = plan.spec;
    if (this.stepped !== null && this.stepped !== config.env) this.endWorker();
    this.tell({ do: "start", run: this.generation, config, options });
    this.stepped = config.env;
    this.enter(config.values.pace === "step" ? "paused" : "running");
  }

  private tell(order: SoloOrder): void {
    this.worker ??= this.spawn();
    this.worker.post(order);
  }

  private spawn(): Spawned {
    const worker = this.host.spawn("solo", "solo");
    const lose = (why: string) => {
      if (this.worker !== worker) return; // it was ended here
      this.endWorker();
      this.answer(null);
      const isOver = this.phase === "stopped" || this.phase === "failed";
      const problem = `The thread of the run died: ${why}. ${this.host.afterDeath}`.trim();
      if (!isOver) this.enter("failed", { problem });
    };
    worker.onMessage((message) => {
      const told = message as SoloReport | Held;
      if ("held" in told) void ended(told.held).then(() => lose("it ended without a word"), ignore);
      else this.hear(told);
    });
    worker.onDeath(lose);
    worker.post({ do: "live", lock: newLock() } satisfies SoloOrder);
    return worker;
  }

  private hear({ run, seen, policy, checkpoint, reason, problem, trouble }: SoloReport): void {
    if (run !== this.generation || this.phase === "idle") return; // of a run that was reset
    if (seen) {
      this.seen = seen;
      const time = performance.now();
      this.samples.push({ time, envSteps: seen.envSteps, updates: seen.updates });
      while (this.samples.length > 2 && this.samples[1].time < time - RATE) this.samples.shift();
    }
    if (policy) {
      this.policy = policy;
      this.isPolicyAsked = false;
    }
    if (checkpoint !== undefined) this.answer(checkpoint);
    this.last = null;
    if (problem) this.enter("failed", { problem, trouble });
    else if (reason) this.enter("stopped", { stopReason: reason });
  }

  /** To everybody who waits for a checkpoint. */
  private answer(checkpoint: Uint8Array | null): void {
    for (const resolve of this.waiting) resolve(checkpoint);
    this.waiting.clear();
  }

  pause(): void {
    if (this.phase !== "running") return;
    this.tell({ do: "mode", mode: "paused" });
    this.enter("paused");
  }

  resume(): void {
    if (this.phase !== "paused") return;
    if (this.seen.config.values.pace === "step") {
      this.step();
      return;
    }
    this.tell({ do: "mode", mode: "running" });
    this.enter("running");
  }

  step(): void {
    if (this.phase !== "running" && this.phase !== "paused") return;
    this.tell({ do: "step" });
    if (this.phase === "running") this.enter("paused");
  }

  async reset(): Promise<void> {
    // A thread in the middle of a long update, which a pause does not cut short, would hear of it late.
    if (this.phase === "running" || this.phase === "paused") this.endWorker();
    else this.worker?.post({ do: "reset" } satisfies SoloOrder);
    this.generation++;
    this.seen = nothing;
    this.engine = null;
    this.spec = null;
    this.policy = null;
    this.isPolicyAsked = false;
    this.samples = [];
    this.answer(null);
    this.enter("idle");
  }

  private endWorker(): void {
    this.worker?.terminate();
    this.worker = null;
    this.stepped = null;
  }

  edit(key: string, value: AnyValues[string]): void {
    if (this.phase !== "running" && this.phase !== "paused") return;
    const before = this.seen.config.values.pace;
    this.tell({ do: "edit", key, value });
    if (key !== "pace" || value === before) return;
    if (value === "step") this.pause();
    else if (before === "step" && this.phase === "paused") {
      this.tell({ do: "mode", mode: "running" });
      this.enter("running");
    }
  }

  push(actor: number, copy: number, strength: number): void {
    if (this.phase === "running") this.tell({ do: "push", actor, copy, strength });
  }

  rollBack(): void {
    if (this.phase === "running" || this.phase === "paused") this.tell({ do: "rollBack" });
  }

  get network(): NetworkSpec | null {
    return this.spec;
  }

  /** Those that were last sent; asks for later ones. */
  parameters(into: Float32Array): number {
    const { policy } = this;
    if (this.spec && !this.isPolicyAsked && policy?.version !== this.seen.versions) {
      this.isPolicyAsked = true;
      this.tell({ do: "policy", withCheckpoint: false });
    }
    if (!policy) return -1;
    into.set(policy.parameters);
    return policy.version;
  }

  checkpoint(patience = ANSWER): Promise<Uint8Array | null> {
    if (!this.spec || !this.worker) return Promise.resolve(null);
    return new Promise((resolve) => {
      const late = setTimeout(() => hear(null), patience);
      const hear = (checkpoint: Uint8Array | null) => {
        clearTimeout(late);
        this.waiting.delete(hear);
        resolve(checkpoint);
      };
      this.waiting.add(hear);
      this.tell({ do: "policy", withCheckpoint: true });
    });
  }

  end(): Promise<Uint8Array | null> {
    this.pause();
    return this.checkpoint();
  }

  snapshot(): Snapshot {
    const { phase, engine, problem, trouble, stopReason, samples, seen } = this;
    const [first, latest] = [samples[0], samples[samples.length - 1]];
    const seconds = first && phase === "running" ? Math.max(0.05, (latest.time - first.time) / 1000) : 0;
    this.last ??= {
      ...seen,
      generation: this.generation,
      stepsPerSecond: seconds > 0 ? (latest.envSteps - first.envSteps) / seconds : 0,
      updatesPerSecond: seconds > 0 ? (latest.updates - first.updates) / seconds : 0,
      phase,
      engine,
      preparedFor: null,
      progress: null,
      problem,
      trouble,
      stopReason,
    };
    return this.last;
  }

  onPhase(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  // Nothing else could run, and there is no thread of an actor.
  async measure(): Promise<null> {
    return null;
  }
  killActor(): void {}
  warm(config: RunConfig): void {
    this.worker ??= this.spawn();
    if (this.phase !== "idle") return;
    this.engine = engineFor(this.why, config);
    this.enter("idle");
  }

  close(): void {
    this.endWorker();
    this.answer(null);
    this.enter("idle");
  }

  private enter(phase: Phase, of: { problem?: string; trouble?: Trouble; stopReason?: string } = {}): void {
    this.phase = phase;
    this.problem = of.problem ?? null;
    this.trouble = of.trouble ?? null;
    this.stopReason = of.stopReason ?? null;
    this.last = null;
    for (const listener of this.listeners) listener();
  }
}

/** @param why no memory is shared, as the beginning of a sentence */
export const createSoloRunner = (why: string, host: Host): Runner => new SoloRunner(why, host);
