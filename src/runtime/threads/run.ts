/** Starts, supervises and stops a run on threads of its own: the one run of a tab, mostly. */
import { proxy } from "comlink";
import type { AnyValues, Until } from "../../core/params.ts";
import type { EngineChoice, EngineTrial } from "../../nn/engine.ts";
import type { NetworkSpec } from "../../nn/graph.ts";
import type { Outcome } from "../learning/learning.ts";
import { checkpointBytes, restoreCheckpoint } from "../memory/checkpoint.ts";
import { formatMemory, Mode, memoryLayout, type RunMemory, sharedMemory } from "../memory/memory.ts";
import { actorsToStart, scheduleRepetition } from "../memory/repetition.ts";
import { configProblems, needsOf, paces, type RunConfig, resolved, withValues } from "../plan/config.ts";
import { planRun, type RunPlan } from "../plan/plan.ts";
import { SystemView } from "../seen/system.ts";
import type { Phase, Runner, Snapshot, StartOptions, Trouble } from "../seen/view.ts";
import { nothing, RunWatch, type Watched } from "../seen/watch.ts";
import { Bell } from "../shared/bell.ts";
import { ParameterReader } from "../shared/parameters.ts";
import { writeStops } from "../shared/stopping.ts";
import { Crew } from "./crew.ts";
import type { Host } from "./host.ts";
import type { RunTicket } from "./protocol.ts";
import { refusalOf } from "./refusal.ts";
import { type Thread, ThreadDied, Threads } from "./threads.ts";

/** One run: its memory, who looks into it, and its threads. */
interface Active {
  readonly plan: RunPlan;
  readonly memory: RunMemory;
  readonly watch: RunWatch;
  readonly system: SystemView;
  /** The page's own reader, and where it puts the live values. */
  readonly parameters: ParameterReader;
  readonly live: Float64Array;
  readonly buffer: ArrayBufferLike;
  readonly bells: readonly Bell[];
  readonly crew: Crew;
}

/** The learner loads an engine and runs it once. */
interface Preparation {
  readonly thread: Thread<"learner">;
  /** See needsOf. */
  readonly needs: string;
  readonly choice: Promise<EngineChoice>;
}

/** Milliseconds that the learner has to write a checkpoint: of a run that goes on, and of one that is ended. */
const ANSWER = 2000;
const LAST_ANSWER = 800;
/** Milliseconds that the threads of a run that is ended have to stop before its checkpoint is given up. */
const LAST_STOP = 1200;
/** Milliseconds between two rings while the learner is asked for a checkpoint. */
const ASK_AGAIN = 20;

class ThreadRunner implements Runner {
  private phase: Phase = "idle";
  private problem: string | null = null;
  private trouble: Trouble | null = null;
  private progress: string | null = null;
  private stopReason: string | null = null;
  private engine: EngineChoice | null = null;
  /** What the configuration needs that the engine was found for. */
  private preparedFor: string | null = null;
  private active: Active | null = null;
  /** While starting: what was asked for, with what was changed since. */
  private asked: { readonly config: RunConfig; readonly edits: AnyValues } | null = null;
  private readonly threads: Threads;
  /** What the learner prepares for at this moment. */
  private preparing: Preparation | null = null;
  /** What is to be warmed up next. */
  private wanted: RunConfig | null = null;
  private isWarming = false;
  private readonly listeners = new Set<() => void>();
  /** Grows with every start and reset; work that belongs to an older one gives up. */
  private generation = 0;
  /** The number of the run that a snapshot is of: it grows once the one before is gone. */
  private shown = 0;
  private stopping: Promise<void> = Promise.resolve();
  private last: Snapshot | null = null;
  private lastLook = 0;

  constructor(private readonly host: Host) {
    this.threads = new Threads(host);
  }

  get workerCount(): number {
    return this.threads.count;
  }

  async start(config: RunConfig, options: StartOptions = {}): Promise<void> {
    await this.reset();
    const generation = ++this.generation;
    const current = () => generation === this.generation;
    const problems = configProblems(config);
    if (problems.length > 0) return this.fail(`This run cannot be started: ${problems.join("; ")}.`);
    const unshared = this.host.problem();
    if (unshared !== null) return this.fail(unshared);
    this.asked = { config, edits: {} };
    this.enter("starting", { progress: "Starting the learner" });
    try {
      const { threads } = this;
      const { actors } = config.values;
      threads.makeWayFor(config.env);
      const others = Promise.all([threads.free("actor", actors as number), threads.free("evaluator", 1)]);
      const learner = await this.freeLearner(config);
      if (!current()) return;
      const [choice] = await Promise.all([this.prepare(learner, config), others]);
      if (!current()) return;
      this.engine = choice;
      this.preparedFor = needsOf(config);
      const plan = planRun(resolved(config, choice.engine));
      const refusal = await refusalOf(plan, options);
      if (!current()) return;
      if (refusal !== null) return this.fail(refusal);
      this.launch(plan, config, learner, generation, options);
    } catch (error) {
      if (current()) this.fail(this.explain(error));
    }
  }

