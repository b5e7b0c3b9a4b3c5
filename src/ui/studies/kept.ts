/** What a study says as it is kept: its configurations, how it was planned, and which of its runs are left. */
import { type RunConfig, withValues } from "../../runtime/plan/config.ts";
import { decodeRun } from "../address/url.ts";
import type { Study } from "./outcome.ts";
import { type Entry, entriesOf } from "./study.ts";

export const configsOf = ({ queries }: Pick<Study, "queries">): RunConfig[] =>
  queries.map((query) => decodeRun(query).config);

const seedsOf = ({ total, queries }: Study): number => total / queries.length;

/** What was asked for, as it stands in the form. */
export const planOf = (study: Study) => ({
  configs: configsOf(study),
  seeds: seedsOf(study),
  limit: study.limit,
  whenSolved: study.whenSolved ?? false,
  order: study.together ? ("together" as const) : ("one after the other" as const),
});

/**
 * The runs of a study that have not been made, in their order, with what `auto` chose for those of the same
 * configuration that have. None where the study does not say all of it, in words that this page does not know, or
 * where it has other runs than it planned.
 */
export function entriesLeft(study: Study): Entry[] {
  const { queries, whenSolved, limit, outcomes } = study;
  if (whenSolved === undefined || queries.some((query) => decodeRun(query).problems.length > 0)) return [];
  const configs = configsOf(study).map((config, group) => {
    const made = outcomes.find((outcome) => outcome.group === group && outcome.problem === null);
    if (!made) return config;
    const { engine, gradients } = decodeRun(made.query).config.values;
    return withValues(config, { engine, gradients });
  });
  const made = new Set(outcomes.map(({ group, seed }) => `${group} ${seed}`));
  const left = entriesOf(configs, seedsOf(study), limit, whenSolved).filter(
    ({ group, config }) => !made.has(`${group} ${config.values.seed}`),
  );
  return left.length === study.total - outcomes.length ? left : [];
}

/** A study with the runs of its stored form that it lacks: where two tabs made some, each run is there once. */
export function joined(study: Study, stored: Study | null): Study {
  if (!stored) return study;
  const own = new Set(study.outcomes.map(({ group, seed }) => `${group} ${seed}`));
  const others = stored.outcomes.filter(({ group, seed }) => !own.has(`${group} ${seed}`));
  return {
    ...study,
    disturbed: study.disturbed || stored.disturbed,
    outcomes: [...others, ...study.outcomes],
  };
}
