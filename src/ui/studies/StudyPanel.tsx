import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/core/styles/ScrollArea.css";
import "@mantine/core/styles/InlineInput.css";
import "@mantine/core/styles/Switch.css";
import {
  Button,
  CloseButton,
  Modal,
  NativeSelect,
  NumberInput,
  SegmentedControl,
  Switch,
  TextInput,
} from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { algorithms } from "../../algorithms/index.ts";
import { envs } from "../../envs/index.ts";
import { paramsOf, type RunConfig, switchTo, withValues } from "../../runtime/config.ts";
import { createRunner } from "../../runtime/run.ts";
import type { Runner } from "../../runtime/view.ts";
import { compact, oneDecimal, plural } from "../format.ts";
import { useLive } from "../live.ts";
import { actorColour } from "../palette.ts";
import { isUnderWay } from "../session.ts";
import { usePage } from "../store.ts";
import type { StudyAxis } from "./curves.ts";
import { lastStudy } from "./last.ts";
import { StudyChart } from "./StudyChart.tsx";
import classes from "./studies.module.css";
import {
  csvOf,
  entriesOf,
  gridOf,
  labelsOf,
  MOST_RUNS,
  type Outcome,
  runStudy,
  runTogether,
  summaries,
} from "./study.ts";

/** Configurations that can stand beside each other. */
const MOST = 6;

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

