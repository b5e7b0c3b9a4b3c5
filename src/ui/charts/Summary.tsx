import { oneDecimal, plural } from "../format.ts";
import { useLines } from "../overlays.ts";
import { useDrawn, useDrawnConfig } from "../runs/opened.ts";
import { usePage } from "../store.ts";
import { axisNames, axisValue } from "./axis.ts";
import { editMarks } from "./marks.ts";
import { lastSmooth, lastX, type Overlay, spanOf } from "./series.ts";

/** The other runs on the chart and what happened to this one, in words. */
function Others({ overlays }: { overlays: readonly Overlay[] }) {
  const edits = useDrawn("edits");
  const config = useDrawnConfig();
  const { axis } = usePage((s) => s.preferences);
  const marks = editMarks(edits, config, axis, 0);
  return (
    <>
      {marks.length > 0 && ` Marks: ${marks.map(({ x, text }) => `${text} at ${axisValue(axis, x)}`).join("; ")}.`}
      {overlays.map(({ id, label, points }) => {
        const last = points.at(-1);
        return last && <span key={id}>{` ${label}: ${oneDecimal(last.mean)} at ${axisValue(axis, last[axis])}.`}</span>;
      })}
    </>
  );
}

/** The reward curve in words, for those who do not see it. */
export function Summary() {
  const { overlays } = useLines();
  const returns = useDrawn("returns");
  const evaluations = useDrawn("evaluations");
  const solvedAt = useDrawn("solvedAt");
  const { axis, smoothing } = usePage((s) => s.preferences);
  const last = returns.at(-1);
  const evaluation = evaluations.at(-1);
  if (!last)
    return (
      <>
        No episode has ended yet.
        <Others overlays={overlays} />
      </>
    );
  const span = spanOf(axis, returns, evaluations, ...overlays.map(({ points }) => points));
  const smoothed = lastSmooth(returns, axis, smoothing, span);
  return (
    <>
      Return by {axisNames[axis]}, up to {axisValue(axis, lastX(axis, returns))}. Latest: mean {oneDecimal(last.mean)},
      from {oneDecimal(last.min)} to {oneDecimal(last.max)}, smoothed {oneDecimal(smoothed)}.
      {evaluation &&
        ` Last greedy evaluation, ${plural(evaluation.episodes, "episode")}: ${oneDecimal(evaluation.mean)} plus or minus ${oneDecimal(evaluation.std)}.`}
      {solvedAt ? ` Solved at ${axisValue(axis, solvedAt[axis])}.` : " Not solved yet."}
      <Others overlays={overlays} />
    </>
  );
}
