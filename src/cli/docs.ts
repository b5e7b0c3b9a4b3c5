/** Writes the tables of README that derive from declarations: npm run docs. A test holds README to them. */
import { readFileSync, writeFileSync } from "node:fs";
import { algorithms } from "../algorithms/index.ts";
import { statsOf } from "../algorithms/stats.ts";
import { groups, type Param, type ParamSet, type ParamValue, sameValue } from "../core/params.ts";
import type { Environment } from "../envs/environment.ts";
import { envs } from "../envs/index.ts";
import { memoryLayout } from "../runtime/memory/memory.ts";
import { defaultConfig, offeredPairs, paramsOf, runParams, withValues } from "../runtime/plan/config.ts";
import { planRun } from "../runtime/plan/plan.ts";
import { isMain } from "./process.ts";
import { resultsFolder } from "./results/collect.ts";
import { head, readResults, rowOf } from "./results/table.ts";

const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

/** Every declaration once, with those that have it: a key may be declared anew by each environment, as gravity is. */
function declarations(): { key: string; param: Param<ParamValue>; of: string[] }[] {
  const pairs = Object.values(algorithms).flatMap(({ id, paramsIn }) =>
    Object.values(envs).map((env) => ({ id, params: paramsIn(env) })),
  );
  const systems: { id: string; params: ParamSet }[] = [...Object.values(algorithms), ...Object.values(envs), ...pairs];
  const all = new Map<Param<ParamValue>, { key: string; of: string[] }>();
  for (const [key, param] of Object.entries(runParams as ParamSet)) all.set(param, { key, of: [] });
  for (const { id, params } of systems)
    for (const [key, param] of Object.entries(params)) {
      const of = all.get(param)?.of ?? [];
      if (!of.includes(id)) all.set(param, { key, of: [...of, id] });
    }
  return [...all].map(([param, { key, of }]) => ({ key, param, of }));
}

/** Every hyperparameter, in the order of their groups. */
function hyperparameters(): string {
  const all = declarations();
  const rows = groups.flatMap((group) =>
    all
      .filter(({ param }) => param.group === group)
      .map(({ key, param: p, of }) => [
        `\`${key}\``,
        of.join(", "),
        [p.label, p.symbol].filter((word, i, words) => word && words.indexOf(word) === i).join(" "),
        `\`${p.format(p.default)}\``,
        p.unit ? `${p.legal} (${p.unit})` : p.legal,
        p.live ? "live" : "restart",
        p.help,
      ]),
  );
  return table(["key", "of", "name", "default", "legal", "takes effect", "what it is"], rows);
}

function environments(): string {
  const rows = Object.values(envs as Record<string, Environment>).map((env) => [
    `\`${env.id}\``,
    env.about,
    String(env.maxSteps),
    env.solvedAt === null ? "–" : String(env.solvedAt),
    env.source,
  ]);
  return table(["env", "task", "step limit", "solved at", "dynamics from"], rows);
}

function algorithmTable(): string {
  const rows = Object.values(algorithms).map((a) => [
    `\`${a.id}\``,
    a.title,
    a.about,
    `[${a.citation.text}](${a.citation.url})`,
  ]);
  return table(["algo", "name", "what it does", "paper"], rows);
}

/** Where a pair does not begin with the declared defaults. */
function defaults(): string {
  const rows = offeredPairs().flatMap(([algo, env]) => {
    const params = paramsOf(algo, env);
    const { values } = defaultConfig(algo, env);
    const own = Object.keys(params).filter((key) => !sameValue(params[key], values[key], params[key].default));
    return own.length === 0
      ? []
      : [[`\`${algo}\``, `\`${env}\``, own.map((key) => `\`${key}=${params[key].format(values[key])}\``).join(" ")]];
  });
  return rows.length === 0
    ? "Every pair begins with the defaults of the table above."
    : table(["algo", "env", "begins with"], rows);
}

/** Every statistic of every algorithm once, with those that have it. */
function statistics(): string {
  const all = Object.values(algorithms).map((algorithm) => ({ title: algorithm.title, stats: statsOf(algorithm) }));
  const names = new Set(all.flatMap(({ stats }) => Object.keys(stats)));
  const rows = [...names].map((name) => {
    const having = all.filter(({ stats }) => Object.hasOwn(stats, name));
    const { symbol, unit, group, help } = having[0].stats[name];
    const who = having.length === all.length ? "all" : having.map(({ title }) => title).join(", ");
    return [`\`${name}\``, symbol ?? "", unit ?? "", group?.title ?? "–", who, help];
  });
  return table(["statistic", "symbol", "unit", "chart", "algorithms", "what it is"], rows);
}

/** The regions of a default run's memory, on the SIMD engine. */
function memory(): string {
  const layout = memoryLayout(planRun(withValues(defaultConfig(), { engine: "simd" })));
  const nodes = Object.entries(layout.nodes);
  const rows = nodes.map(([name, node], i) => {
    const from = layout.offsets[name as keyof typeof layout.offsets];
    const next = nodes[i + 1]?.[0] as keyof typeof layout.offsets | undefined;
    const bytes = (next === undefined ? layout.bytes : layout.offsets[next]) - from;
    return [`\`${name}\``, node.kind === "repeated" ? String(node.count) : "1", bytes.toLocaleString("en")];
  });
  return table(["region", "copies", "bytes"], [...rows, ["all", "", layout.bytes.toLocaleString("en")]]);
}

/** Of all files in public/results. */
function results(): string {
  const rows = readResults(resultsFolder).map(rowOf);
  return rows.length > 0 ? table(head, rows) : "No results are there yet.";
}

const sections = { hyperparameters, defaults, environments, algorithms: algorithmTable, statistics, memory, results };

/** The text with every derived table brought up to date. Tables stand between `<!-- table NAME -->` and `<!-- end -->`. */
export function withTables(text: string): string {
  let result = text;
  for (const [name, make] of Object.entries(sections)) {
    const pattern = new RegExp(`(<!-- table ${name} -->\\n)[\\s\\S]*?(\\n<!-- end -->)`);
    if (!pattern.test(result)) throw new Error(`README has no place for the table "${name}"`);
    result = result.replace(pattern, (_, open: string, close: string) => open + make() + close);
  }
  return result;
}

if (isMain(import.meta.url)) writeFileSync("README.md", withTables(readFileSync("README.md", "utf8")));
