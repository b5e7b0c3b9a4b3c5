/**
 * Kinds of hyperparameter. A hyperparameter is declared once, as a value of one of these kinds; its type, default,
 * validation, control, URL text, live slot in shared memory, help and the table in the docs all derive from it.
 *
 * Laws every kind obeys, for every legal value x (tests/core/params.test.ts):
 *   parse(format(x)) = x        fromSlot(toSlot(x)) = x  (kinds that can be live)
 * An illegal value is refused with a sentence that names the legal range; nothing is clamped.
 */

import { LONGEST, plain, readingsOf, unclear } from "./numerals.ts";

export type Parsed<T> = { ok: true; value: T } | { ok: false; problem: string };

export const groups = [
  "parallelism",
  "optimisation",
  "loss",
  "returns",
  "exploration",
  "network",
  "run",
  "chaos",
  "physics",
] as const;
export type Group = (typeof groups)[number];

/** What a declaration says beside its kind. */
interface Described<T> {
  default: T;
  /**
   * The defaults of links up to a version (runtime/plan/config.ts), where they were others; of a hyperparameter that those
   * links did not have, the value that changes nothing.
   */
  earlier?: Readonly<Record<number, T>>;
  /** Name beside the control, e.g. "Learning rate". */
  label: string;
  /** One or two plain sentences. */
  help: string;
  group: Group;
  /** The symbol of the literature, e.g. "γ". */
  symbol?: string;
  unit?: string;
  /** true: takes effect at the next update of a running run. false: needs a restart. */
  live?: boolean;
  /** Changes no bit of a run: it reaches the threads at once, through control words, and no edit is recorded. */
  immediate?: boolean;
}

export type Control =
  /** open: beyond max, at the right end, there is no limit. */
  | { type: "slider"; min: number; max: number; step: number; scale: "linear" | "log"; open?: true }
  | { type: "select"; options: readonly string[] }
  | { type: "text" };

export interface Param<T> extends Readonly<Described<T>> {
  readonly kind: "real" | "limit" | "integer" | "choice" | "widths" | "until";
  readonly live: boolean;
  readonly control: Control;
  /** The legal values in words: "a number from 0 to 1". */
  readonly legal: string;
  /** null when legal, else what is wrong, e.g. "must be a number from 0 to 1, not 2". */
  check(value: unknown): string | null;
  parse(text: string): Parsed<T>;
  format(value: T): string;
  /** The value as one float64, for shared memory. Only kinds real, limit, integer and choice have slots. */
  toSlot(value: T): number;
  fromSlot(slot: number): T;
}

// biome-ignore lint/suspicious/noExplicitAny: the bound of a registry of parameters of any type
export type ParamSet = Readonly<Record<string, Param<any>>>;
export type Values<S extends ParamSet> = { -readonly [K in keyof S]: S[K] extends Param<infer T> ? T : never };
/** Values of a set whose declaration is not known statically (a run of any algorithm on any environment). */
export type AnyValues = Record<string, ParamValue>;
export type ParamValue = number | string | readonly number[] | Until;

const quote = (value: unknown) =>
  typeof value === "string" ? `"${value.slice(0, 60)}"` : Object.is(value, -0) ? "-0" : String(value).slice(0, 60);
const mustBe = (legal: string, value: unknown) => `must be ${legal}, not ${quote(value)}`;

/** A text that can be read in more than one way. */
class Unclear {
  constructor(readonly sentence: string) {}
}

const isSlotted = (param: Pick<Param<unknown>, "live" | "immediate">) => param.live && !param.immediate;

function finish<T>(
  kind: Param<T>["kind"],
  described: Described<T>,
  rest: {
    legal: string;
    control: Control;
    isLegal(value: unknown): boolean;
    read(text: string): unknown;
    format?(value: T): string;
    toSlot?(value: T): number;
    fromSlot?(slot: number): T;
  },
): Param<T> {
  const check = (value: unknown) => (rest.isLegal(value) ? null : mustBe(rest.legal, value));
  const unslotted = () => {
    throw new Error(`a parameter of kind ${kind} has no slot in shared memory`);
  };
  const param: Param<T> = {
    ...described,
    kind,
    live: described.live ?? false,
    control: rest.control,
    legal: rest.legal,
    check,
    parse(text) {
      const value = rest.read(text);
      if (rest.isLegal(value)) return { ok: true, value: value as T };
      const isUnclear = value instanceof Unclear;
      return { ok: false, problem: isUnclear ? `must be ${rest.legal}; ${value.sentence}` : mustBe(rest.legal, text) };
    },
    format: rest.format ?? String,
    toSlot: rest.toSlot ?? unslotted,
    fromSlot: rest.fromSlot ?? unslotted,
  };
  for (const value of [described.default, ...Object.values(described.earlier ?? {})]) {
    const wrong = check(value);
    if (wrong) throw new Error(`default of "${described.label}" ${wrong}`);
  }
  if (isSlotted(param) && !rest.toSlot)
    throw new Error(`"${described.label}" cannot be live: kind ${kind} has no slot`);
  return param;
}

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isWithin = (value: unknown, min: number, max: number): boolean =>
  isNumber(value) && value >= min && value <= max && !Object.is(value, -0);

