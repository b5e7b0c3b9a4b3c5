/**
 * Adds to defaults.json what is new: node --import tsx tests/golden/defaults.ts [--retune]
 *
 * What is there stays: an old link leans on it. --retune writes the newest version anew, as long as no links of it are out
 * (`out` in the file is the newest version that is deployed).
 */
import { writeFileSync } from "node:fs";
import { VERSION } from "../../src/runtime/plan/config.ts";
import { type Defaults, defaultsFile, defaultsIn, readDefaults } from "../runtime/plan/defaults.ts";

const { about, out, versions } = readDefaults();
const retunes = process.argv.includes("--retune");
if (retunes && VERSION <= out) throw new Error(`links of v=${VERSION} are out: write the new values under ${out + 1}`);

/** The recorded values win, in the order of the declarations. */
const merged = (now: Defaults, before: Defaults = {}): Defaults =>
  Object.fromEntries(Object.keys({ ...now, ...before }).map((of) => [of, { ...now[of], ...before[of] }]));

const all = Array.from({ length: VERSION }, (_, i) => {
  const version = i + 1;
  const before = retunes && version === VERSION ? undefined : versions[version];
  return [version, merged(defaultsIn(version), before)] as const;
});
writeFileSync(defaultsFile, `${JSON.stringify({ about, out, versions: Object.fromEntries(all) }, null, 1)}\n`);
