import { useMemo } from "react";
import type { UpdatePoint } from "../../runtime/view.ts";
import { okabeIto } from "../palette.ts";
import classes from "./charts.module.css";
import { type Curve, SmallChart } from "./SmallChart.tsx";
import { type Axis, thinUpdates } from "./series.ts";

interface Declared {
  title: string;
  unit: string;
  curves: readonly Curve[];
  include?: readonly number[];
}

const { blue, vermillion, green, purple } = okabeIto;

const charts: readonly Declared[] = [
  {
    title: "Loss",
    unit: "",
    curves: [
      { key: "policyLoss", name: "policy", colour: blue },
      { key: "valueLoss", name: "value", colour: vermillion, dashed: true },
    ],
    include: [0],
  },
  { title: "Entropy", unit: "nats", curves: [{ key: "entropy", name: "entropy", colour: green }], include: [0] },
  {
    title: "Gradient norm",
    unit: "before clipping",
    curves: [{ key: "gradientNorm", name: "norm", colour: purple }],
    include: [0],
  },
  {
    title: "Staleness",
    unit: "updates",
    curves: [
      { key: "staleness", name: "mean", colour: blue },
      { key: "maxStaleness", name: "max", colour: vermillion, dashed: true },
    ],
    include: [0, 1],
  },
  {
    title: "Explained variance",
    unit: "of returns",
    curves: [{ key: "explainedVariance", name: "explained", colour: green }],
    include: [0, 1],
  },
  { title: "Learning rate", unit: "α", curves: [{ key: "lr", name: "α", colour: purple }], include: [0] },
];

/** Points a small chart shows: one in two or three pixels. */
const POINTS = 110;

export function UpdateCharts({ points, axis }: { points: readonly UpdatePoint[]; axis: Axis }) {
  const thin = useMemo(() => thinUpdates(points, POINTS), [points]);
  return (
    <div className={classes.grid}>
      {charts.map((chart) => (
        <SmallChart key={chart.title} {...chart} points={thin} axis={axis} />
      ))}
    </div>
  );
}
