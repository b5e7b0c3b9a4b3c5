/** What sets configurations apart, in few words. */
import { algorithms } from "../../algorithms/index.ts";
import { sameValue } from "../../core/params.ts";
import { defaultConfig, paramsOf, type RunConfig } from "../../runtime/plan/config.ts";

/** Keys (algo, env or a hyperparameter) in which not all configurations agree. */
export function differences(configs: readonly RunConfig[]): string[] {
  const [first, ...others] = configs;
  if (!first) return [];
  const keys: string[] = [];
  if (others.some(({ algo }) => algo !== first.algo)) keys.push("algo");
  if (others.some(({ env }) => env !== first.env)) keys.push("env");
  const sets = configs.map(({ algo, env }) => paramsOf(algo, env));
  for (const key of new Set(sets.flatMap((set) => Object.keys(set)))) {
    const [param] = sets.map((set) => set[key]);
    const differ = sets.every((set) => set[key] === param)
      ? others.some(({ values }) => !sameValue(param, values[key], first.values[key]))
      : configs.some((config) => !isUsual(config, key));
    if (differ) keys.push(key);
  }
  return keys;
}

/** Whether a configuration lacks a hyperparameter or has it at its default: its algorithm or environment then says all of it. */
function isUsual({ algo, env, values }: RunConfig, key: string): boolean {
  const param = paramsOf(algo, env)[key];
  return param === undefined || sameValue(param, values[key], defaultConfig(algo, env).values[key]);
}

/** What a hyperparameter is called beside a value. A Greek letter is known by itself; N, n and B are not. */
export const nameOf = ({ symbol, label }: { readonly symbol?: string; readonly label: string }): string =>
  symbol && !/[a-z]/i.test(symbol) ? symbol : label.toLowerCase();

/** A configuration by its values of these keys: "A3C · α 0.001 · seed 3". */
export function labelOf(config: RunConfig, keys: readonly string[]): string {
  const params = paramsOf(config.algo, config.env);
  const parts = keys.flatMap((key) => {
    if (key === "algo") return [algorithms[config.algo].title];
    if (key === "env") return [config.env];
    const param = params[key];
    return param ? [`${nameOf(param)} ${param.format(config.values[key])}`] : [];
  });
  return parts.length > 0 ? parts.join(" · ") : algorithms[config.algo].title;
}
