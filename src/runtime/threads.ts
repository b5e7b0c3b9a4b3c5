/**
 * The page's worker threads. They are kept and used again from run to run; one that has failed is thrown away. A
 * Comlink call never settles when its worker dies, so every call races the worker's death.
 */
import { type Remote, releaseProxy, wrap } from "comlink";
import { type ActorApi, type EvaluatorApi, type LearnerApi, RETIRES } from "./protocol.ts";

interface Apis {
  actor: ActorApi;
  learner: LearnerApi;
  evaluator: EvaluatorApi;
}
export type Role = keyof Apis;

const spawn: Record<Role, (name: string) => Worker> = {
  actor: (name) => new Worker(new URL("./actor.worker.ts", import.meta.url), { type: "module", name }),
  learner: (name) => new Worker(new URL("./learner.worker.ts", import.meta.url), { type: "module", name }),
  evaluator: (name) => new Worker(new URL("./evaluator.worker.ts", import.meta.url), { type: "module", name }),
};

/** A thread died: its script could not be loaded, or an error escaped it. */
export class ThreadDied extends Error {}

export class Thread<R extends Role = Role> {
  private readonly worker: Worker;
  private readonly api: Remote<Apis[R]>;
  private readonly death: Promise<never>;
  private dead = false;
  /** It answers what it was asked, and is not to be used again. */
  private retires = false;

  constructor(
    readonly role: R,
    readonly name: string,
  ) {
    this.worker = spawn[role](name);
    this.api = wrap<Apis[R]>(this.worker);
    this.death = new Promise((_, reject) => {
      const die = (why: string) => {
        this.dead = true;
        reject(new ThreadDied(`The ${name} thread died: ${why}.`));
      };
      this.worker.addEventListener("error", (event) =>
        die(event.message || "its script could not be loaded; reload the page if this stays"),
      );
      this.worker.addEventListener("message", ({ data }) => {
        this.retires ||= data === RETIRES;
      });
      this.worker.addEventListener("messageerror", () => die("it received a message that it could not read"));
      this.kill = () => {
        this.worker.terminate();
        die("it was ended");
      };
    });
    this.death.catch(() => {}); // heard by whoever calls
  }

  /** Ends the thread at once, blocked or not. */
  kill: () => void = () => {};

  get alive(): boolean {
    return !this.dead && !this.retires;
  }

  /** Calls the thread; rejects when it throws and also when it dies. */
  call<T>(method: (api: Remote<Apis[R]>) => Promise<T>): Promise<T> {
    return Promise.race([method(this.api), this.death]);
  }

  close(): void {
    this.api[releaseProxy]();
    this.worker.terminate();
    this.dead = true;
  }
}

export class Threads {
  private readonly kept: { [R in Role]: Thread<R>[] } = { actor: [], learner: [], evaluator: [] };

  /** The first `count` threads of a role; missing and dead ones are started. */
  take<R extends Role>(role: R, count: number): Thread<R>[] {
    const pool = this.kept[role];
    for (let i = 0; i < count; i++) {
      if (pool[i]?.alive) continue;
      pool[i]?.kill();
      pool[i] = new Thread(role, role === "actor" ? `actor ${i + 1}` : role) as Thread<R>;
    }
    return pool.slice(0, count);
  }

  /** A new thread in the place of actor `index`, which is ended at once if it lives. */
  replaceActor(index: number): Thread<"actor"> {
    const pool = this.kept.actor;
    pool[index]?.kill();
    return this.take("actor", Math.max(pool.length, index + 1))[index];
  }

  /** Ends idle actor threads beyond so many. */
  trim(actors: number): void {
    for (const thread of this.kept.actor.splice(actors)) thread.close();
  }

  /** Ends all threads. */
  close(): void {
    for (const pool of Object.values(this.kept)) for (const thread of pool.splice(0)) thread.close();
  }

  get count(): number {
    return Object.values(this.kept).reduce((sum, pool) => sum + pool.filter((thread) => thread.alive).length, 0);
  }
}
