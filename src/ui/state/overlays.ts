/** Whose curves the chart shows: one run in full, and others behind it. */
import { useMemo } from "react";
import { isSameTask } from "../../envs/environment.ts";
import { type EnvId, envs } from "../../envs/index.ts";
import type { Overlay } from "../charts/series.ts";
import { type LineStyle, lineStyle } from "../parts/palette.ts";
import { configOf } from "../runs/configOf.ts";
import { currentOf, useLibrary } from "../runs/library.ts";
import { namesOf } from "../runs/names.ts";
import { useDrawnConfig, useDrawnEnvironment, useOpenedRun } from "../runs/opened.ts";
import { useShared } from "../share/ghost.ts";
import { useLive } from "./live.ts";
import { usePage } from "./store.ts";

const nothing: readonly Overlay[] = [];

/** A curve that came with a link belongs to no run of this browser. */
const ghostStyle: LineStyle = { colour: "var(--muted)", dash: undefined };

interface DrawnRun {
  /** null: no run is drawn in full. */
  readonly id: string | null;
  readonly style: LineStyle;
  /** What a person called it. */
  readonly name: string;
}

/** The run that is drawn in full: the page's, under way or ended, else the opened one. */
export function useDrawnRun(): DrawnRun {
  const library = useLibrary();
  const idle = useLive((s) => s.phase === "idle");
  const opened = useOpenedRun();
  const run = opened ? (library.runs.find(({ id }) => id === opened.run.id) ?? opened.run) : currentOf(library);
  const colour = run?.colour ?? 0;
  const style = useMemo(() => lineStyle(colour), [colour]);
  return { id: idle && !opened ? null : (run?.id ?? null), style, name: run?.name ?? "" };
}

interface Lines {
  readonly style: LineStyle;
  /** What the run drawn in full is called beside the others; "" where a person gave it no name and it stands alone. */
  readonly name: string;
  readonly overlays: readonly Overlay[];
  /** Runs that are to be shown and are of another task, whose returns are on another scale: they are not on the chart. */
  readonly others: number;
}

/** The curves on the chart, each named by what sets it apart from the others. */
export function useLines(): Lines {
  const shared = useShared((s) => s.run);
  const sharedEnv = useShared((s) => s.env);
  const runs = useLibrary((s) => s.runs);
  const shown = usePage((s) => s.preferences.shown);
  const { id: drawn, style, name } = useDrawnRun();
  const config = useDrawnConfig();
  const environment = useDrawnEnvironment();
  return useMemo(() => {
    const isHere = (env: EnvId) => isSameTask(envs[env], environment);
    const ghosts: Overlay[] =
      shared === null || shared.curve.length === 0
        ? []
        : [{ id: "shared", label: "shared run", style: ghostStyle, points: shared.curve }];
    const ghost = isHere(sharedEnv) ? ghosts : [];
    const all = shown.flatMap((id) => runs.filter((run) => run.id === id && id !== drawn));
    const kept = all.filter((run) => isHere(configOf(run).env));
    const others = ghosts.length + all.length - ghost.length - kept.length;
    if (ghost.length + kept.length === 0) return { style, name, overlays: nothing, others };
    const own = drawn === null ? [] : [{ name, config }];
    const labels = namesOf([...kept.map((run) => ({ name: run.name, config: configOf(run) })), ...own]);
    const mine = drawn === null || kept.length === 0 ? name : labels[kept.length];
    return {
      style,
      others,
      name: drawn !== null && (mine === "" || labels.indexOf(mine) < kept.length) ? `${mine} (this run)`.trim() : mine,
      overlays: [
        ...ghost,
        ...kept.map((run, i) => ({
          id: run.id,
          label: labels[i],
          style: lineStyle(run.colour),
          points: run.returns,
        })),
      ],
    };
  }, [shared, sharedEnv, runs, shown, drawn, style, name, config, environment]);
}
