import { goodReturn } from "../../envs/environment.ts";
import { oneDecimal, plural, short } from "../parts/format.ts";
import { useDrawn, useDrawnConfig, useDrawnEnvironment } from "../runs/opened.ts";
import { useLines } from "../state/overlays.ts";
import { usePage } from "../state/store.ts";
import { axisNames, axisValue } from "./axis.ts";
import { editMarks } from "./marks.ts";
import { lastSmooth, lastX, spanOf } from "./series.ts";

/** What happened to the run, and the others on the chart, in words. */
function useOthers(): string[] {
  const { overlays } = useLines();
  const edits = useDrawn("edits");
  const config = useDrawnConfig();
  const { axis } = usePage((s) => s.preferences);
  const marks = editMarks(edits, config, axis, 0).map(({ x, text }) => `${text} at ${axisValue(axis, x)}`);
  const others = overlays.flatMap(({ label, points }) => {
    const last = points.at(-1);
    return last ? [`${label}: ${oneDecimal(last.mean)} at ${axisValue(axis, last[axis])}.`] : [];
  });
  return [...(marks.length > 0 ? [`Marks: ${marks.join("; ")}.`] : []), ...others];
}

/** The run drawn in full, in words. */
function useOwn(): string[] {
  const { overlays } = useLines();
  const returns = useDrawn("returns");
  const evaluations = useDrawn("evaluations");
  const solvedAt = useDrawn("solvedAt");
  const { axis, smoothing } = usePage((s) => s.preferences);
  const environment = useDrawnEnvironment();
  const last = returns.at(-1);
  const evaluation = evaluations.at(-1);
  if (!last) return ["No episode has ended yet."];
  const span = spanOf(axis, returns, evaluations, ...overlays.map(({ points }) => points));
  const smoothed = oneDecimal(lastSmooth(returns, axis, smoothing, span));
  const greedy = evaluation && `${oneDecimal(evaluation.mean)} plus or minus ${oneDecimal(evaluation.std)}`;
  return [
    `Return by ${axisNames[axis]}, up to ${axisValue(axis, lastX(axis, returns))}.`,
    `Latest: mean ${oneDecimal(last.mean)}, from ${oneDecimal(last.min)} to ${oneDecimal(last.max)}, smoothed ${smoothed}.`,
    ...(evaluation ? [`Last greedy evaluation, ${plural(evaluation.episodes, "episode")}: ${greedy}.`] : []),
    solvedAt
      ? `Solved at ${axisValue(axis, solvedAt[axis])}.`
      : environment.solvedAt === null
        ? `No return counts as solved here; ${short(goodReturn(environment))} is good.`
        : `Not solved yet: that takes ${short(environment.solvedAt)}.`,
  ];
}

/** The reward curve in words, for those who do not see it. One text, in an element of its own. */
export function Summary() {
  return <span>{[...useOwn(), ...useOthers()].join(" ")}</span>;
}
