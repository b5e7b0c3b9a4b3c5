/** Whose curves the chart shows: one run in full, and others behind it. */
import { useMemo } from "react";
import type { Overlay } from "./charts/series.ts";
import { useLive } from "./live.ts";
import { type LineStyle, lineStyle } from "./palette.ts";
import { currentOf, useLibrary } from "./runs/keep.ts";
import { namesOf } from "./runs/names.ts";
import { useOpenedRun } from "./runs/opened.ts";
import { useShared } from "./share/ghost.ts";
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

export function useOverlays(): readonly Overlay[] {
  const shared = useShared((s) => s.run);
  const runs = useLibrary((s) => s.runs);
  const shown = usePage((s) => s.preferences.shown);
  const drawn = useDrawnRun().id;
  return useMemo(() => {
    const ghost: Overlay[] =
      shared === null || shared.curve.length === 0
        ? []
        : [{ id: "shared", label: "shared run", style: ghostStyle, points: shared.curve }];
    const kept = shown.flatMap((id) => runs.filter((run) => run.id === id && id !== drawn));
    if (ghost.length + kept.length === 0) return nothing;
    // What sets them apart from the run before them, too.
    const labels = namesOf([...kept, ...runs.filter(({ id }) => id === drawn)]);
    return [
      ...ghost,
      ...kept.map((run, i) => ({
        id: run.id,
        label: labels[i],
        style: lineStyle(run.colour),
        points: run.returns,
      })),
    ];
  }, [shared, runs, shown, drawn]);
}
