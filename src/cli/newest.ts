import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The latest change of files and of what is in folders, in milliseconds; a folder's own time tells of deleted files. −∞ if all are missing. */
export function newest(...paths: string[]): number {
  return Math.max(
    Number.NEGATIVE_INFINITY,
    ...paths.map((path) => {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (!stat) return Number.NEGATIVE_INFINITY;
      const inside = stat.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
      return Math.max(stat.mtimeMs, newest(...inside));
    }),
  );
}
