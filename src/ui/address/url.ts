/**
 * A run as the query of an address: readable, versioned, only what differs from the defaults of its pair.
 *
 *   v=2&algo=a3c&actors=2&lr=0.001&until=solved,steps:500000
 *
 * `v` is the version whose defaults stand in for what the query leaves out. Without it, they are the newest.
 *
 * Laws, for every legal configuration c and every string s (tests/ui/address/url.test.ts):
 *   decodeRun(encodeRun(c)) = { config: c, problems: [] }
 *   decodeAddress(encodeAddress(c, lesson)) = { config: c, lesson, problems: [] }
 *   decodeRun(s) never throws, its configuration is legal, and whatever it did not understand is a named problem
 */
import { type AlgorithmId, algorithms } from "../../algorithms/index.ts";
import { plain } from "../../core/numerals.ts";
import { type AnyValues, type Param, readWord, sameValue } from "../../core/params.ts";
import { type EnvId, envs } from "../../envs/index.ts";
import {
  combinationProblem,
  defaultConfig,
  environmentProblem,
  environmentsOf,
  ownersOf,
  paramsOf,
  type RunConfig,
  VERSION,
  withValues,
} from "../../runtime/plan/config.ts";
import { type LessonId, lessonTitles } from "../lessons/titles.ts";
import { type Embed, embedParts, parseShow } from "../state/embed.ts";
import { closest } from "./closest.ts";
import { isTracking } from "./tracking.ts";

/** Longer addresses get cut off by mail and chat programs. */
export const SHAREABLE_LENGTH = 1800;

const QUERY_LIMIT = 20_000; // characters that are read at all
const PARTS_LIMIT = 200; // so many of its parts; there are not as many keys
const VALUE_LIMIT = 200; // characters; no legal value is longer
const QUOTED = 60; // characters of somebody else's text in a message
const PROBLEM_LIMIT = 50;

export interface UrlProblem {
  readonly key: string;
  /** One sentence that starts with the key. */
  readonly message: string;
}

/** Notes what is wrong with a key. */
type Report = (key: string, what: string) => void;

export interface DecodedRun {
  readonly config: RunConfig;
  readonly problems: UrlProblem[];
}

/** A run, the lesson that is open beside it, and what a frame shows of it. The two change nothing of the run. */
export interface DecodedAddress extends DecodedRun {
  readonly lesson: LessonId | null;
  /** null: the whole page. */
  readonly embed: Embed | null;
}

/** Commas and colons stay readable. */
const encodeValue = (text: string) => encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%3A", ":");

/** The query of a configuration, without "?", in the words of a version. */
export function encodeRunIn(version: number, config: RunConfig): string {
  const { algo, env } = defaultConfig();
  const pairs: [string, string][] = [["v", String(version)]];
  if (config.algo !== algo) pairs.push(["algo", config.algo]);
  if (config.env !== env) pairs.push(["env", config.env]);
  const { values: defaults } = defaultConfig(config.algo, config.env, version);
  for (const [key, param] of Object.entries(paramsOf(config.algo, config.env))) {
    const value = config.values[key];
    if (!sameValue(param, value, defaults[key])) pairs.push([key, param.format(value)]);
  }
  return pairs.map(([key, text]) => `${key}=${encodeValue(text)}`).join("&");
}

/** The query of a configuration, without "?". */
export const encodeRun = (config: RunConfig): string => encodeRunIn(VERSION, config);

/** Whether a configuration is the one that the page begins with. */
export const isDefault = (config: RunConfig): boolean => encodeRun(config) === encodeRun(defaultConfig());

/** A run query as it was kept: pages that wrote v=1 kept an empty one where everything stood at its default. */
export const keptQuery = (query: string): string => query || "v=1";

/** The query of a configuration and an open lesson, without "?". */
export const encodeAddress = (config: RunConfig, lesson: LessonId | null): string =>
  lesson === null ? encodeRun(config) : `${encodeRun(config)}&lesson=${lesson}`;

