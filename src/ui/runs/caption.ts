/** What a picture of the chart says beside its curves. */
import { algorithms } from "../../algorithms/index.ts";
import { encodeRun } from "../address/url.ts";
import { axisNames } from "../charts/axis.ts";
import { useDrawnRun, useLines } from "../state/overlays.ts";
import { usePage } from "../state/store.ts";
import { useLibrary } from "./library.ts";
import { useDrawnConfig } from "./opened.ts";
import type { Caption, Entry } from "./picture.ts";

/** @returns what makes the caption of the chart as it then stands */
export function useCaption(): () => Caption {
  const { name, style, overlays } = useLines();
  const drawn = useDrawnRun().id !== null;
  const config = useDrawnConfig();
  const runs = useLibrary((s) => s.runs);
  const axis = usePage((s) => s.preferences.axis);
  return () => {
    const label = name || algorithms[config.algo].title;
    const ink = { colour: "var(--ink)", dash: undefined };
    const own: Entry[] = [
      { label: `${label}, smoothed`, kind: "bold", style },
      { label: "mean, min–max", kind: "band", style: { ...style, dash: undefined } },
      { label: "greedy evaluation", kind: "dot", style: ink },
    ];
    const others = overlays.map(({ label, style }): Entry => ({ label, kind: "thin", style }));
    const queries: [string, string | undefined][] = [
      ...(drawn ? [[label, encodeRun(config)] as [string, string]] : []),
      ...overlays.map(({ id, label }): [string, string | undefined] => [label, runs.find((r) => r.id === id)?.query]),
    ];
    return {
      title: `Return of an episode by ${axisNames[axis]}, ${config.env}`,
      description: document.getElementById("return-summary")?.textContent ?? "",
      legend: [...(drawn ? own : []), ...others],
      notes: queries.flatMap(([label, query]) => (query === undefined ? [] : [`${label}: ?${query}`])),
    };
  };
}
