import { expose } from "comlink";
import { actorApi } from "./actorThread.ts";
import { thisWorker } from "./thisWorker.ts";

expose(actorApi(thisWorker));