/** Somebody else's text, fit to be shown: short, well-formed, on one line. */
function shown(text: string): string {
  const printable = text.slice(0, QUOTED).replace(/[\p{C}\p{Z}]/gu, (c) => (c === " " ? c : "\u{FFFD}"));
  return text.length > QUOTED ? `${printable}…` : printable;
}

/** null: broken percent-encoding. */
function percentDecode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/**
 * The parts of a query that are about a run: without what trackers append, and with "&amp;", which a link brings along
 * that was copied out of a page's source, read as "&".
 */
const partsOf = (query: string, most?: number): string[] =>
  query
    .split("&", most)
    .map((part) => part.replace(/^(amp;)+/i, ""))
    .filter((part) => part !== "" && !isTracking(percentDecode(part.split("=", 1)[0]) ?? ""));

/** What a query or a hash says of a run, with or without "?" or "#" as it was given. */
export function withoutTracking(text: string): string {
  const start = /^[?#]?/.exec(text)?.[0] ?? "";
  const rest = partsOf(text.slice(start.length)).join("&");
  return rest === "" ? "" : start + rest;
}

/** The pairs in order, with what is wrong with their spelling. */
function readPairs(query: string, report: Report): Map<string, string> {
  const pairs = new Map<string, string>();
  const start = query.startsWith("?") ? 1 : 0;
  const [read] = query.slice(start, start + QUERY_LIMIT).split("#", 1);
  const isLong = read.split("&", PARTS_LIMIT + 1).length > PARTS_LIMIT;
  if (query.length - start > QUERY_LIMIT)
    report("query", `is longer than ${QUERY_LIMIT} characters: the rest is left out`);
  if (isLong) report("query", `has more than ${PARTS_LIMIT} parts: the rest is left out`);
  for (const part of partsOf(read, PARTS_LIMIT)) {
    const at = part.indexOf("=");
    const rawKey = at < 0 ? part : part.slice(0, at);
    const key = percentDecode(rawKey)?.trim() ?? null;
    const value = at < 0 ? "" : percentDecode(part.slice(at + 1));
    if (key === null) report(rawKey, "has broken percent-encoding and is left out");
    else if (at < 0) report(key, "has no value and is left out");
    else if (value === null) report(key, "has a value with broken percent-encoding, which is left out");
    else if (pairs.has(key)) report(key, "is given more than once: the first value counts");
    else pairs.set(key, value);
  }
  return pairs;
}

/** The version that a link names, or the newest. */
function pickVersion(text: string | undefined, report: Report): number {
  if (text === undefined) return VERSION;
  const digits = plain(text.slice(0, VALUE_LIMIT));
  const version = /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : 0;
  if (version >= 1 && version <= VERSION) return version;
  if (version > VERSION)
    report("v", `is ${version}: the link was made by a newer version of Cartpool; what this one understands is kept`);
  else report("v", `must be a whole number from 1 to ${VERSION}, not "${shown(text)}"`);
  return VERSION;
}

/** A name of a registry, or what stands in for it. */
function pick<Id extends string, Otherwise>(
  key: string,
  text: string | undefined,
  registry: Readonly<Record<Id, unknown>>,
  otherwise: Otherwise,
  report: Report,
): Id | Otherwise {
  if (text === undefined) return otherwise;
  const ids = Object.keys(registry);
  const word = readWord(text, ids);
  if (Object.hasOwn(registry, word)) return word as Id;
  const near = text.length <= VALUE_LIMIT ? closest(text, ids) : null;
  const hint = near ? ` Did you mean ${near}?` : "";
  report(key, `must be one of ${ids.join(", ")}, not "${shown(text)}".${hint}`);
  return otherwise;
}

/** The environment asked for, or the first that the algorithm can learn. */
function pickEnvironment(text: string | undefined, algo: AlgorithmId, report: Report): EnvId {
  const [first] = environmentsOf(algo);
  const env = pick("env", text, envs, first, report);
  const problem = environmentProblem(algo, env);
  if (problem === null) return env;
  report("env", problem);
  return first;
}

/** What is wrong with a text that is no value: as it is shown, it is none either. */
function problemOf(param: Param<unknown>, text: string): string {
  const parsed = param.parse(text);
  return parsed.ok ? `must be ${param.legal}` : parsed.problem;
}

/** The run of a query, with or without "?". The default stands in for everything that is missing or wrong. */
export function decodeRun(query: string): DecodedRun {
  const { config, problems } = decodeAddress(query);
  return { config, problems };
}

/** What a frame shows, or null for the whole page. */
function pickEmbed(embed: string | undefined, show: string | undefined, report: Report): Embed | null {
  if (embed === undefined) {
    if (show !== undefined) report("show", "has no effect without embed=1");
    return null;
  }
  const isEmbedded = plain(embed.slice(0, VALUE_LIMIT)) === "1";
  if (!isEmbedded) report("embed", `must be 1, not "${shown(embed)}"`);
  const parts = show === undefined ? embedParts : parseShow(show);
  if (parts === null)
    report("show", `must be one or more of ${embedParts.join(", ")}, with commas, not "${shown(show ?? "")}"`);
  return isEmbedded ? (parts ?? embedParts) : null;
}

/** Reads a query, with or without "?". The default stands in for everything that is missing or wrong, and no lesson. */
export function decodeAddress(query: string): DecodedAddress {
  const problems: UrlProblem[] = [];
  const named = new Set<string>();
  let unlisted = 0;
  const isFull = () => problems.length >= PROBLEM_LIMIT;
  const report: Report = (key, what) => {
    if (isFull()) return void unlisted++;
    const name = shown(key) || "(empty key)";
    const message = `${name} ${what}`;
    if (named.has(message)) return;
    named.add(message);
    problems.push({ key: name, message });
  };

  const pairs = readPairs(query, report);
  const version = pickVersion(pairs.get("v"), report);
  const algo = pick("algo", pairs.get("algo"), algorithms, defaultConfig().algo, report);
  const env = pickEnvironment(pairs.get("env"), algo, report);
  const lesson = pick("lesson", pairs.get("lesson"), lessonTitles, null, report);
  const embed = pickEmbed(pairs.get("embed"), pairs.get("show"), report);
  const params = paramsOf(algo, env);
  const own = ["v", "algo", "env", "lesson", "embed", "show"];
  const names = [...own, ...Object.keys(params)];

  const values: AnyValues = {};
  for (const [key, text] of pairs) {
    if (own.includes(key)) continue;
    if (!Object.hasOwn(params, key)) {
      // A link of 20,000 characters holds thousands of keys: names near them are looked for while they are listed.
      if (isFull()) {
        unlisted++;
        continue;
      }
      const owners = ownersOf(key);
      if (owners.length > 0) {
        report(key, `belongs to ${owners.join(", ")}: ${algo} on ${env} has no such hyperparameter`);
        continue;
      }
      const byLabel = Object.keys(params).map((k) => [k, params[k].label] as const);
      const near = key.length <= QUOTED ? closest(key, names, byLabel) : null;
      report(key, `is no hyperparameter of ${algo} on ${env}.${near ? ` Did you mean ${near}?` : ""}`);
      continue;
    }
    const param = params[key];
    const parsed = text.length <= VALUE_LIMIT ? param.parse(text) : null;
    if (parsed?.ok) values[key] = parsed.value;
    else report(key, problemOf(param, shown(text)));
  }
  let config = withValues(defaultConfig(algo, env, version), values);
  const combination = combinationProblem(config);
  if (combination) {
    const { key, message } = combination;
    config = withValues(config, { [key]: params[key].default });
    problems.push({ key, message });
  }
  if (unlisted > 0) problems.push({ key: "query", message: `query has ${unlisted} more problems` });
  return { config, lesson, embed, problems };
}

/** The whole address of a run on the page at `page` (an address without query and hash), with the lesson that is open. */
export const runAddress = (config: RunConfig, page: string, lesson: LessonId | null = null): string =>
  `${page}?${encodeAddress(config, lesson)}`;
