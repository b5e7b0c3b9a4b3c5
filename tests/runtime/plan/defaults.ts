/** The defaults of every version of links, and as they are recorded (tests/golden/defaults.json). */
import { readFileSync } from "node:fs";
import { type AlgorithmId, algorithms } from "../../../src/algorithms/index.ts";
import { defaultIn, type ParamSet } from "../../../src/core/params.ts";
import { type EnvId, envs } from "../../../src/envs/index.ts";
import { defaultConfig, paramsOf, runParams } from "../../../src/runtime/plan/config.ts";

/** By "run", an algorithm, an environment or a pair ("a2c Acrobot-v1", only what differs): values as links write them. */
export type Defaults = Record<string, Record<string, string>>;

export const defaultsFile = new URL("../../golden/defaults.json", import.meta.url);
export const readDefaults = (): { about: string; out: number; versions: Record<number, Defaults> } =>
  JSON.parse(readFileSync(defaultsFile, "utf8"));

const declared = (set: ParamSet, version: number): Record<string, string> =>
  Object.fromEntries(Object.entries(set).map(([key, param]) => [key, param.format(defaultIn(param, version))]));

function ofPair(algo: AlgorithmId, env: EnvId, version: number): Record<string, string> {
  const params = paramsOf(algo, env);
  const usual = declared(params, version);
  const { values } = defaultConfig(algo, env, version);
  const written = Object.keys(params).map((key) => [key, params[key].format(values[key])] as const);
  return Object.fromEntries(written.filter(([key, text]) => text !== usual[key]));
}

/** All defaults in links of a version. */
export function defaultsIn(version: number): Defaults {
  const sets = { run: { params: runParams as ParamSet }, ...algorithms, ...envs };
  const pairs = (Object.keys(algorithms) as AlgorithmId[]).flatMap((algo) =>
    (Object.keys(envs) as EnvId[]).map((env) => [`${algo} ${env}`, ofPair(algo, env, version)] as const),
  );
  return {
    ...Object.fromEntries(Object.entries(sets).map(([id, { params }]) => [id, declared(params, version)])),
    ...Object.fromEntries(pairs.filter(([, values]) => Object.keys(values).length > 0)),
  };
}
