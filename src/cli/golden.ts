/**
 * Checks files of reference values: npm run golden -- FOLDER
 *
 * A line a file: its name, how many cases were checked and how many failed, the first failure, and what this version does
 * not implement. Ends with 1 where a case fails or a file is damaged. FOLDER: of the form of tests/golden.
 */
import * as z from "zod/mini";
import { filesOf, readSuite } from "./golden/index.ts";
import type { Case, Missing, Suite } from "./golden/suite.ts";
import { runAsScript } from "./process.ts";

/** Where a file is not as its form says, or what an error says. */
function wordsOf(error: unknown): string {
  if (!(error instanceof z.core.$ZodError)) return error instanceof Error ? error.message : String(error);
  const [{ path, message }] = error.issues;
  return `${path.map(String).join(".")}: ${message}`;
}

/** What is wrong with a case; a case that cannot be computed fails. */
function failureOf(of: Case): string | null {
  try {
    const found = of.check();
    return found === null ? null : `${of.name}: ${found}`;
  } catch (error) {
    return `${of.name}: ${wordsOf(error)}`;
  }
}

/** "momentum (2), adagrad": what is not implemented, and for how many cases. */
function lacking(missing: readonly Missing[]): string {
  const counts = new Map<string, number>();
  for (const { what } of missing) counts.set(what, (counts.get(what) ?? 0) + 1);
  return [...counts].map(([what, count]) => (count === 1 ? what : `${what} (${count})`)).join(", ");
}

export interface Line {
  readonly text: string;
  readonly isFailure: boolean;
}

/** What is said of a file. */
function lineOf({ cases, missing }: Suite): Line {
  if (cases.length === 0) return { text: "not implemented", isFailure: false };
  const failures = cases.map(failureOf).filter((one) => one !== null);
  const parts = [
    `${cases.length} cases, ${failures.length} failures`,
    ...failures.slice(0, 1),
    ...(missing.length > 0 ? [`not implemented: ${lacking(missing)}`] : []),
  ];
  return { text: parts.join("; "), isFailure: failures.length > 0 };
}

/** What is said of a file of a folder, whatever it holds. */
export function checkFile(folder: string, path: string): Line {
  try {
    const suite = readSuite(folder, path);
    return suite ? lineOf(suite) : { text: "of no form that is known", isFailure: false };
  } catch (error) {
    return { text: `damaged: ${wordsOf(error)}`, isFailure: true };
  }
}

/** Prints a line a file, and returns how many files are not as they should be. Throws where there are none. */
export function checkFolder(folder: string, print: (line: string) => void): number {
  const files = filesOf(folder);
  if (files.length === 0) throw new Error(`${folder} holds no JSON files`);
  const width = Math.max(...files.map(({ length }) => length));
  let failed = 0;
  for (const path of files) {
    const { text, isFailure } = checkFile(folder, path);
    print(`${path.padEnd(width)}  ${text}`);
    if (isFailure) failed++;
  }
  return failed;
}

runAsScript(import.meta.url, async () => {
  const [folder, ...others] = process.argv.slice(2);
  if (folder === undefined || others.length > 0) throw new Error("npm run golden -- FOLDER");
  return checkFolder(folder, console.log) > 0 ? 1 : 0;
});
