/** What happened to a run, as marks on its curve. All functions are pure. */
import { paramsOf, type RunConfig } from "../../runtime/plan/config.ts";
import type { Edit } from "../../runtime/seen/view.ts";
import { nameOf } from "../studies/differences.ts";
import type { Axis } from "./series.ts";

export interface Mark {
  readonly x: number;
  readonly text: string;
}

/** Keys that say together what is done to one actor. */
const disturbances = ["straggler", "slowdown", "pullDelay"];

type Disturbance = Readonly<Record<string, number>>;

const isFelt = ({ straggler, slowdown, pullDelay }: Disturbance) => straggler > 0 && (slowdown > 1 || pullDelay > 0);

/** What is done to which actor from now on, and which one is left alone, in words. */
function disturbance(before: Disturbance, now: Disturbance): string[] {
  const { straggler, slowdown, pullDelay } = now;
  const said: string[] = [];
  if (isFelt(before) && !(isFelt(now) && straggler === before.straggler))
    said.push(`actor ${before.straggler} back to normal`);
  if (straggler > 0 && slowdown > 1) said.push(`actor ${straggler} slowed ×${slowdown}`);
  if (straggler > 0 && pullDelay > 0) said.push(`actor ${straggler} late by ${pullDelay} ms`);
  return said.length > 0 ? said : ["no actor disturbed"];
}

function textOf({ key, value }: Edit, config: RunConfig): string {
  if (key === "actor") return `actor ${value}`;
  if (key === "push") return `${value.split(" copy ")[0]} pushed`;
  if (key === "rollback") return `rollback ${value}`;
  if (key === "actors") return `${value} ${value === "1" ? "actor" : "actors"} at work`;
  const param = paramsOf(config.algo, config.env)[key];
  return param ? `${nameOf(param)} ${value}` : `${key} ${value}`;
}

/**
 * Edits as marks: a slider that was dragged is one mark with its last value, and so is what was done to one actor at once.
 * At most the latest `most`.
 *
 * @param config as the run began
 * @param span of the axis; what lies closer than a fiftieth of it is one
 */
export function editMarks(edits: readonly Edit[], config: RunConfig, axis: Axis, span: number, most = 12): Mark[] {
  const marks: { x: number; texts: string[]; subject: string; before: Disturbance }[] = [];
  let disturbed: Disturbance = Object.fromEntries(disturbances.map((key) => [key, config.values[key] as number]));
  for (const edit of edits) {
    const { key } = edit;
    const x = axis === "updates" ? edit.update : edit[axis];
    const disturbs = disturbances.includes(key);
    let before = disturbed;
    if (disturbs) disturbed = { ...disturbed, [key]: Number(edit.value) };
    const text = textOf(edit, config);
    const subject = disturbs ? "disturbance" : key === "actor" || key === "push" ? text : key;
    const last = marks.findLastIndex((mark) => mark.subject === subject);
    if (last >= 0 && x - marks[last].x <= span * 0.02) [{ before }] = marks.splice(last, 1);
    marks.push({ x, texts: disturbs ? disturbance(before, disturbed) : [text], subject, before });
  }
  return marks.flatMap(({ x, texts }) => texts.map((text) => ({ x, text }))).slice(-most);
}

export interface PlacedMark extends Mark {
  /** Line of text from the top, 0 first; null: no room for its text. */
  readonly row: number | null;
  /** The text ends at the mark, because there is more room for it. */
  readonly leftward: boolean;
  /** As much of the text as there is room for. */
  readonly shown: string;
}

/** Pixels from a mark's line to its text: a leader ties the two. */
export const LEADER = 8;
/** Pixels of a character of a label on average, and beside the text: the leader, and room to the next one. */
const CHARACTER = 5.8;
const GAP = LEADER + 6;

/** Whether a text beside x has no room to its right. In pixels. */
export const turnsLeft = (at: number, text: string, width: number): boolean =>
  at + text.length * CHARACTER + GAP > width;

/**
 * Gives every mark's text a row in which it overprints no other.
 *
 * @param width of the plot in pixels, for `span` of the axis
 */
export function placeMarks(marks: readonly Mark[], span: number, width: number, rows: number): PlacedMark[] {
  const taken: [number, number][][] = Array.from({ length: rows }, () => []);
  return marks.map((mark) => {
    const at = (mark.x / span) * width;
    const leftward = turnsLeft(at, mark.text, width) && at > width / 2;
    const most = Math.floor(((leftward ? at : width - at) - GAP) / CHARACTER);
    const shown = mark.text.length <= most ? mark.text : `${mark.text.slice(0, Math.max(0, most - 1)).trimEnd()}…`;
    const length = shown.length * CHARACTER + GAP;
    const [from, to] = leftward ? [at - length, at] : [at, at + length];
    const row = taken.findIndex((labels) => labels.every(([a, b]) => to <= a || from >= b));
    if (row >= 0) taken[row].push([from, to]);
    return { ...mark, row: row < 0 ? null : row, leftward, shown };
  });
}