/** The number that a text means; what is unclear about it; or the text. */
function readNumber(text: string): number | Unclear | string {
  const readings = readingsOf(text);
  return readings.length > 1 ? new Unclear(unclear(text, readings)) : (readings[0] ?? text);
}

/** The word among a few, in capitals or not; or the text. */
export function readWord(text: string, words: readonly string[]): string {
  if (text.length > LONGEST || words.includes(text)) return text;
  const wanted = plain(text).toLowerCase();
  return words.find((word) => word.toLowerCase() === wanted) ?? text;
}

type RealOptions = Described<number> & { min: number; max: number; scale?: "linear" | "log"; step?: number };

function ranged({ min, max, scale = "linear", step, ...described }: RealOptions) {
  const slider = { type: "slider", min, max, step: step ?? (scale === "log" ? 0 : (max - min) / 200), scale } as const;
  return { min, max, described, slider };
}

/** A real number in [min, max]. On a log scale a minimum of 0 is legal: the slider's left end stands for 0. */
export function real(options: RealOptions): Param<number> {
  const { min, max, described, slider } = ranged(options);
  return finish("real", described, {
    legal: `a number from ${min} to ${max}`,
    control: slider,
    isLegal: (value) => isWithin(value, min, max),
    read: readNumber,
    toSlot: (value) => value,
    fromSlot: (slot) => slot,
  });
}

const OFF = "off";

/** Infinity where the text says so in a word; a number beyond all others, such as 1e999, is none. */
function readLimit(text: string): unknown {
  if (readWord(text, [OFF]) === OFF) return Number.POSITIVE_INFINITY;
  const number = readNumber(text);
  return number === Number.POSITIVE_INFINITY ? text : number;
}

/** A real number in [min, max] that limits something, or no limit: the value Infinity, written "off". */
export function limit(options: RealOptions): Param<number> {
  const { min, max, described, slider } = ranged(options);
  return finish("limit", described, {
    legal: `a number from ${min} to ${max}, or "${OFF}"`,
    control: { ...slider, open: true },
    isLegal: (value) => value === Number.POSITIVE_INFINITY || isWithin(value, min, max),
    read: readLimit,
    format: (value) => (value === Number.POSITIVE_INFINITY ? OFF : String(value)),
    toSlot: (value) => value,
    fromSlot: (slot) => slot,
  });
}

type IntegerOptions = Described<number> & { min: number; max: number; scale?: "linear" | "log"; step?: number };

/** A whole number in [min, max]. */
export function integer(options: IntegerOptions): Param<number> {
  const { min, max, scale = "linear", step = 1, ...described } = options;
  return finish("integer", described, {
    legal: `a whole number from ${min} to ${max}`,
    control: { type: "slider", min, max, step, scale },
    isLegal: (value) => Number.isSafeInteger(value) && isWithin(value, min, max),
    read: readNumber,
    toSlot: (value) => value,
    fromSlot: (slot) => slot,
  });
}

/** One of a list of words. */
export function choice<const O extends readonly string[]>(
  options: O,
  described: Described<O[number]>,
): Param<O[number]> {
  return finish<O[number]>("choice", described, {
    legal: `one of ${options.join(", ")}`,
    control: { type: "select", options },
    isLegal: (value) => typeof value === "string" && options.includes(value),
    read: (text) => readWord(text, options),
    toSlot: (value) => options.indexOf(value),
    fromSlot: (slot) => options[slot],
  });
}

/** Numbers with commas between them; null where one is none. A comma never stands within a number here. */
function readList(text: string): number[] | null {
  if (text.length > LONGEST) return null;
  const parts = plain(text).split(",");
  const numbers = parts.flatMap(readingsOf);
  return numbers.length === parts.length ? numbers : null;
}

