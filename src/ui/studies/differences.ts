/** What sets configurations apart, in few words. */
import { algorithms } from "../../algorithms/index.ts";
import { sameValue } from "../../core/params.ts";
import { defaultConfig, paramsOf, type RunConfig } from "../../runtime/plan/config.ts";

/** Keys (algo, env or a hyperparameter) in which not all configurations agree; a hyperparameter that some lack is one. */
export function differences(configs: readonly RunConfig[]): string[] {
  const [first, ...others] = configs;
  if (!first) return [];
  const keys: string[] = [];
  if (others.some(({ algo }) => algo !== first.algo)) keys.push("algo");
  if (others.some(({ env }) => env !== first.env)) keys.push("env");
  const params = Object.assign({}, ...configs.map(({ algo, env }) => paramsOf(algo, env)));
  for (const key of Object.keys(params)) {
    const having = configs.filter((config) => Object.hasOwn(config.values, key));
    // What only some algorithms have is said by the algorithm, unless it is not at its default.
    const usual = having.length === configs.length ? [] : having.map(({ algo, env }) => defaultConfig(algo, env));
    const [one, ...rest] = [...having, ...usual].map(({ values }) => values[key]);
    if (rest.some((value) => !sameValue(params[key], value, one))) keys.push(key);
  }
  return keys;
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
