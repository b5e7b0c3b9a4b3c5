/**
 * Parameters in two banks behind a version word. The writer fills the bank that is not current and then flips the
 * version; a reader pins the bank it copies from and looks at the version again. The writer never touches a pinned
 * bank, so no reader ever sees a mixture of two versions, on any processor.
 *
 * Live hyperparameters travel with the parameters: everybody who acts with version v acts under the same values.
 */
import { f32, f64, i32, layout, repeated, type Views } from "../core/layout.ts";

export const bankLayout = (size: number, live: number) =>
  layout({
    parameters: f32(size),
    /** Live hyperparameters as latched for this version, in slot order. */
    live: f64(live),
  });

export const parametersLayout = (size: number, live: number, readers: number) =>
  layout({
    /** Latest whole version: the number of updates applied to it; −1 before the first. Writer: the learner. */
    version: i32(1),
    /** One a reader: 1 + the bank it is copying from, or 0. Writer: that reader. */
    pins: i32(readers),
    banks: repeated(2, bankLayout(size, live)),
  });

type ParametersViews = Views<ReturnType<typeof parametersLayout>>;

export class ParameterWriter {
  constructor(private readonly views: ParametersViews) {}

  /** Publishes the next version. Learner only; waits for readers of the bank to finish, which takes microseconds. */
  publish(parameters: Float32Array, live: Float64Array): void {
    const { version, pins, banks } = this.views;
    const next = (Atomics.load(version, 0) + 1) | 0;
    const bank = next & 1;
    for (let reader = 0; reader < pins.length; reader++)
      while (Atomics.load(pins, reader) === bank + 1) Atomics.wait(pins, reader, bank + 1, 1);
    banks[bank].parameters.set(parameters);
    banks[bank].live.set(live);
    Atomics.store(version, 0, next);
  }
}

export class ParameterReader {
  /** @param reader which pin is this thread's */
  constructor(
    private readonly views: ParametersViews,
    private readonly reader: number,
  ) {}

  /** Latest published version, −1 before the first. */
  get version(): number {
    return Atomics.load(this.views.version, 0);
  }

  /** Copies the latest version and returns its number, or −1 when none is published. parameters: [P], live: [L] */
  pull(parameters: Float32Array, live: Float64Array): number {
    const { version, pins, banks } = this.views;
    for (;;) {
      const seen = Atomics.load(version, 0);
      if (seen < 0) return -1;
      const bank = seen & 1;
      Atomics.store(pins, this.reader, bank + 1);
      const current = Atomics.load(version, 0) === seen;
      if (current) {
        parameters.set(banks[bank].parameters);
        live.set(banks[bank].live);
      }
      Atomics.store(pins, this.reader, 0);
      Atomics.notify(pins, this.reader);
      if (current) return seen;
    }
  }
}
