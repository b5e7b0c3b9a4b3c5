/** Where the threads of a run come from: Web Workers of a page, or worker threads of Node. */
import type { Endpoint } from "comlink";
import type { Role } from "./protocol.ts";

/** A thread that was started. */
export interface Spawned {
  /** Comlink's way to it. */
  readonly endpoint: Endpoint;
  /** Sends it a message of one's own. */
  post(message: unknown): void;
  /** Calls `heed` with every message, Comlink's too. */
  onMessage(heed: (message: unknown) => void): void;
  /** Calls `heed` with the reason, as part of a sentence, when the thread has died and that causes an event. */
  onDeath(heed: (why: string) => void): void;
  /** Ends it at once, blocked or not. */
  terminate(): void;
}

/** What a thread is for: a part of a run, or the whole of one that shares no memory. */
export type Purpose = Role | "solo";

export interface Host {
  spawn(purpose: Purpose, name: string): Spawned;
  /** Why threads share no memory here, as a sentence; null where they do. */
  problem(): string | null;
  /** Sentences for a person whose run has lost a thread: what is left of it, and what to do. */
  readonly afterDeath: string;
}

/** What a thread is told of the place where it runs. */
export interface Place {
  /** Of the machine, that the threads of the run share. */
  readonly cores: number;
  /** Posts RETIRES, see protocol.ts. */
  retire(): void;
}
