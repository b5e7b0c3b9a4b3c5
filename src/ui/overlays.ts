/** The curves of other runs that the chart shows behind the live one. */
import { useMemo } from "react";
import type { Overlay } from "./charts/series.ts";
import { okabeIto } from "./palette.ts";
import { useShared } from "./share/ghost.ts";

const nothing: readonly Overlay[] = [];

export function useOverlays(): readonly Overlay[] {
  const shared = useShared((s) => s.run);
  return useMemo(
    () =>
      shared === null || shared.curve.length === 0
        ? nothing
        : [{ id: "shared", label: "shared run", colour: okabeIto.orange, points: shared.curve }],
    [shared],
  );
}
