import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/core/styles/ScrollArea.css";
import "@mantine/core/styles/InlineInput.css";
import "@mantine/core/styles/Switch.css";
import { Button, CloseButton, Modal, SegmentedControl, Switch } from "@mantine/core";
import { useMemo, useState } from "react";
import { pairProblem, type RunConfig, switchTo, withValues } from "../../runtime/plan/config.ts";
import { LineSwatch } from "../charts/LineSwatch.tsx";
import { stopsOf } from "../controls/stops.ts";
import { ValueInput } from "../controls/ValueInput.tsx";
import { useFocusBack } from "../parts/focusBack.ts";
import { plural } from "../parts/format.ts";
import { lineStyle } from "../parts/palette.ts";
import { useLibrary } from "../runs/library.ts";
import { useLive } from "../state/live.ts";
import { isUnderWay } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import { Add } from "./Add.tsx";
import { ChooseStudy } from "./ChooseStudy.tsx";
import { configsOf } from "./kept.ts";
import { MOST_RUNS } from "./outcome.ts";
import { Progress } from "./Progress.tsx";
import { planParams } from "./plan.ts";
import { Results } from "./Results.tsx";
import {
  canRunTogether,
  comparedIn,
  goOnWithStudy,
  MOST_CONFIGS,
  MOST_TOGETHER,
  plan,
  setPace,
  startStudy,
  stopStudy,
  useStudy,
} from "./store.ts";
import classes from "./studies.module.css";
import { labelsOf, twinIn } from "./study.ts";

const presets: readonly { name: string; of(config: RunConfig): RunConfig[] }[] = [
  { name: "A2C against A3C", of: (c) => [switchTo(c, { algo: "a2c" }), switchTo(c, { algo: "a3c" })] },
  { name: "1, 2, 4, 8 actors", of: (c) => [1, 2, 4, 8].map((actors) => withValues(c, { actors })) },
  {
    name: "Parameter server against Hogwild",
    of: (c) =>
      ["learner", "actors"].map((apply) => withValues(switchTo(c, { algo: "a3c" }), { apply, gradients: "auto" })),
  },
  { name: "Learning rates", of: (c) => [0.003, 0.01, 0.03].map((lr) => withValues(c, { lr })) },
];

/** What is compared. */
function Compared({ configs, busy }: { configs: readonly RunConfig[]; busy: boolean }) {
  const current = usePage((s) => s.config);
  const labels = useMemo(() => labelsOf(configs), [configs]);
  const put = (all: readonly RunConfig[]): string | null => {
    if (all.length > MOST_CONFIGS) return `${all.length} configurations are too many: at most ${MOST_CONFIGS}`;
    const [{ env }] = all;
    const other = all.find((config) => config.env !== env);
    if (other) return `One task at a time: returns of ${env} and ${other.env} are not on one scale`;
    const twin = twinIn(all);
    if (twin !== null) return `${twin} would be compared with itself: it is there already`;
    plan({ configs: all });
    return null;
  };
  return (
    <>
      <ul className={classes.configs} aria-label="Configurations">
        {configs.map((config, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two of a study that was kept may be alike
          <li key={i}>
            <LineSwatch style={lineStyle(i)} />
            <span>{labels[i]}</span>
            {configs.length > 1 && !busy && (
              <CloseButton
                size="xs"
                aria-label={`Remove ${labels[i]}`}
                onClick={() => plan({ configs: configs.filter((c) => c !== config) })}
              />
            )}
          </li>
        ))}
      </ul>
      <div className={classes.presets}>
        <Button size="compact-xs" variant="default" disabled={busy} onClick={() => plan({ configs: null })}>
          The controls alone
        </Button>
        {presets.map(({ name, of }) => (
          <Button
            key={name}
            size="compact-xs"
            variant="default"
            disabled={busy || of(current).some(({ algo, env }) => pairProblem(algo, env) !== null)}
            onClick={() => put(of(current))}
          >
            {name}
          </Button>
        ))}
      </div>
      {!busy && <Add configs={configs} onAdd={(more) => put([...configs, ...more])} onReplace={put} />}
    </>
  );
}

const stopsFor = ({ control }: (typeof planParams)["seeds"]) =>
  control.type === "slider" ? stopsOf(control, true) : undefined;
const stops = { seeds: stopsFor(planParams.seeds), limit: stopsFor(planParams.limit) };

