/** Files of reference values: recordings of Gymnasium's environments, and cases of algorithms. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { actorCritic } from "./actorCritic.ts";
import { described, descriptionsOf } from "./environments/descriptions.ts";
import { episodesOf, recording } from "./environments/episodes.ts";
import { rollouts } from "./environments/rollouts.ts";
import { starts, startsOf } from "./environments/starts.ts";
import { algorithmFile, casesOf, type Kind } from "./kinds.ts";
import { optimizers } from "./optimizers.ts";
import { returns } from "./returns.ts";
import { type Suite, suiteOf } from "./suite.ts";

/** Kinds of cases that are implemented, by the file that they stand in. */
const kinds: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  ...returns,
  ...optimizers,
  ...actorCritic,
  ...rollouts,
};

/** optimizers of algorithms/optimizers.json and of algorithms/optimizers.more.json */
const stemOf = (path: string) => basename(path).split(".", 1)[0];

/**
 * The cases of a file; null where it has none of the forms that are known. Throws where it is damaged.
 *
 * @param path with which its kinds are found
 */
export function suiteIn(path: string, text: string): Suite | null {
  const data: unknown = JSON.parse(text);
  if (typeof data !== "object" || data === null) return null;
  if ("episodes" in data) return suiteOf(episodesOf(recording.parse(data)));
  if ("cases" in data) return casesOf(algorithmFile.parse(data), kinds[stemOf(path)] ?? {});
  if (!("environments" in data)) return null;
  const [first] = Object.values(Object(data.environments));
  return suiteOf("measured" in Object(first) ? startsOf(starts.parse(data)) : descriptionsOf(described.parse(data)));
}

/** Paths of the JSON files of a folder and of those within it, from it. Throws where there is none. */
export function filesOf(folder: string): string[] {
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`);
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return all.filter((path) => path.endsWith(".json")).sort();
}

export const readSuite = (folder: string, path: string) => suiteIn(path, readFileSync(join(folder, path), "utf8"));
