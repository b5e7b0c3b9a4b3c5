/** TensorFlow.js on its own plain-JavaScript backend, with gradients registered: the outside witness of networks and losses. */
import { createRequire } from "node:module";
import type { Tf } from "../../src/nn/loss.ts";

// The union package's CommonJS build: the module build of its parts has addresses that Node cannot resolve.
export const tf = createRequire(import.meta.url)("@tensorflow/tfjs") as Tf;

tf.env().set("IS_TEST", true); // no banner
await tf.setBackend("cpu");
await tf.ready();
