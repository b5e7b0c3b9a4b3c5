/**
 * The worker threads of a runner. They are kept and used again from run to run; one that has failed is thrown away, and so are
 * those that have stepped another environment: the compiler makes a fast loop of the functions of one. A Comlink call never
 * settles when its worker dies, so every call races the worker's death.
 */
import { type Remote, releaseProxy, wrap } from "comlink";
import type { EnvId } from "../../envs/index.ts";
import type { Host, Spawned } from "./host.ts";
import { ended, newLock } from "./life.ts";
import { type Apis, RETIRES, type Role, type ThreadApi } from "./protocol.ts";

/** Milliseconds that a thread has to end what it was asked for before, when a run needs it. */
const PATIENCE = 1500;

const ignore = () => {};

/** A thread died: its script could not be loaded, an error escaped it, or it ended without a word. */
export class ThreadDied extends Error {}

export class Thread<R extends Role = Role> {
  private readonly worker: Spawned;
  private readonly api: Remote<Apis[R]>;
  private readonly death: Promise<never>;
  private dead = false;
  /** It answers what it was asked, and is not to be used again. */
  private retires = false;
  /** Settles when it has loaded its script and holds its lock; tells whether somebody will hear of its end. */
  private readonly loaded: Promise<boolean>;
  private readonly unanswered = new Set<Promise<void>>();
  /** Settles when the browser has its lock back; at once where nobody would hear of that. */
  private end: Promise<void> = Promise.resolve();

  constructor(
    host: Host,
    readonly role: R,
    readonly name: string,
  ) {
    this.worker = host.spawn(role, name);
    this.api = wrap<Apis[R]>(this.worker.endpoint);
    this.death = new Promise((_, reject) => {
      const die = (why: string) => {
        this.dead = true;
        reject(new ThreadDied(`The ${name} thread died: ${why}.`));
      };
      this.lose = die;
      this.worker.onDeath(die);
      this.worker.onMessage((message) => {
        this.retires ||= message === RETIRES;
      });
      this.kill = () => {
        this.worker.terminate();
        die("it was ended");
      };
    });
    this.death.catch(ignore); // heard by whoever calls
    const lock = newLock();
    this.loaded = (this.api as unknown as Remote<ThreadApi>).holdForLife(lock);
    const hear = async () => {
      if (!(await this.loaded)) return;
      this.end = ended(lock);
      await this.end;
      this.lose("it ended without a word");
    };
    hear().catch(ignore);
  }

  /** Ends the thread at once, blocked or not. */
  kill: () => void = ignore;

  /** Takes note that the thread has ended by itself. */
  lose: (why: string) => void = ignore;

  /** Settles when a dead thread runs no more, which may be a moment after its death; at once for one that lives. */
  get gone(): Promise<void> {
    return this.dead ? this.end.catch(ignore) : Promise.resolve();
  }

  get alive(): boolean {
    return !this.dead && !this.retires;
  }

  /** Calls the thread; rejects when it throws and also when it dies. */
  call<T>(method: (api: Remote<Apis[R]>) => Promise<T>): Promise<T> {
    // Once it is loaded, else a call that blocks might keep it from taking its lock.
    const answer = Promise.race([this.loaded.then(() => method(this.api)), this.death]);
    const settled = answer.then(ignore, ignore);
    this.unanswered.add(settled);
    settled.then(() => this.unanswered.delete(settled));
    return answer;
  }

  /** Whether it has ended all that it was asked for, or does so shortly. Waits for its script. */
  async answers(): Promise<boolean> {
    const late = async () => {
      await this.loaded;
      await new Promise((resolve) => setTimeout(resolve, PATIENCE));
      return false;
    };
    const settled = Promise.all(this.unanswered).then(() => true);
    return this.unanswered.size === 0 || Promise.race([settled, late()]);
  }

  close(): void {
    this.api[releaseProxy]();
    this.worker.terminate();
    this.dead = true;
  }
}

export class Threads {
  private readonly kept: { [R in Role]: Thread<R>[] } = { actor: [], learner: [], evaluator: [] };
  /** The environment that actors and evaluator have stepped; null: none yet. */
  private stepped: EnvId | null = null;

  /** Before threads are taken for an environment: ends those that have stepped another. */
  makeWayFor(env: EnvId): void {
    if (this.stepped === null || this.stepped === env) return;
    for (const role of ["actor", "evaluator"] as const) for (const thread of this.kept[role].splice(0)) thread.kill();
    this.stepped = null;
  }

  /** A run begins that steps this one. */
  willStep(env: EnvId): void {
    this.stepped = env;
  }

  constructor(private readonly host: Host) {}

  /** The first `count` threads of a role; missing and dead ones are started. */
  take<R extends Role>(role: R, count: number): Thread<R>[] {
    const pool = this.kept[role];
    for (let i = 0; i < count; i++) {
      if (pool[i]?.alive) continue;
      pool[i]?.kill();
      pool[i] = new Thread(this.host, role, role === "actor" ? `actor ${i + 1}` : role) as Thread<R>;
    }
    return pool.slice(0, count);
  }

  /**
   * The same, where every thread is free: one that is still at other work is ended, and another takes its place.
   *
   * @param isOurs whether what a thread is at is what is wanted of it
   */
  async free<R extends Role>(role: R, count: number, isOurs = (_: Thread<R>) => false): Promise<Thread<R>[]> {
    await Promise.all(
      this.take(role, count).map(async (thread) => {
        if (!isOurs(thread) && !(await thread.answers()) && !isOurs(thread)) thread.kill();
      }),
    );
    return this.take(role, count);
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
