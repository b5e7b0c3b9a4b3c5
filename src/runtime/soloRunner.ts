/** The page's handle on a run that lives on one thread and shares no memory: what is shown is what was last reported. */
import type { AnyValues } from "../core/params.ts";
import { configProblems, type RunConfig } from "./config.ts";
import type { Phase, Runner, Snapshot } from "./view.ts";
import { nothing, type Watched } from "./watch.ts";

export type SoloOrder =
  | { do: "start"; config: RunConfig }
  | { do: "reset" }
  | { do: "step" }
  | { do: "mode"; mode: "running" | "paused" }
  | { do: "edit"; key: string; value: AnyValues[string] }
  | { do: "push"; actor: number; copy: number; strength: number };

export interface SoloReport {
  readonly seen?: Watched;
  readonly reason?: string;
  readonly problem?: string;
}

/** Rates over about so many milliseconds. */
const RATE = 1000;

const engine = {
  engine: "simd",
  label: "SIMD, one thread",
  reason: "The page around this one gives it no shared memory, so everything runs on one thread.",
  adapter: null,
  trials: [],
} as const;

class SoloRunner implements Runner {
  readonly system = null;
  readonly network = null;
  private worker: Worker | null = null;
  private generation = 0;
  private phase: Phase = "idle";
  private problem: string | null = null;
  private stopReason: string | null = null;
  private seen: Watched = nothing;
  private samples: { time: number; envSteps: number; updates: number }[] = [];
  private last: Snapshot | null = null;
  private readonly listeners = new Set<() => void>();

  get workerCount(): number {
    return this.worker ? 1 : 0;
  }

  async start(config: RunConfig): Promise<void> {
    await this.reset();
    const problems = configProblems(config);
    if (problems.length > 0)
      return this.enter("failed", { problem: `This run cannot be started: ${problems.join("; ")}.` });
    this.generation++;
    this.tell({ do: "start", config });
    this.enter(config.values.pace === "step" ? "paused" : "running");
  }

  private tell(order: SoloOrder): void {
    this.worker ??= this.spawn();
    this.worker.postMessage(order);
  }

  private spawn(): Worker {
    const worker = new Worker(new URL("./solo.worker.ts", import.meta.url), { type: "module", name: "solo" });
    worker.addEventListener("message", ({ data }: MessageEvent<SoloReport>) => this.hear(data));
    worker.addEventListener("error", (event) => {
      this.worker = null;
      this.enter("failed", {
        problem: `The thread of the run died: ${event.message || "its script could not be loaded"}.`,
      });
    });
    return worker;
  }

  private hear({ seen, reason, problem }: SoloReport): void {
    if (this.phase === "idle") return; // of a run that was reset
    if (seen) {
      this.seen = seen;
      const time = performance.now();
      this.samples.push({ time, envSteps: seen.envSteps, updates: seen.updates });
      while (this.samples.length > 2 && this.samples[1].time < time - RATE) this.samples.shift();
    }
    this.last = null;
    if (problem) this.enter("failed", { problem });
    else if (reason) this.enter("stopped", { stopReason: reason });
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
    if (this.phase !== "idle") this.tell({ do: "reset" });
    this.generation++;
    this.seen = nothing;
    this.samples = [];
    this.enter("idle");
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

  snapshot(): Snapshot {
    const { phase, problem, stopReason, samples, seen } = this;
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
      trouble: null,
      stopReason,
    };
    return this.last;
  }

  onPhase(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  // What needs several threads or their memory is not there.
  parameters(): number {
    return -1;
  }
  async checkpoint(): Promise<null> {
    return null;
  }
  async measure(): Promise<null> {
    return null;
  }
  rollBack(): void {}
  killActor(): void {}
  warm(): void {
    this.worker ??= this.spawn();
  }

  close(): void {
    this.worker?.terminate();
    this.worker = null;
    this.enter("idle");
  }

  private enter(phase: Phase, of: { problem?: string; stopReason?: string } = {}): void {
    this.phase = phase;
    this.problem = of.problem ?? null;
    this.stopReason = of.stopReason ?? null;
    this.last = null;
    for (const listener of this.listeners) listener();
  }
}

export const createSoloRunner = (): Runner => new SoloRunner();
