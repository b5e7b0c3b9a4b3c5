/** Links that nobody's page has made. */
import { type AlgorithmId, algorithms } from "../../src/algorithms/index.ts";
import { type EnvId, envs } from "../../src/envs/index.ts";
import { defaultConfig, paramsOf } from "../../src/runtime/plan/config.ts";
import { type Dice, nasty, nastyNumbers } from "./dice.ts";

const algos = Object.keys(algorithms) as AlgorithmId[];
const environments = Object.keys(envs) as EnvId[];
const own = ["v", "algo", "env", "lesson", "embed", "show"];
/** What other programs add to links. */
const foreign = ["fbclid", "utm_source", "gclid", "_gl", "amp;lr", "ref"];
const keys = [
  ...own,
  ...foreign,
  ...new Set(algos.flatMap((algo) => Object.keys(paramsOf(algo, "CartPole-v1")))),
  "learning_rate",
  "Gamma",
  "n_envs",
];
const legal = [
  "1",
  "2",
  "0.5",
  "a3c",
  "CartPole-v0",
  "solved,steps:5000",
  "64,64",
  "simd",
  "actors",
  "drop",
  "straggler",
];

const value = (dice: Dice): string =>
  dice.once(3) ? dice.pick(legal) : dice.once(2) ? String(dice.pick(nastyNumbers)) : dice.pick(nasty);
const key = (dice: Dice): string => (dice.once(5) ? dice.pick(nasty) : dice.pick(keys));

/** Characters from all of Unicode, halves of pairs among them. */
const noise = (dice: Dice, most: number): string =>
  String.fromCharCode(...dice.list(most, () => dice.below(dice.once(2) ? 128 : 65_536)));

const pairs = (dice: Dice, most: number): string =>
  dice
    .list(most, () => `${key(dice)}${dice.pick(["=", "=", "=", "", "=="])}${value(dice)}`)
    .join(dice.pick(["&", "&", "&", "&&", ";"]));

/** A legal link with pieces cut out and put in. */
function damaged(dice: Dice): string {
  const algo = dice.pick(algos);
  const env = dice.pick(environments);
  const { values } = defaultConfig(algo, env);
  let text = Object.entries(paramsOf(algo, env))
    .filter(() => dice.once(4))
    .map(([name, param]) => `${name}=${encodeURIComponent(param.format(values[name]))}`)
    .join("&");
  text = `v=1&algo=${algo}&env=${env}&${text}`;
  for (let damages = 1 + dice.below(3); damages > 0; damages--) {
    const at = dice.below(text.length + 1);
    text = text.slice(0, at) + dice.pick(nasty) + text.slice(at + dice.below(9));
  }
  return text;
}

export function hostileLink(dice: Dice): string {
  const kind = dice.below(100);
  if (kind < 45) return damaged(dice);
  if (kind < 85) return pairs(dice, 8);
  if (kind < 98) return noise(dice, 300);
  if (kind === 98) return pairs(dice, 2500); // more pairs than anybody lists
  return `${pairs(dice, 2)}&${dice.pick(nasty)}=${dice.pick(nasty).repeat(2000)}`;
}