function save(text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = "cartpool-study.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A second hyperparameter's values, or another algorithm: adds configurations to the list. */
function Add({ base, onAdd }: { base: RunConfig; onAdd(configs: RunConfig[]): string | null }) {
  const [key, setKey] = useState("lr");
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const params = paramsOf(base.algo, base.env);
  const options = [
    { value: "algo", label: "Algorithm" },
    ...Object.entries(params)
      .filter(([name]) => !["seed", "pace", "until"].includes(name))
      .map(([value, { label }]) => ({ value, label })),
  ];
  const add = () => {
    try {
      const texts = text.split(key === "hidden" ? ";" : ",").map((part) => part.trim());
      if (key === "algo") {
        const unknown = texts.find((id) => !Object.hasOwn(algorithms, id));
        if (unknown !== undefined)
          throw new Error(`algo must be one of ${Object.keys(algorithms).join(", ")}, not "${unknown}"`);
        setProblem(onAdd(texts.map((id) => switchTo(base, { algo: id as "a2c" }))));
      } else {
        const values = texts.map((part) => {
          const parsed = params[key].parse(part);
          if (!parsed.ok) throw new Error(`${key} ${parsed.problem}`);
          return parsed.value;
        });
        setProblem(onAdd(gridOf(base, [{ key, values }])));
      }
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <div className={classes.add}>
      <NativeSelect size="xs" label="Vary" data={options} value={key} onChange={(e) => setKey(e.currentTarget.value)} />
      <TextInput
        size="xs"
        label={key === "hidden" ? "values, with semicolons" : "values, with commas"}
        placeholder={key === "algo" ? "a2c, a3c" : "0.003, 0.03"}
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
        onKeyDown={(e) => e.key === "Enter" && add()}
        error={problem}
      />
      <Button size="xs" variant="default" onClick={add} disabled={text.trim() === ""}>
        Add
      </Button>
    </div>
  );
}

/** Several configurations, several seeds: which learns faster, in steps and in seconds, and how sure that is. */
export default function StudyPanel({ onClose }: { onClose(): void }) {
  const current = usePage((s) => s.config);
  const underWay = useLive((s) => isUnderWay(s.phase));
  const [configs, setConfigs] = useState<readonly RunConfig[]>([current]);
  const [seeds, setSeeds] = useState(5);
  const [limit, setLimit] = useState(200_000);
  const [whenSolved, setWhenSolved] = useState(false);
  const [mode, setMode] = useState<"one after the other" | "together">("one after the other");
  const [axis, setAxis] = useState<StudyAxis>("envSteps");
  const [single, setSingle] = useState(false);
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  /** What the outcomes are of; the list may be changed meanwhile. */
  const [studied, setStudied] = useState<{ labels: readonly string[]; env: RunConfig["env"]; together: boolean }>();
  const [problem, setProblem] = useState<string | null>(null);
  const [total, setTotal] = useState(0);
  const off = useRef<AbortController | null>(null);
  const runners = useRef<Runner[]>([]);
  const labels = useMemo(() => labelsOf(configs), [configs]);
  const busy = off.current !== null;
  const [, redraw] = useState(0);

  useEffect(
    () => () => {
      off.current?.abort();
      for (const runner of runners.current) runner.close();
    },
    [],
  );

  const addAll = (more: readonly RunConfig[]): string | null => {
    const all = [...configs, ...more];
    if (all.length > MOST) return `At most ${MOST} configurations can be compared`;
    setConfigs(all);
    return null;
  };

  const start = async () => {
    const together = mode === "together" && configs.length > 1;
    setProblem(null);
    try {
      const entries = entriesOf(configs, seeds, limit, whenSolved);
      const controller = new AbortController();
      off.current = controller;
      setOutcomes([]);
      setStudied({ labels, env: configs[0].env, together });
      setTotal(entries.length);
      if (together) setAxis("envSteps");
      const wanted = together ? configs.length : 1;
      while (runners.current.length < wanted) runners.current.push(createRunner());
      const all: Outcome[] = [];
      const onOutcome = (outcome: Outcome) => {
        all.push(outcome);
        setOutcomes([...all]);
      };
      if (together) await runTogether(runners.current.slice(0, wanted), entries, controller.signal, onOutcome);
      else await runStudy(runners.current[0], entries, controller.signal, onOutcome);
      lastStudy.outcomes = all;
      lastStudy.summaries = summaries(all, labels);
      const failed = all.find((outcome) => outcome.problem !== null);
      if (failed) setProblem(`Seed ${failed.seed} of ${labels[failed.group]} failed: ${failed.problem}`);
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      off.current = null;
      redraw((n) => n + 1);
    }
  };

  const table = studied ? summaries(outcomes, studied.labels) : [];
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
            Configurations side by side, each with several seeds: the interquartile mean of the runs with a 95 %
            bootstrap band.
          </p>
          <ul className={classes.configs} aria-label="Configurations">
            {configs.map((config, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two may be alike
              <li key={i}>
                <i style={{ background: actorColour(i) }} />
                {labels[i]}
                {configs.length > 1 && !busy && (
                  <CloseButton
                    size="xs"
                    aria-label={`Remove ${labels[i]}`}
                    onClick={() => setConfigs(configs.filter((c) => c !== config))}
                  />
                )}
              </li>
            ))}
          </ul>
          <div className={classes.presets}>
            {presets.map(({ name, of }) => (
              <Button
                key={name}
                size="compact-xs"
                variant="default"
                disabled={busy}
                onClick={() => setConfigs(of(current))}
              >
                {name}
              </Button>
            ))}
          </div>
          <Add base={configs[0]} onAdd={addAll} />
          <div className={classes.form}>
            <NumberInput
              size="xs"
              w={72}
              label="Seeds"
              min={1}
              max={20}
              value={seeds}
              onChange={(v) => typeof v === "number" && setSeeds(v)}
            />
            <NumberInput
              size="xs"
              w={120}
              label="Env-steps each"
              min={1000}
              max={100_000_000}
              step={50_000}
              thousandSeparator=" "
              value={limit}
              onChange={(v) => typeof v === "number" && setLimit(v)}
            />
            <Switch
              size="xs"
              label="stop when solved"
              checked={whenSolved}
              onChange={(e) => setWhenSolved(e.currentTarget.checked)}
            />
            <SegmentedControl
              aria-label="Order"
              size="xs"
              data={["one after the other", "together"]}
              value={mode}
              onChange={(next) => setMode(next as typeof mode)}
              transitionDuration={0}
            />
            {busy ? (
              <Button size="xs" variant="default" onClick={() => off.current?.abort()}>
                Stop
              </Button>
            ) : (
              <Button size="xs" onClick={() => void start()} disabled={underWay || configs.length * seeds > MOST_RUNS}>
                Run {plural(configs.length * seeds, "run")}
              </Button>
            )}
            <span role="status" className={classes.muted}>
              {underWay
                ? "Reset the run of the page first: it would share the processor."
                : busy
                  ? `${outcomes.length} of ${total} done`
                  : outcomes.length > 0
                    ? `${plural(outcomes.length, "run")} done`
                    : ""}
            </span>
          </div>
          {problem !== null && (
            <p role="alert" className={classes.problem}>
              {problem}
            </p>
          )}
          {studied && outcomes.length > 0 && (
            <>
              <div className={classes.form}>
                <SegmentedControl
                  aria-label="Horizontal axis of the comparison"
                  size="xs"
                  data={[
                    { value: "envSteps", label: "Env-steps" },
                    { value: "seconds", label: "Wall time", disabled: studied.together },
                  ]}
                  value={axis}
                  onChange={(next) => setAxis(next as StudyAxis)}
                  transitionDuration={0}
                />
                <Switch
                  size="xs"
                  label="every seed"
                  checked={single}
                  onChange={(e) => setSingle(e.currentTarget.checked)}
                />
                {studied.together && (
                  <span className={classes.muted}>Run together, they shared the cores: wall time says nothing.</span>
                )}
                <Button
                  size="compact-xs"
                  variant="default"
                  ml="auto"
                  onClick={() => save(csvOf(outcomes, studied.labels))}
                >
                  CSV
                </Button>
              </div>
              <StudyChart
                outcomes={outcomes}
                labels={studied.labels}
                axis={axis}
                single={single}
                threshold={envs[studied.env].solvedAt}
              />
              <div className={classes.scroll}>
                <table className={classes.table} aria-label="Results">
                  <thead>
                    <tr>
                      <th scope="col">configuration</th>
                      <th scope="col">runs</th>
                      <th scope="col">solved</th>
                      <th scope="col">median env-steps to solve</th>
                      <th scope="col">median seconds to solve</th>
                      <th scope="col">final return, IQM [95 %]</th>
                    </tr>
                  </thead>
                  <tbody>
                    {table.map((row, i) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: two may have the same label
                      <tr key={i}>
                        <th scope="row">
                          <i style={{ background: actorColour(i) }} />
                          {row.label}
                        </th>
                        <td>{row.runs}</td>
                        <td>{row.runs > 0 ? `${Math.round((100 * row.solved) / row.runs)} %` : ""}</td>
                        <td>{row.stepsToSolve === null ? "–" : compact(row.stepsToSolve)}</td>
                        <td>{row.secondsToSolve === null || studied.together ? "–" : row.secondsToSolve.toFixed(2)}</td>
                        <td>
                          {oneDecimal(row.final.iqm)} [{oneDecimal(row.final.low)}, {oneDecimal(row.final.high)}]
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </>
          )}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