/** How often, how long, in which order. */
function Plan({ configs, busy }: { configs: readonly RunConfig[]; busy: boolean }) {
  const planned = useStudy();
  const { seeds, whenSolved, order, pace, study, left, warming } = planned;
  const [problems, setProblems] = useState<Partial<Record<keyof typeof planParams, string | null>>>({});
  const underWay = useLive((s) => isUnderWay(s.phase));
  const count = configs.length * seeds;
  const canBeTogether = canRunTogether(configs);
  const together = order === "together" && canBeTogether;
  const wrong = Object.entries(problems).filter(([, problem]) => problem);
  const total = study?.total ?? 0;
  const done = study?.outcomes.length ?? 0;
  const status = warming
    ? "warming up: a short run of each configuration that is not counted, so that no timed run begins cold"
    : busy
      ? `${done} of ${total} done; closing this window lets them go on`
      : underWay
        ? "Reset the run of the page first: it would share the processor."
        : wrong.length > 0
          ? "Nothing runs until the numbers are legal."
          : done > 0
            ? `${left.length > 0 ? `${done} of ${plural(total, "run")}` : plural(done, "run")} done, kept under Runs`
            : "";
  return (
    <div className={classes.form}>
      {(["seeds", "limit"] as const).map((key) => (
        <ValueInput
          key={key}
          id={`study-${key}`}
          label={planParams[key].label}
          param={planParams[key]}
          value={planned[key]}
          stops={stops[key]}
          width={key === "seeds" ? 72 : 120}
          disabled={busy}
          onCommit={(value) => plan({ [key]: value })}
          onProblem={(problem) => setProblems((others) => ({ ...others, [key]: problem }))}
        />
      ))}
      <Switch
        size="xs"
        label="stop when solved"
        checked={whenSolved}
        disabled={busy}
        onChange={(e) => plan({ whenSolved: e.currentTarget.checked })}
      />
      <SegmentedControl
        aria-label="Order"
        size="xs"
        data={[
          { value: "one after the other", label: "one after the other" },
          { value: "together", label: "together", disabled: !canBeTogether },
        ]}
        title={canBeTogether ? undefined : `Together: two to ${MOST_TOGETHER} configurations`}
        value={together ? "together" : "one after the other"}
        disabled={busy}
        onChange={(next) => plan({ order: next as typeof order })}
        transitionDuration={0}
      />
      {together && (
        <SegmentedControl
          aria-label="Pace of the comparison"
          size="xs"
          data={[
            { value: "full", label: "full speed" },
            { value: "watchable", label: "watchable" },
          ]}
          value={pace}
          onChange={(next) => setPace(next as typeof pace)}
          transitionDuration={0}
        />
      )}
      {busy ? (
        <Button size="xs" variant="default" onClick={stopStudy}>
          Stop
        </Button>
      ) : (
        left.length > 0 && (
          <Button size="xs" onClick={() => void goOnWithStudy()} disabled={underWay}>
            Go on: {left.length} of {plural(total, "run")} left
          </Button>
        )
      )}
      {!busy && (
        <Button
          size="xs"
          variant={left.length > 0 ? "default" : "filled"}
          onClick={() => void startStudy()}
          disabled={underWay || count > MOST_RUNS || wrong.length > 0}
        >
          Run {plural(count, "run")}
        </Button>
      )}
      <span role="status" className={classes.muted}>
        {status}
      </span>
      {wrong.map(([key, problem]) => (
        <p key={key} id={`study-${key}-problem`} role="alert" className={classes.refused}>
          {problem}.
        </p>
      ))}
    </div>
  );
}

/** Several configurations, several seeds: which learns faster, in steps and in seconds, and how sure that is. */
export default function StudyPanel({ onClose }: { onClose(): void }) {
  useFocusBack();
  const current = usePage((s) => s.config);
  const { configs: chosen, study, busy, live, problem } = useStudy();
  const unkept = useLibrary((s) => s.problem);
  const configs = useMemo(() => comparedIn(chosen, current), [chosen, current]);
  return (
    // Without Modal.Header, which would be a second banner of the page.
    <Modal.Root opened onClose={onClose} size="min(1080px, 96vw)" transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body>
          <div className={classes.head}>
            <Modal.Title>Compare</Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </div>
          <p className={classes.muted}>
            {`Configurations side by side on ${configs[0].env}, each with several seeds: the interquartile mean of the runs with a 95 % bootstrap band.`}
          </p>
          <ChooseStudy busy={busy} />
          <Compared configs={configs} busy={busy} />
          <Plan configs={configs} busy={busy} />
          {(problem ?? unkept) !== null && (
            <p role="alert" className={classes.problem}>
              {problem ?? unkept}
            </p>
          )}
          {study && busy && <Progress live={live} labels={labelsOf(configsOf(study))} limit={study.limit} />}
          {study && <Results study={study} live={live} busy={busy} />}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
