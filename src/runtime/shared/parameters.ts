/**
 * Parameters in two banks behind a version word, or in one live bank that actors change in place (Hogwild). The writer fills the bank that is not current and then flips the
 * version; a reader pins the bank it copies from and looks at the version again. The writer never touches a pinned
 * bank, so no reader ever sees a mixture of two versions, on any processor.
 *
 * Live hyperparameters travel with the parameters: everybody who acts with version v acts under the same values.
 */
import { f32, f64, i32, layout, repeated, type Views } from "../../core/layout.ts";

export const bankLayout = (size: number, live: number) =>
  layout({
    parameters: f32(size),
    /** Live hyperparameters as latched for this version, in slot order. */
    live: f64(live),
  });

/** @param banks 2; 1 for one live copy, whose readers see what they see */
export const parametersLayout = (size: number, live: number, readers: number, banks = 2) =>
  layout({
    /** Latest whole version, modulo 2³². Writer: who publishes; of one live copy, who applies. */
    version: i32(1),
    /** 1 once there is a first. Writer: the learner. */
    published: i32(1),
    /** One a reader: 1 + the bank it is copying from, or 0. Writer: that reader. */
    pins: i32(readers),
    banks: repeated(banks, bankLayout(size, live)),
  });

type ParametersViews = Views<ReturnType<typeof parametersLayout>>;

export class ParameterWriter {
  constructor(private readonly views: ParametersViews) {}

  /** Publishes the next version. Learner only; waits for readers of the bank to finish, which takes microseconds. */
  publish(parameters: Float32Array, live: Float64Array): void {
    const { version, published, pins, banks } = this.views;
    if (banks.length === 1) throw new Error("the one live copy is changed in place, not published");
    const next = (Atomics.load(version, 0) + 1) | 0;
    const bank = next & 1;
    for (let reader = 0; reader < pins.length; reader++)
      while (Atomics.load(pins, reader) === bank + 1) Atomics.wait(pins, reader, bank + 1, 1);
    banks[bank].parameters.set(parameters);
    banks[bank].live.set(live);
    Atomics.store(version, 0, next);
    Atomics.store(published, 0, 1);
  }
}

export class ParameterReader {
  /** @param reader which pin is this thread's */
  constructor(
    private readonly views: ParametersViews,
    private readonly reader: number,
  ) {}

  /** Whether there is anything to pull. */
  get isPublished(): boolean {
    return Atomics.load(this.views.published, 0) === 1;
  }

  /** Takes the pin off a bank, in case somebody who had this reader's number before ended in mid-copy. */
  release(): void {
    Atomics.store(this.views.pins, this.reader, 0);
    Atomics.notify(this.views.pins, this.reader);
  }

  /** Copies the latest version and returns its number, or −1 when none is published. parameters: [P], live: [L] */
  pull(parameters: Float32Array, live: Float64Array): number {
    const { version, pins, banks } = this.views;
    if (!this.isPublished) return -1;
    for (;;) {
      const seen = Atomics.load(version, 0);
      const bank = banks.length === 1 ? 0 : seen & 1;
      Atomics.store(pins, this.reader, bank + 1);
      const current = banks.length === 1 || Atomics.load(version, 0) === seen;
      if (current) {
        parameters.set(banks[bank].parameters);
        live.set(banks[bank].live);
      }
      Atomics.store(pins, this.reader, 0);
      Atomics.notify(pins, this.reader);
      if (current) return seen >>> 0;
    }
  }
}