/** Widths of the hidden layers, written "64,64"; "none" is a network without hidden layers. */
export function widths(
  options: Described<readonly number[]> & { maxLayers: number; maxWidth: number },
): Param<readonly number[]> {
  const { maxLayers, maxWidth, ...described } = options;
  return finish<readonly number[]>("widths", described, {
    legal: `"none" or up to ${maxLayers} layer widths from 1 to ${maxWidth}, such as 64,64`,
    control: { type: "text" },
    isLegal: (value) =>
      Array.isArray(value) &&
      value.length <= maxLayers &&
      value.every((w) => Number.isInteger(w) && w >= 1 && w <= maxWidth),
    read: (text) => (readWord(text, ["none"]) === "none" ? [] : (readList(text) ?? text)),
    format: (value) => (value.length === 0 ? "none" : value.join(",")),
  });
}

/** When a run stops by itself. The first condition that is met ends it; an empty list never does. */
export type Until = readonly StopCondition[];
export type StopCondition =
  | { readonly when: "solved" }
  | { readonly when: "steps"; readonly count: number }
  | { readonly when: "updates"; readonly count: number }
  | { readonly when: "seconds"; readonly count: number };

const condition = /^(steps|updates|seconds) ?: ?(.+)$/i;

/** null: no condition. */
function readCondition(text: string): StopCondition | Unclear | null {
  if (text.toLowerCase() === "solved") return { when: "solved" };
  const match = condition.exec(text);
  if (!match) return null;
  const count = readNumber(match[2]);
  if (count instanceof Unclear) return count;
  return typeof count === "number" ? { when: match[1].toLowerCase() as "steps", count } : null;
}

/** The conditions of a list. A comma before a digit belongs to a number, because every condition begins with a word. */
function readUntil(text: string): readonly (StopCondition | null)[] | Unclear | null {
  if (readWord(text, ["never"]) === "never") return [];
  if (text.length > LONGEST) return null;
  const conditions = plain(text)
    .split(/ ?[,;] ?(?=[a-z])/i)
    .map(readCondition);
  return conditions.find((one) => one instanceof Unclear) ?? (conditions as (StopCondition | null)[]);
}

function isCondition(value: unknown): value is StopCondition {
  if (typeof value !== "object" || value === null || !("when" in value)) return false;
  if (value.when === "solved") return true;
  if (!("count" in value) || !isNumber(value.count) || value.count <= 0 || value.count > 1e12) return false;
  return (
    value.when === "seconds" || ((value.when === "steps" || value.when === "updates") && Number.isInteger(value.count))
  );
}

/** Stop conditions, written "solved", "steps:500000", "updates:100", "seconds:30", or a list of those, or "never". */
export function until(described: Described<Until>): Param<Until> {
  return finish<Until>("until", described, {
    legal: `"never", "solved", "steps:N", "updates:N", "seconds:N" with N > 0, or several with commas`,
    control: { type: "text" },
    isLegal: (value) =>
      Array.isArray(value) &&
      value.length <= 4 &&
      value.every(isCondition) &&
      new Set(value.map((c) => c.when)).size === value.length,
    read: readUntil,
    format: (value) =>
      value.length === 0
        ? "never"
        : value.map((c) => (c.when === "solved" ? "solved" : `${c.when}:${c.count}`)).join(","),
  });
}

/** The default of every parameter of a set. */
export function defaultsOf<S extends ParamSet>(set: S): Values<S> {
  const values: AnyValues = {};
  for (const key in set) values[key] = set[key].default;
  return values as Values<S>;
}

/** The default of a parameter in links of a version. */
export function defaultIn<T>({ default: newest, earlier = {} }: Param<T>, version: number): T {
  const upTo = Object.keys(earlier)
    .map(Number)
    .find((last) => last >= version); // whole numbers as keys ascend
  return upTo === undefined ? newest : earlier[upTo];
}

/** One sentence for every illegal or missing value: "gamma must be a number from 0 to 1, not 2". */
export function problemsOf(set: ParamSet, values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(set).flatMap(([key, param]) => {
    const wrong = param.check(values[key]);
    return wrong ? [`${key} ${wrong}`] : [];
  });
}

/** Keys of the live parameters of a set that have a slot in shared memory, in slot order. */
export const liveKeys = (set: ParamSet): string[] => Object.keys(set).filter((key) => isSlotted(set[key]));

/** Writes the live values into their slots. slots: [number of live parameters]. */
export function writeSlots(set: ParamSet, values: Readonly<AnyValues>, slots: Float64Array): void {
  let slot = 0;
  for (const key in set) if (isSlotted(set[key])) slots[slot++] = set[key].toSlot(values[key]);
}

/** Reads the live values out of their slots, in place. */
export function readSlots(set: ParamSet, slots: Float64Array, values: AnyValues): void {
  let slot = 0;
  for (const key in set) if (isSlotted(set[key])) values[key] = set[key].fromSlot(slots[slot++]);
}

/** Equality of two values of one parameter. */
export const sameValue = <T>(param: Param<T>, a: T, b: T): boolean => param.format(a) === param.format(b);