  /** A learner that has no other work, or prepares for this configuration already. */
  private async freeLearner(config: RunConfig): Promise<Thread<"learner">> {
    const [before] = this.threads.take("learner", 1);
    before.call((api) => api.interrupt()).catch(() => {}); // `prepare` tells of a thread that died
    const needs = needsOf(config);
    const isOurs = (thread: Thread) => this.preparing?.thread === thread && this.preparing.needs === needs;
    const [learner] = await this.threads.free("learner", 1, isOurs);
    return learner;
  }

  private prepare(thread: Thread<"learner">, config: RunConfig): Promise<EngineChoice> {
    const needs = needsOf(config);
    if (this.preparing?.thread === thread && this.preparing.needs === needs) return this.preparing.choice;
    const choice = thread.call((api) => api.prepare(config));
    const preparation = { thread, needs, choice };
    this.preparing = preparation;
    const done = () => {
      if (this.preparing === preparation) this.preparing = null;
    };
    choice.then(done, done);
    return choice;
  }

  /** Lays out memory and sets every thread going. */
  private launch(
    plan: RunPlan,
    asked: RunConfig,
    learner: Thread<"learner">,
    generation: number,
    { resume, repetition }: StartOptions,
  ): void {
    const { config } = plan;
    const shared = sharedMemory(memoryLayout(plan).bytes);
    const memory = formatMemory(plan, shared.buffer);
    if (resume) restoreCheckpoint(plan, memory, resume.checkpoint);
    if (repetition) scheduleRepetition(plan, memory, repetition);
    const ticket: RunTicket = { config, memory: shared, id: crypto.randomUUID() };
    const stepped = config.values.pace === "step";
    Atomics.store(memory.control.pace, 0, paces.indexOf(config.values.pace as "full"));
    Atomics.store(memory.control.mode, 0, Mode.running);

    const words = [memory.learner, memory.evaluator, ...memory.actors];
    const current = () => generation === this.generation;
    this.active = {
      plan,
      memory,
      watch: new RunWatch(plan, asked, memory, shared.buffer.byteLength, resume),
      buffer: shared.buffer,
      system: new SystemView(plan, memory),
      parameters: new ParameterReader(memory.parameters, plan.room),
      live: new Float64Array(plan.live.length),
      bells: words.map(({ bell }) => new Bell(bell)),
      crew: new Crew(this.threads, ticket, memory, learner, actorsToStart(plan, memory), {
        onEngine: (choice) => {
          this.engine = choice;
          this.changed();
        },
        onEnd: (outcome) => current() && this.ended(outcome),
        onFailure: (error) => current() && this.fail(this.explain(error)),
        goesOn: () => current() && underWay(this.phase),
      }),
    };
    const edits: AnyValues = this.asked?.edits ?? {};
    this.asked = null;
    this.enter(stepped ? "paused" : "running");
    for (const [key, value] of Object.entries(edits)) this.edit(key, value);
  }

  killActor(index: number): void {
    if (underWay(this.phase)) this.active?.crew.kill(index);
  }

  push(actor: number, copy: number, strength: number): void {
    const { active } = this;
    const push = active?.memory.actors[actor]?.push;
    if (!active || !push || this.phase !== "running" || !(copy >= 0 && copy < active.plan.B)) return;
    push.copy[0] = copy;
    push.strength[0] = strength;
    Atomics.add(push.count, 0, 1);
  }

  rollBack(): void {
    const { active } = this;
    if (active && underWay(this.phase)) Atomics.add(active.memory.control.rollbacks, 0, 1);
  }

  async checkpoint(patience = ANSWER): Promise<Uint8Array | null> {
    const { active } = this;
    if (!active || this.phase === "starting") return null;
    // A run that has ended has left one behind.
    if (underWay(this.phase) && !(await this.isSaved(active, patience))) return null;
    await this.stopping;
    return this.written(active);
  }

