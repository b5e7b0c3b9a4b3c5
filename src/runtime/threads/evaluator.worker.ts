import { expose } from "comlink";
import { evaluatorApi } from "./evaluatorThread.ts";

expose(evaluatorApi);
