import { expose } from "comlink";
import { learnerApi } from "./learnerThread.ts";
import { thisWorker } from "./thisWorker.ts";

expose(learnerApi(thisWorker));
