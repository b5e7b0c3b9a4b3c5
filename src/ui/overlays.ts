/** The curves of other runs that the chart shows behind the live one. */
import { useMemo } from "react";
import { type Overlay, thinReturns } from "./charts/series.ts";
import { actorColour, okabeIto } from "./palette.ts";
import { useLibrary } from "./runs/keep.ts";
import { namesOf } from "./runs/names.ts";
import { useShared } from "./share/ghost.ts";
import { usePage } from "./store.ts";

const nothing: readonly Overlay[] = [];

export function useOverlays(): readonly Overlay[] {
  const shared = useShared((s) => s.run);
  const { runs, current } = useLibrary();
  const shown = usePage((s) => s.preferences.shown);
  return useMemo(() => {
    const ghost: Overlay[] =
      shared === null || shared.curve.length === 0
        ? []
        : [{ id: "shared", label: "shared run", colour: okabeIto.orange, points: shared.curve }];
    const kept = shown.flatMap((id) => runs.filter((run) => run.id === id && id !== current?.id));
    if (ghost.length + kept.length === 0) return nothing;
    const labels = namesOf(kept);
    return [
      ...ghost,
      ...kept.map((run, i) => ({
        id: run.id,
        label: labels[i],
        colour: actorColour(run.colour),
        points: thinReturns(run.returns, 120),
      })),
    ];
  }, [shared, runs, shown, current]);
}
