/**
 * Adds a run to bits.json: node --import tsx tests/golden/pin.ts NAME QUERY [EDITS as JSON]
 *
 * The query may lean on defaults: they are written out. What is pinned already stays as it is.
 */
import { writeFileSync } from "node:fs";
import { decodeRun } from "../../src/ui/address/url.ts";
import { fullQuery, outcomeOf, pinsFile, readPins } from "../runtime/pins.ts";

const [name, asked, text] = process.argv.slice(2);
const { config, problems } = decodeRun(asked);
if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("; "));
const edits = text ? JSON.parse(text) : undefined;
const { about, runs } = readPins();
if (runs.some((run) => run.name === name)) throw new Error(`"${name}" is pinned already`);
const query = fullQuery(config);
const { outcome } = await outcomeOf(config, edits);
const json = JSON.stringify({ about, runs: [...runs, { name, query, edits, outcome }] }, null, 1);
writeFileSync(pinsFile, `${json.replace(/\[\s+([\d.]+),\s+([\d.]+)\s+\]/g, "[$1, $2]")}\n`);
console.log(name, outcome);
