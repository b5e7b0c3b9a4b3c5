/** Episodes that Gymnasium recorded, and its descriptions of the environments (tests/golden). */
import { readFileSync } from "node:fs";

export interface Episode {
  name: string;
  initial_state: number[];
  initial_observation: number[];
  length: number;
  return: number;
  /** One entry a step; states[t], rewards[t], … are the result of actions[t]. */
  actions: number[];
  states: number[][];
  observations: number[][];
  rewards: number[];
  terminated: boolean[];
  truncated: boolean[];
}

export interface Recording {
  env: string;
  options: { kinematics_integrator?: string };
  episodes: Episode[];
}

export interface Description {
  state: { name: string; unit: string }[];
  observation: { components: { name: string; unit: string }[] };
  actions: { type: string; n: number; low: number; high: number; meaning: Record<string, string> };
  truncation: { max_episode_steps: number };
  reward_threshold: number | null;
  start_state: { low: number[]; high: number[] };
  constants: Record<string, number>;
}

/** 10,000 resets: a number for every component of the state. */
export interface StartStates {
  code_bounds: { low: number[]; high: number[] };
  measured: { mean: number[]; std: number[]; quantiles: Record<string, number[]> };
}

const read = (file: string) => JSON.parse(readFileSync(new URL(`../golden/${file}`, import.meta.url), "utf8"));

export const recording = (name: string): Recording => read(`${name}.json`);
export const descriptions: Record<string, Description> = read("environments.json").environments;
export const startStates: Record<string, StartStates> = read("reset_distribution.json").environments;

/** |value − expected| on the scale max(1, |expected|). */
export const deviation = (value: number, expected: number) =>
  Math.abs(value - expected) / Math.max(1, Math.abs(expected));
