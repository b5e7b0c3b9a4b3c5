/** The printed row function of a loss, bound to a workspace in shared memory. */
import { fieldWidth, type OutputGradient } from "../gradient.ts";
import { checkOutputs } from "../graph.ts";
import type { Kernels } from "./kernels.ts";
import { scratchOf } from "./rows.generated.ts";

type Widths = Readonly<Record<string, number>>;

/**
 * Floats that a row function works with: four rows' outputs, their derivatives, their fields of more than one number, and its own
 * arrays.
 *
 * @param widths of the outputs, by name  @param stride floats of a row of outputs
 */
export function rowScratch(widths: Widths, { id, fields }: OutputGradient, stride: number): number {
  const wide = Object.values(fields).map((width) => (width === 1 ? 0 : widths[width]));
  const own = scratchOf[id].map((length) => (typeof length === "number" ? length : widths[length]));
  return 4 * [...wide, ...own].reduce((sum, length) => sum + length, 2 * stride);
}

/** Where the kernel reads its arguments and adds its sums. Writer: the thread of the workspace. */
export interface RowMemory {
  /** Widths of the outputs, then addresses of the fields. */
  readonly call: Int32Array;
  /** The loss's hyperparameters, in the order of its declaration. */
  readonly hp: Float32Array;
  /** [rowScratch] */
  readonly rowScratch: Float32Array;
  /** Sums of the statistics over an update. */
  readonly stats: Float64Array;
}

/** Addresses of an update's experience, [rows, …]. */
export interface BatchAddresses {
  observation: number;
  /** In the order of the declaration. */
  readonly fields: number[];
}

export class RowFunction {
  private readonly kernel: Kernels["rows"][string];
  private readonly outputs: number;
  /** Bytes of a row of every field. */
  private readonly steps: readonly number[];
  private inverseN = 0;

  /** @param widths of the outputs, by name  @param stride floats of a row of outputs */
  constructor(
    kernels: Kernels,
    widths: Widths,
    private readonly gradient: OutputGradient,
    private readonly memory: RowMemory,
    private readonly stride: number,
  ) {
    this.kernel = kernels.rows[gradient.id];
    checkOutputs(widths, gradient);
    this.outputs = gradient.outputs.length;
    this.steps = Object.values(gradient.fields).map((width) => 4 * fieldWidth(width, widths));
    gradient.outputs.forEach((name, i) => {
      memory.call[i] = widths[name];
    });
  }

  /** Forgets the sums. @param rows of the whole update */
  begin(rows: number, hp: Readonly<Record<string, unknown>>): void {
    const { memory, gradient } = this;
    this.inverseN = 1 / rows;
    memory.stats.fill(0);
    for (let i = 0; i < gradient.hp.length; i++) memory.hp[i] = hp[gradient.hp[i]] as number;
  }

  /**
   * Writes ∂loss/∂outputs of a block of rows, and adds to the sums.
   *
   * @param from first row in the batch  @param outputs address of their outputs, [rows, stride]  @param to address, [rows, stride]
   */
  differentiate(batch: BatchAddresses, from: number, rows: number, outputs: number, to: number): void {
    const { call, hp, rowScratch, stats } = this.memory;
    const { fields } = batch;
    for (let i = 0; i < fields.length; i++) call[this.outputs + i] = fields[i] + this.steps[i] * from;
    this.kernel(
      outputs,
      to,
      rows,
      this.stride,
      this.inverseN,
      call.byteOffset,
      hp.byteOffset,
      rowScratch.byteOffset,
      stats.byteOffset,
    );
  }
}
