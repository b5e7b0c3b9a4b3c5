/** The part of the page that needs Recharts, loaded by itself. */
import { Button, SegmentedControl } from "@mantine/core";
import { useEffect, useState } from "react";
import type { AlgorithmId } from "../../algorithms/index.ts";
import type { UpdatePoint } from "../../runtime/seen/view.ts";
import { Boundary } from "../faults/Boundary.tsx";
import { part } from "../faults/part.tsx";
import { useScores } from "../hands/scores.ts";
import { useDrawn, useDrawnConfig, useDrawnEnvironment, useDrawnSystem } from "../runs/opened.ts";
import { useLive } from "../state/live.ts";
import { useLines } from "../state/overlays.ts";
import type { panes } from "../state/preferences.ts";
import { usePage } from "../state/store.ts";
import { recallStudy, useStudy } from "../studies/store.ts";
import classes from "./charts.module.css";
import { Divider } from "./Divider.tsx";
import { ReturnChart } from "./ReturnChart.tsx";
import type { Axis } from "./series.ts";
import { UpdateCharts } from "./UpdateCharts.tsx";

const SystemsPanel = part(() => import("../systems/SystemsPanel.tsx"));
const InsidesPanel = part(() => import("../insides/InsidesPanel.tsx"));
const RunsPanel = part(() => import("../runs/RunsPanel.tsx"));
const StudyPanel = part(() => import("../studies/StudyPanel.tsx"));

const paneOptions: { value: (typeof panes)[number]; label: string }[] = [
  { value: "learning", label: "Learning" },
  { value: "systems", label: "Systems" },
  { value: "insides", label: "Insides" },
  { value: "runs", label: "Runs" },
];

const paneNames: Record<(typeof panes)[number], string> = {
  learning: "the curves of the updates",
  systems: "the view of the system",
  insides: "the view of the network",
  runs: "the list of runs",
};

/** What stands below the reward curve, one at a time. */
function Panes({ algo, updateSeries, axis }: { algo: AlgorithmId; updateSeries: readonly UpdatePoint[]; axis: Axis }) {
  const { pane, split } = usePage((s) => s.preferences);
  const prefer = usePage((s) => s.prefer);
  const [comparing, setComparing] = useState(false);
  const comparison = useStudy(({ busy, study, left }) =>
    busy
      ? `Comparing: ${study?.outcomes.length} of ${study?.total}`
      : left.length > 0
        ? `Compare runs: ${left.length} of ${study?.total} left`
        : "Compare runs",
  );
  useEffect(() => void recallStudy(), []);
  return (
    <>
      <Divider share={split} onChange={(next) => prefer({ split: next })} />
      <div className={classes.panes}>
        <SegmentedControl
          aria-label="Below the reward curve"
          size="xs"
          data={paneOptions}
          value={pane}
          onChange={(next) => prefer({ pane: next as (typeof panes)[number] })}
          transitionDuration={0}
        />
        <Button ml="auto" size="compact-xs" variant="default" onClick={() => setComparing(true)}>
          {comparison}
        </Button>
      </div>
      <Boundary of="the comparison of runs" place="over" onClose={() => setComparing(false)}>
        {comparing && <StudyPanel onClose={() => setComparing(false)} />}
      </Boundary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div className={classes.below} style={{ flexGrow: 1 - split }} tabIndex={0}>
        <Boundary key={pane} of={paneNames[pane]}>
          {pane === "learning" ? (
            <UpdateCharts algo={algo} points={updateSeries} axis={axis} />
          ) : pane === "systems" ? (
            <SystemsPanel />
          ) : pane === "insides" ? (
            <InsidesPanel />
          ) : (
            <RunsPanel />
          )}
        </Boundary>
      </div>
    </>
  );
}

export default function Plots() {
  const returns = useDrawn("returns");
  const evaluations = useDrawn("evaluations");
  const edits = useDrawn("edits");
  const solvedAt = useDrawn("solvedAt");
  const updateSeries = useDrawn("updateSeries");
  const began = useDrawnConfig();
  const { overlays, style, name } = useLines();
  const phase = useLive((s) => s.phase);
  const { algo } = useDrawnSystem();
  const environment = useDrawnEnvironment();
  const { axis, smoothing, split } = usePage((s) => s.preferences);
  const embedded = usePage((s) => s.embed !== null);
  const human = useScores((s) => s.of[environment.id] ?? null);
  const isEmpty = returns.length === 0 && evaluations.length === 0 && overlays.length === 0;
  return (
    <>
      <div className={classes.returnPlot} style={{ flexGrow: embedded ? 1 : split }}>
        <Boundary of="the reward curve">
          <ReturnChart
            returns={returns}
            evaluations={evaluations}
            edits={edits}
            config={began}
            overlays={overlays}
            style={style}
            name={name}
            solvedAt={solvedAt}
            environment={environment}
            axis={axis}
            smoothing={smoothing}
            human={human}
          />
        </Boundary>
        {isEmpty && (
          <p className={classes.empty}>
            {phase === "running" || phase === "starting"
              ? "The first point appears when the first episodes have ended."
              : `Here the return of every episode appears while the actors learn: the higher, ${environment.returns.higher}.`}
          </p>
        )}
      </div>
      {!embedded && <Panes algo={algo} updateSeries={updateSeries} axis={axis} />}
    </>
  );
}
