/**
 * A loss differentiated by hand in the network's outputs, written once: a function of one row. It runs as it is (tests, any
 * engine in plain TypeScript) and is printed as SIMD AssemblyScript and as WGSL (src/cli/printer, npm run kernels).
 *
 * What a row function may hold: `let` and `const` numbers; `const p = scratch(z.NAME.length)`; loops `for (let k = a; k < b; k++)`
 * whose bounds are whole numbers and lengths; = += −= *= /= on what it may write; + − × ÷; the functions below;
 * comparisons inside `select`; `if` on hyperparameters alone, never on what differs from row to row, because four rows
 * are computed side by side. It reads outputs z.NAME[k], fields x.NAME and x.NAME[k], hyperparameters hp.NAME, numbers that its
 * file declares or imports as `const NAME = 1.5`, and writes d.NAME[k] = ∂loss/∂z.NAME[k] of that row, every one, and its
 * statistics stat.NAME. The engines take means over the batch.
 */
import * as portable from "../core/math.ts";

type Numbers<Name extends string> = Readonly<Record<Name, ArrayLike<number>>>;

/** How wide the fields of a row are: one number, or as many as an output that is named has. */
export type FieldWidths<Field extends string = string, Output extends string = string> = Readonly<
  Record<Field, 1 | Output>
>;

export interface OutputGradient<
  Output extends string = string,
  Fields extends FieldWidths = FieldWidths,
  Hp extends string = string,
  Stat extends string = string,
> {
  /** Name of the printed kernels; an identifier. */
  readonly id: string;
  /** Outputs of the network, in the order of their columns. */
  readonly outputs: readonly Output[];
  /** What a row of the batch holds beside its observation, in the order of an upload. */
  readonly fields: Fields;
  /** Hyperparameters of the loss, as numbers. */
  readonly hp: readonly Hp[];
  /** What is recorded of the loss; the first is the loss itself. */
  readonly stats: readonly Stat[];
  row(
    z: Numbers<Output>,
    d: Readonly<Record<Output, { [k: number]: number }>>,
    x: { readonly [F in keyof Fields]: Fields[F] extends 1 ? number : ArrayLike<number> },
    hp: Readonly<Record<Hp, number>>,
    stat: Record<Stat, number>,
  ): void;
}

/** Names of the statistics of a row function. */
export type StatNames<G extends Pick<OutputGradient, "stats">> = G["stats"][number];

/** Declares a row function: `const mine = outputGradient({ id: "mine", …, row(z, d, x, hp, stat) { … } })`. */
export const outputGradient = <
  const Output extends string,
  const Fields extends FieldWidths<string, Output>,
  const Hp extends string,
  const Stat extends string,
>(
  declared: OutputGradient<Output, Fields, Hp, Stat>,
) => declared;

/** Numbers of a row's field. widths: of the outputs, by name */
export const fieldWidth = (width: 1 | string, widths: Readonly<Record<string, number>>): number =>
  width === 1 ? 1 : widths[width];

// What a row function may call. The kernels have functions of the same names.

/** eˣ for x ≤ 88; 0 below −87 in the kernels. */
export const exp = portable.exp;
/** ln x for normal x > 0. */
export const log = portable.log;
export const tanh = portable.tanh;
export const { abs, max, min, sqrt } = Math;
/** Both values are computed. */
export const select = (condition: boolean, yes: number, no: number): number => (condition ? yes : no);
/** Room for so many numbers of the row. */
export const scratch = (length: number): Float64Array => new Float64Array(length);
