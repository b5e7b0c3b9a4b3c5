/** The other side of an exchange. */
import { expose } from "comlink";
import { Bell, spinFor } from "../runtime/shared/bell.ts";

const api = {
  nothing() {},
  /** Answers every ring of one bell with the other. Never returns: the worker ends with the one that started it. */
  ringBack(there: Int32Array, back: Int32Array, busy: Int32Array) {
    const spin = spinFor(busy, 1, navigator.hardwareConcurrency);
    spin?.begin();
    const ours = new Bell(there);
    const theirs = new Bell(back);
    // A ring that came before this thread listened counts.
    for (let answered = 0; ; answered++) {
      ours.wait(answered, undefined, spin);
      theirs.ring();
    }
  },
};
export type EchoApi = typeof api;

expose(api);
