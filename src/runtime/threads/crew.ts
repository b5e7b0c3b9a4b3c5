/** The threads of one run: learner, evaluator and actors, the calls that end when they do, and who follows a dead actor. */
import { proxy } from "comlink";
import type { EngineChoice } from "../../nn/engine.ts";
import type { Outcome } from "../learning/learning.ts";
import type { RunMemory } from "../memory/memory.ts";
import type { RunTicket } from "./protocol.ts";
import { type Thread, ThreadDied, type Threads } from "./threads.ts";

/** Milliseconds that a thread has to obey a stop before it is ended. */
const PATIENCE = 3000;
/** Times that actors of a run may die by themselves before the run is given up. */
const MOST_DEATHS = 8;

interface Member {
  thread: Thread;
  /** Settles when the thread has ended its part. */
  call: Promise<unknown>;
}

export interface Watcher {
  /** Another engine takes the place of the one configured. */
  onEngine(choice: EngineChoice): void;
  onEnd(outcome: Outcome): void;
  /** A thread failed that nobody can follow. */
  onFailure(error: unknown): void;
  /** Whether a dead actor is to be followed by another. */
  goesOn(): boolean;
}

export class Crew {
  private readonly others: readonly Member[];
  private readonly actors: Member[] = [];
  /** Actors that died and were not killed by a person. */
  private deaths = 0;

  /** Sets every thread going. */
  constructor(
    private readonly threads: Threads,
    private readonly ticket: RunTicket,
    private readonly memory: RunMemory,
    learner: Thread<"learner">,
    actors: number,
    private readonly watcher: Watcher,
  ) {
    const { onEngine, onEnd, onFailure } = watcher;
    threads.willStep(ticket.config.env);
    threads.trim(actors);
    const [evaluator] = threads.take("evaluator", 1);
    // Comlink makes a union of promises of a promised union.
    const learning = learner.call((api) => api.run(ticket, proxy(onEngine)) as unknown as Promise<Outcome>);
    const evaluating = evaluator.call((api) => api.run(ticket));
    this.others = [
      { thread: learner, call: learning },
      { thread: evaluator, call: evaluating },
    ];
    learning.then(onEnd, onFailure);
    evaluating.catch(onFailure);
    this.grow(actors);
  }

  /** Starts threads until there are so many actors; the learner lets them take part at its next update. */
  grow(count: number): void {
    const threads = this.threads.take("actor", count);
    for (let index = this.actors.length; index < count; index++) this.send(index, threads[index]);
    Atomics.store(this.memory.control.started, 0, this.actors.length);
  }

  private send(index: number, thread: Thread<"actor">): void {
    const call = thread.call((api) => api.run(this.ticket, index));
    this.actors[index] = { thread, call };
    call.catch((error) => this.mourn(index, error));
  }

  /** Another takes the place of an actor that died; what else goes wrong with it ends the run. */
  private mourn(index: number, error: unknown): void {
    if (!this.watcher.goesOn()) return;
    if (!(error instanceof ThreadDied) || ++this.deaths > MOST_DEATHS) {
      this.watcher.onFailure(error);
      return;
    }
    this.send(index, this.threads.replaceActor(index));
    Atomics.add(this.memory.actors[index].replaced, 0, 1);
  }

  /** Ends an actor's thread because a person said so. */
  kill(index: number): void {
    if (!(index in this.actors)) return;
    this.deaths--; // this one was asked for
    this.actors[index].thread.kill();
  }

  /** Waits for threads that were told to stop, and ends those that do not. One that died may go on for a moment. */
  async gone(): Promise<void> {
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, "late"));
    await Promise.all(
      [...this.others, ...this.actors].map(async ({ thread, call }) => {
        const settled = call.catch(() => thread.gone);
        if ((await Promise.race([settled, late])) === "late") thread.kill();
      }),
    );
  }
}
