/** The files that a script is asked to write, e.g. --json FILE. */
import { closeSync, existsSync, openSync, unlinkSync, writeFileSync } from "node:fs";

const problemOf = (option: string, file: string, error: unknown): string =>
  `--${option}: "${file}" cannot be written (${error instanceof Error ? error.message : String(error)})`;

/** Why a file cannot be written, before there is anything to write; null where it can. What it holds stays. */
export function outputProblem(file: string, option = "json"): string | null {
  const isNew = !existsSync(file);
  try {
    closeSync(openSync(file, "a"));
    if (isNew) unlinkSync(file);
    return null;
  } catch (error) {
    return problemOf(option, file, error);
  }
}

/** Writes bytes; false where the file cannot be written after all. */
export function writeBytes(file: string, bytes: Uint8Array, option: string): boolean {
  try {
    writeFileSync(file, bytes);
    return true;
  } catch (error) {
    console.error(problemOf(option, file, error));
    return false;
  }
}

/** Writes data as JSON. Where the file cannot be written after all, prints them instead, so that they are not lost; then false. */
export function writeJson(file: string, data: unknown): boolean {
  const text = `${JSON.stringify(data, null, 2)}\n`;
  try {
    writeFileSync(file, text);
    return true;
  } catch (error) {
    console.error(`${problemOf("json", file, error)}. It would hold:`);
    console.log(text);
    return false;
  }
}
