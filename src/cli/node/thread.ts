/** What every worker thread of a run in Node begins with; bundle.ts makes a script of it. */
import { parentPort, workerData } from "node:worker_threads";
import { expose } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { actorApi } from "../../runtime/threads/actorThread.ts";
import { evaluatorApi } from "../../runtime/threads/evaluatorThread.ts";
import type { Place } from "../../runtime/threads/host.ts";
import { learnerApi } from "../../runtime/threads/learnerThread.ts";
import { RETIRES, type Role } from "../../runtime/threads/protocol.ts";

/** What a thread is started with. */
export interface Beginning {
  readonly role: Role;
  /** See Place. */
  readonly cores: number;
}

const { role, cores } = workerData as Beginning;
const port = parentPort!;
const place: Place = { cores, retire: () => port.postMessage(RETIRES) };
const apis = {
  actor: () => actorApi(place),
  learner: () => learnerApi(place),
  evaluator: () => evaluatorApi,
} satisfies Record<Role, () => unknown>;

expose(apis[role](), nodeEndpoint(port));
