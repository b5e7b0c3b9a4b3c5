/** The file that a script is asked to write, e.g. --json FILE. */
import { closeSync, existsSync, openSync, unlinkSync, writeFileSync } from "node:fs";

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Why a file cannot be written, before there is anything to write; null where it can. What it holds stays. */
export function outputProblem(file: string): string | null {
  const isNew = !existsSync(file);
  try {
    closeSync(openSync(file, "a"));
    if (isNew) unlinkSync(file);
    return null;
  } catch (error) {
    return `--json: "${file}" cannot be written (${reasonOf(error)})`;
  }
}

/** Writes data as JSON. Where the file cannot be written after all, prints them instead, so that they are not lost; then false. */
export function writeJson(file: string, data: unknown): boolean {
  const text = `${JSON.stringify(data, null, 2)}\n`;
  try {
    writeFileSync(file, text);
    return true;
  } catch (error) {
    console.error(`--json: "${file}" cannot be written (${reasonOf(error)}). It would hold:`);
    console.log(text);
    return false;
  }
}