  async end(): Promise<Uint8Array | null> {
    const { active } = this;
    if (!active || this.phase === "starting") return null;
    if (underWay(this.phase)) {
      this.setMode(Mode.paused);
      if (await this.isSaved(active, LAST_ANSWER)) return this.written(active);
      if (this.active !== active) return null;
      // Amid a long update: it leaves one behind when it stops.
      this.stopThreads();
    }
    const late = new Promise((resolve) => setTimeout(resolve, LAST_STOP, "late"));
    return (await Promise.race([this.stopping, late])) === "late" ? null : this.written(active);
  }

  /** Asks for a checkpoint and waits until it is written, or the run has ended; false where that takes too long. */
  private async isSaved(active: Active, patience: number): Promise<boolean> {
    const { asked, written } = active.memory.checkpoint;
    const count = Atomics.add(asked, 0, 1) + 1;
    const word = new Bell(written);
    const end = performance.now() + patience;
    for (let now = word.count; ((now - count) | 0) < 0 && underWay(this.phase); now = word.count) {
      if (performance.now() > end || this.active !== active) return false;
      active.bells[0].ring(); // the learner's
      await word.waitAsync(now, ASK_AGAIN);
    }
    return true;
  }

  /** The checkpoint in the memory of a run, if it is whole. */
  private written(active: Active): Uint8Array | null {
    if (this.active !== active || Atomics.load(active.memory.checkpoint.whole, 0) === 0) return null;
    this.last = null; // a snapshot taken now knows all that happened before
    return checkpointBytes(active.plan, active.buffer);
  }

  get network(): NetworkSpec | null {
    return this.active?.plan.spec ?? null;
  }

  parameters(into: Float32Array): number {
    const { active } = this;
    return active ? active.parameters.pull(into, active.live) : -1;
  }

  get system(): SystemView | null {
    return this.active?.system ?? null;
  }

  private ended(outcome: Outcome): void {
    if (outcome.kind === "asked") return;
    this.stopThreads();
    if (outcome.kind === "fault") this.fail(outcome.problem, { kind: "not finite" });
    else this.enter("stopped", { stopReason: outcome.reason });
  }

  pause(): void {
    if (this.phase !== "running") return;
    this.setMode(Mode.paused);
    this.enter("paused");
  }

  resume(): void {
    if (this.phase !== "paused" || !this.active) return;
    if (this.active.watch.config.values.pace === "step") this.step();
    else {
      this.setMode(Mode.running);
      this.enter("running");
    }
  }

  step(): void {
    if (!this.active || (this.phase !== "running" && this.phase !== "paused")) return;
    this.pause();
    Atomics.add(this.active.memory.control.steps, 0, 1);
    this.ringAll();
  }

  async reset(): Promise<void> {
    const generation = ++this.generation;
    if (this.phase === "starting") void this.giveUpStart(generation);
    this.stopThreads();
    await this.stopping;
    this.active = null;
    this.shown++;
    this.enter("idle");
  }

  /** What a start has set going is not wanted any more: nobody shall wait for it, and no core be kept busy. */
  private async giveUpStart(generation: number): Promise<void> {
    const [learner] = this.threads.take("learner", 1);
    if (!(await learner.answers()) && generation === this.generation) learner.kill();
  }

  close(): void {
    void this.reset().then(() => this.threads.close());
  }

  edit(key: string, value: AnyValues[string]): void {
    if (this.phase === "starting" && this.asked) {
      const { config, edits } = this.asked;
      this.asked = { config, edits: { ...edits, [key]: value } };
      this.changed();
      return;
    }
    const { active } = this;
    const param = active?.plan.params[key];
    if (!active || !param?.live || param.check(value)) return;
    if (key === "actors") {
      if ((value as number) > active.plan.room) return;
      active.crew.grow(value as number);
    }
    active.watch.asked(key, value);
    const { control } = active.memory;
    if (key === "pace") {
      this.setPace(value as (typeof paces)[number]);
      return;
    }
    if (key === "until") {
      writeStops(control.stops, value as Until);
      return;
    }
    const slot = active.plan.live.indexOf(key);
    control.requested[slot] = param.toSlot(value);
    Atomics.add(control.requests, slot, 1);
  }

  private setPace(pace: (typeof paces)[number]): void {
    const { active } = this;
    if (!active) return;
    const before = Atomics.exchange(active.memory.control.pace, 0, paces.indexOf(pace));
    this.ringAll();
    if (pace === "step") this.pause();
    else if (before === paces.indexOf("step")) this.resume();
  }

  snapshot(): Snapshot {
    const now = performance.now();
    if (this.last && now - this.lastLook < 4) return this.last;
    this.lastLook = now;
    const settled = this.phase !== "running";
    const seen = this.active?.watch.look(now, settled) ?? this.awaited();
    const { phase, engine, preparedFor, progress, problem, stopReason } = this;
    const stalled = this.stalled();
    const trouble = this.trouble ?? (stalled === null ? null : { kind: "stalled" as const, actor: stalled });
    this.last = {
      ...seen,
      generation: this.shown,
      phase,
      engine,
      preparedFor,
      progress,
      problem,
      trouble,
      stopReason,
    };
    return this.last;
  }

