import { useMemo } from "react";
import type { UpdatePoint } from "../../runtime/seen/view.ts";
import { useDrawnRun } from "../state/overlays.ts";
import classes from "./charts.module.css";
import { useInTurn } from "./inTurn.ts";
import { type Curve, SmallChart } from "./SmallChart.tsx";
import { type Axis, thinUpdates } from "./series.ts";

interface Declared {
  title: string;
  unit: string;
  curves: readonly Curve[];
  include?: readonly number[];
}

const charts: readonly Declared[] = [
  {
    title: "Loss",
    unit: "dimensionless",
    curves: [
      { key: "policyLoss", name: "policy" },
      { key: "valueLoss", name: "value" },
    ],
    include: [0],
  },
  { title: "Entropy", unit: "nats", curves: [{ key: "entropy", name: "entropy" }], include: [0] },
  {
    title: "Gradient norm",
    unit: "dimensionless, before clipping",
    curves: [{ key: "gradientNorm", name: "norm" }],
    include: [0],
  },
  {
    title: "Staleness",
    unit: "updates",
    curves: [
      { key: "staleness", name: "mean" },
      { key: "maxStaleness", name: "max" },
    ],
    include: [0, 1],
  },
  {
    title: "Explained variance",
    unit: "fraction",
    curves: [{ key: "explainedVariance", name: "explained" }],
    include: [0, 1],
  },
  { title: "Learning rate", unit: "α, dimensionless", curves: [{ key: "lr", name: "α" }], include: [0] },
];

/** Points a small chart shows: one in two or three pixels. */
const POINTS = 90;

function UpdateChart({ points: latest, axis, ...of }: Declared & { points: readonly UpdatePoint[]; axis: Axis }) {
  const { curves } = of;
  const points = useInTurn(latest);
  const thin = useMemo(
    () =>
      thinUpdates(
        points,
        POINTS,
        curves.map(({ key }) => key),
      ),
    [points, curves],
  );
  const { style } = useDrawnRun();
  return <SmallChart {...of} points={thin} axis={axis} style={style} />;
}

export function UpdateCharts({ points, axis }: { points: readonly UpdatePoint[]; axis: Axis }) {
  return (
    <div className={classes.grid}>
      {charts.map((chart) => (
        <UpdateChart key={chart.title} {...chart} points={points} axis={axis} />
      ))}
    </div>
  );
}
