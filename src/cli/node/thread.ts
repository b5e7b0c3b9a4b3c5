/** What every worker thread of a run in Node begins with; bundle.ts makes a script of it. */
import { parentPort, workerData } from "node:worker_threads";
import { expose } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import { actorApi } from "../../runtime/threads/actorThread.ts";
import { evaluatorApi } from "../../runtime/threads/evaluatorThread.ts";
import type { Place, Purpose } from "../../runtime/threads/host.ts";
import { learnerApi } from "../../runtime/threads/learnerThread.ts";
import { RETIRES } from "../../runtime/threads/protocol.ts";
import { serveSolo } from "../../runtime/threads/soloThread.ts";

/** What a thread is started with. */
export interface Beginning {
  readonly purpose: Purpose;
  /** See Place. */
  readonly cores: number;
}

const { purpose, cores } = workerData as Beginning;
const port = parentPort!;
const place: Place = { cores, retire: () => port.postMessage(RETIRES) };

const begin: Record<Purpose, () => void> = {
  actor: () => expose(actorApi(place), nodeEndpoint(port)),
  learner: () => expose(learnerApi(place), nodeEndpoint(port)),
  evaluator: () => expose(evaluatorApi, nodeEndpoint(port)),
  solo: () =>
    serveSolo({
      post: (message, transfer) => port.postMessage(message, transfer),
      onOrder: (obey) => port.on("message", obey),
    }),
};
begin[purpose]();