  /** What there is to see before the threads have begun: the configuration, as it will be. */
  private awaited(): Watched {
    if (this.phase !== "starting" || !this.asked) return nothing;
    const config = withValues(this.asked.config, this.asked.edits);
    return { ...nothing, config, resolved: config, begun: this.asked.config };
  }

  /** An actor of a run that goes on which makes no step, or null. */
  private stalled(): number | null {
    const { active } = this;
    if (!active || this.phase !== "running" || active.watch.config.values.pace !== "full") return null;
    return active.watch.stalled();
  }

  onPhase(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  warm(config: RunConfig): void {
    this.wanted = configProblems(config).length > 0 ? null : config;
    if (!this.isWarming) void this.warmWanted();
  }

  /** One configuration after the other, and of those that are asked for meanwhile the last. */
  private async warmWanted(): Promise<void> {
    this.isWarming = true;
    while (this.wanted) {
      const config = this.wanted;
      this.wanted = null;
      if (!this.active && this.phase !== "starting") await this.warmUp(config).catch(() => {}); // Train tries again and reports
    }
    this.isWarming = false;
  }

  private async warmUp(config: RunConfig): Promise<void> {
    const { generation } = this;
    this.threads.makeWayFor(config.env);
    const others = [
      ...this.threads.take("actor", config.values.actors as number),
      ...this.threads.take("evaluator", 1),
    ];
    for (const thread of others) thread.call((api) => api.warm(config)).catch(() => {});
    const [learner] = this.threads.take("learner", 1);
    const choice = await this.prepare(learner, config);
    if (generation !== this.generation) return;
    this.engine = choice;
    this.preparedFor = needsOf(config);
    this.changed();
  }

  async measure(config: RunConfig): Promise<readonly EngineTrial[] | null> {
    const busy = () => this.phase === "starting" || underWay(this.phase);
    if (busy() || configProblems(config).length > 0) return null;
    await this.stopping;
    if (busy()) return null;
    const { generation } = this;
    const [learner] = this.threads.take("learner", 1);
    const made: EngineTrial[] = [];
    try {
      return await learner.call((api) =>
        api.measure(
          config,
          proxy((trial: EngineTrial) => made.push(trial)),
        ),
      );
    } catch (error) {
      if (generation === this.generation) throw error;
      return made; // a run needed the thread
    }
  }

  private setMode(mode: number): void {
    if (!this.active) return;
    Atomics.store(this.active.memory.control.mode, 0, mode);
    this.ringAll();
  }

  private ringAll(): void {
    for (const bell of this.active?.bells ?? []) bell.ring();
  }

  /** Asks every thread of the run to stop, and ends those that do not. The memory stays readable. */
  private stopThreads(): void {
    const { active } = this;
    if (!active) return;
    this.setMode(Mode.stop);
    this.stopping = active.crew.gone();
  }

  private fail(problem: string, trouble?: Trouble): void {
    this.stopThreads();
    this.enter("failed", { problem, trouble });
  }

  private enter(
    phase: Phase,
    of: { problem?: string; trouble?: Trouble; progress?: string; stopReason?: string } = {},
  ): void {
    this.phase = phase;
    this.problem = of.problem ?? null;
    this.trouble = of.trouble ?? null;
    this.progress = of.progress ?? null;
    this.stopReason = of.stopReason ?? null;
    this.changed();
  }

  /** A failure in words that say what to do. */
  private explain(error: unknown): string {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof DOMException && error.name === "DataCloneError")
      return "This browser does not let the page share memory with its threads, which a run needs. Use a current Chrome, Edge, Firefox or Safari.";
    // A name is what is left of an error's kind when it has crossed threads.
    if (error instanceof Error && error.name === "OutOfMemory") return message;
    if (error instanceof Error && error.name === "RangeError")
      return `There is not enough memory for this run (${message}). Use fewer actors, environments or smaller layers.`;
    if (error instanceof ThreadDied) return `${message} ${this.host.afterDeath}`.trim();
    return `The run ended with an error: ${message}`;
  }

  private changed(): void {
    this.last = null;
    for (const listener of this.listeners) listener();
  }
}

const underWay = (phase: Phase): boolean => phase === "running" || phase === "paused";

export const createRunner = (host: Host): Runner => new ThreadRunner(host);
