/** An open lesson: what it is about, a prediction, its runs, and, once one has ended, what happens and why. */
import { Button, CloseButton } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { withValues } from "../../runtime/plan/config.ts";
import { decodeRun, encodeRun } from "../address/url.ts";
import { compact, NOTHING, oneDecimal, short } from "../parts/format.ts";
import { useLibrary } from "../runs/library.ts";
import { isShown, toggleShown } from "../runs/shown.ts";
import { useLive } from "../state/live.ts";
import { runner, startRun } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import classes from "./lessons.module.css";
import { type Lesson, type LessonRun, lessons } from "./lessons.ts";
import { latestRuns, type Outcome, outcomeOf, useProgress } from "./progress.ts";
import type { LessonId } from "./titles.ts";

const none: readonly Outcome[] = [];

/** The configuration of a run, with the seed of the controls. */
const configOf = ({ query }: LessonRun) =>
  withValues(decodeRun(query).config, { seed: usePage.getState().config.values.seed });

const start = (run: LessonRun): void => void startRun(configOf(run));

/** Notes how a run of this lesson ended, unless it ended before the prediction: that would be no test of it. */
function useOutcomes(id: LessonId, { runs }: Lesson): void {
  const phase = useLive((s) => s.phase);
  useEffect(() => {
    if (phase !== "stopped" || useProgress.getState().guesses[id] === undefined) return;
    const s = runner().snapshot();
    const query = encodeRun(s.config);
    const run = runs.find(
      (r) => encodeRun(withValues(decodeRun(r.query).config, { seed: s.config.values.seed })) === query,
    );
    const { current } = useLibrary.getState();
    if (run && current !== null) useProgress.getState().ended(id, outcomeOf(current.id, run.label, s));
  }, [phase, id, runs]);
}

function show(runs: readonly string[], shown: boolean): void {
  for (const run of runs) if (isShown(run) !== shown) toggleShown(run);
}

/** While the lesson is open, the curves of its runs stand behind that of the one under way. */
function useCurves(outcomes: readonly Outcome[]): void {
  useEffect(() => {
    const runs = latestRuns(outcomes);
    show(runs, true);
    return () => show(runs, false);
  }, [outcomes]);
}

function Prediction({ id, lesson, locked }: { id: LessonId; lesson: Lesson; locked: boolean }) {
  const guess = useProgress((s) => s.guesses[id]);
  const choose = useProgress((s) => s.guess);
  return (
    <fieldset className={classes.prediction}>
      <legend>{lesson.question}</legend>
      {lesson.options.map((option, i) => (
        <label key={option} className={classes.option}>
          <input
            type="radio"
            name={`prediction-${id}`}
            checked={guess === i}
            disabled={locked && guess !== i}
            onChange={() => choose(id, i)}
          />
          {option}
        </label>
      ))}
    </fieldset>
  );
}

function Outcomes({ outcomes }: { outcomes: readonly Outcome[] }) {
  if (outcomes.length === 0) return null;
  return (
    <div className={classes.scrolling}>
      <table className={classes.outcomes}>
        <caption>Your runs</caption>
        <thead>
          <tr>
            <th scope="col">run</th>
            <th scope="col">seed</th>
            <th scope="col">env-steps</th>
            <th scope="col">updates</th>
            <th scope="col">seconds</th>
            <th scope="col">return</th>
            <th scope="col">staleness</th>
            <th scope="col">parameters</th>
          </tr>
        </thead>
        <tbody>
          {outcomes.map((o) => (
            <tr key={o.run}>
              <th scope="row">{o.label}</th>
              <td>{o.seed}</td>
              <td>
                {compact(o.envSteps)} {o.solved ? "solved" : "unsolved"}
              </td>
              <td>{compact(o.updates)}</td>
              <td>{o.seconds.toFixed(2)}</td>
              <td>{o.meanReturn100 === null ? NOTHING : oneDecimal(o.meanReturn100)}</td>
              <td>{short(o.staleness)}</td>
              <td>{o.parametersHash}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export default function LessonPanel({ id }: { id: LessonId }) {
  const lesson = lessons[id];
  const close = usePage((s) => s.setLesson);
  const starting = useLive((s) => s.phase === "starting");
  const guess = useProgress((s) => s.guesses[id]);
  const outcomes = useProgress((s) => s.outcomes[id]) ?? none;
  const forget = useProgress((s) => s.forget);
  useOutcomes(id, lesson);
  useCurves(outcomes);
  const predicted = guess !== undefined;
  const told = predicted && outcomes.length > 0;
  const [folded, setFolded] = useState(told);
  const why = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (told) why.current?.scrollIntoView({ block: "nearest" });
  }, [told]);
  return (
    <section className={classes.lesson} aria-labelledby="lesson-title">
      <div className={classes.head}>
        <h2 id="lesson-title" className="panel-title">
          Lesson: {lesson.title}
        </h2>
        <div className={classes.tools}>
          {told && (
            <Button
              size="compact-xs"
              variant="subtle"
              c="var(--accent-text)"
              onClick={() => {
                forget(id);
                setFolded(false);
              }}
            >
              Begin anew
            </Button>
          )}
          <Button
            size="compact-xs"
            variant="subtle"
            c="var(--accent-text)"
            aria-expanded={!folded}
            aria-controls="lesson-text"
            onClick={() => setFolded(!folded)}
          >
            {folded ? "Unfold" : "Fold"}
          </Button>
          <CloseButton size="sm" aria-label="Close the lesson" onClick={() => close(null)} />
        </div>
      </div>
      <div className={classes.body}>
        <div id="lesson-text" className={classes.columns} hidden={folded}>
          <div className={classes.about}>
            <p>{lesson.text}</p>
            <p className={classes.look}>
              <strong>Look at</strong> {lesson.look}
            </p>
          </div>
          <Prediction id={id} lesson={lesson} locked={told} />
        </div>
        <div className={classes.runs}>
          {lesson.runs.map((run, i) => (
            <Button
              key={run.label}
              size="compact-sm"
              variant="default"
              disabled={!predicted || starting}
              onClick={() => {
                setFolded(true); // room for the curve
                start(run);
              }}
            >
              Run {String.fromCharCode(65 + i)}: {run.label}
            </Button>
          ))}
          <p className={classes.hint}>
            {!predicted
              ? "Predict first, then run."
              : told
                ? ""
                : "Each run begins with the seed of the controls. What happens, and why, appears when one has ended."}
          </p>
        </div>
        <div role="status">
          {told && (
            <p ref={why} className={classes.why}>
              <strong>
                {guess === lesson.answer ? "As you predicted." : `Not so: ${lesson.options[lesson.answer]}.`}
              </strong>{" "}
              {lesson.why}
            </p>
          )}
        </div>
        <Outcomes outcomes={outcomes} />
      </div>
    </section>
  );
}
