import { useMemo } from "react";
import type { AlgorithmId } from "../../algorithms/index.ts";
import type { UpdatePoint } from "../../runtime/seen/view.ts";
import { useDrawnRun } from "../state/overlays.ts";
import classes from "./charts.module.css";
import { useInTurn } from "./inTurn.ts";
import { SmallChart } from "./SmallChart.tsx";
import { type Axis, thinUpdates } from "./series.ts";
import { chartsOfAlgorithm, type StatChart } from "./statCharts.ts";

/** Points a small chart shows: one in two or three pixels. */
const POINTS = 90;

function UpdateChart({
  chart,
  points: latest,
  axis,
}: {
  chart: StatChart;
  points: readonly UpdatePoint[];
  axis: Axis;
}) {
  const points = useInTurn(latest);
  const thin = useMemo(
    () =>
      thinUpdates(
        points,
        POINTS,
        chart.curves.map(({ key }) => key),
      ),
    [points, chart],
  );
  const { style } = useDrawnRun();
  return <SmallChart chart={chart} points={thin} axis={axis} style={style} />;
}

interface Props {
  /** Of the run whose updates they are, or of the one that is to begin. */
  algo: AlgorithmId;
  points: readonly UpdatePoint[];
  axis: Axis;
}

/** The statistics of the updates, a small chart for every group of them. */
export function UpdateCharts({ algo, points, axis }: Props) {
  return (
    <div className={classes.grid}>
      {chartsOfAlgorithm(algo).map((chart) => (
        <UpdateChart key={chart.group.title} chart={chart} points={points} axis={axis} />
      ))}
    </div>
  );
}
