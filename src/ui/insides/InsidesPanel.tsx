import { NativeSelect, SegmentedControl, Slider } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Environment, Quantity } from "../../envs/environment.ts";
import { envs } from "../../envs/index.ts";
import type { NetworkSpec } from "../../nn/spec.ts";
import { short } from "../format.ts";
import { everyFrame } from "../frame.ts";
import { policy, useDrawn, useDrawnConfig, useOpenedRun } from "../runs/opened.ts";
import { runner } from "../session.ts";
import classes from "./insides.module.css";
import { colourOf, divergence, gridSize, histogram, outputsOver, plane, policyAt, type Whole } from "./look.ts";

/** Milliseconds between two looks. */
const LOOK_MS = 300;
/** Seconds of the watched pole's way that are drawn. */
const TRAIL_MS = 1500;
const SIZE = 240; // CSS pixels
const BINS = 21;

const names: Record<Whole, string> = {
  policy: "probability of the last action",
  value: "value",
  entropy: "entropy",
};

interface Seen {
  readonly version: number;
  readonly spec: NetworkSpec;
  readonly parameters: Float32Array;
  /** Mean over all copies of KL(π of the look before ‖ π now), and the versions between the two. */
  readonly moved: { readonly kl: number; readonly versions: number } | null;
  /** Action probabilities of the watched pole. */
  readonly watched: readonly number[];
  readonly observation: Float32Array;
}

/** Observations of every environment copy as it is now; of one at rest where no actor is at work. */
function observations(environment: Environment): Float32Array {
  const copies = runner()
    .snapshot()
    .actors.flatMap(({ states }) => [...states]);
  const k = environment.observations.length;
  if (copies.length === 0) return new Float32Array(k);
  const all = new Float32Array(copies.length * k);
  copies.forEach((state, i) => {
    environment.observe(state, all.subarray(i * k, (i + 1) * k));
  });
  return all;
}

/** The parameters as they are now and then, while the panel is open. */
function useParameters(environment: Environment): Seen | null {
  const [seen, setSeen] = useState<Seen | null>(null);
  useEffect(() => {
    let before: Seen | null = null;
    return everyFrame(() => {
      const { network: spec } = policy();
      if (!spec) {
        before = null;
        setSeen(null);
        return;
      }
      const parameters = new Float32Array(spec.size);
      const version = policy().parameters(parameters);
      const all = observations(environment);
      if (version < 0 || all.length === 0 || all.length % spec.inputs !== 0) return;
      const now = policyAt(spec, parameters, all);
      let moved: Seen["moved"] = before?.moved ?? null;
      if (before && before.spec === spec && version !== before.version) {
        const then = policyAt(spec, before.parameters, all);
        const kl = then.reduce((sum, p, i) => sum + divergence(p, now[i]), 0) / now.length;
        moved = { kl, versions: version - before.version };
      }
      before = { version, spec, parameters, moved, watched: now[0], observation: all.slice(0, spec.inputs) };
      setSeen(before);
    }, LOOK_MS);
  }, [environment]);
  return seen;
}

const label = ({ symbol, unit }: Quantity) => `${symbol} (${unit})`;
const figure = (x: number) => short(x).replace("-", "−");

interface MapProps {
  readonly seen: Seen;
  readonly environment: Environment;
  readonly x: number;
  readonly y: number;
  readonly fixed: readonly number[];
  readonly what: Whole;
}

/** A plane of observations, coloured by what the network makes of them; the watched pole is a point on it. */
function HeatMap({ seen, environment, x, y, fixed, what }: MapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const trail = useRef<{ at: number; x: number; y: number }[]>([]);
  const { observations: quantities, actions } = environment;
  const n = gridSize(seen.spec);
  const values = useMemo(
    () => outputsOver(seen.spec, seen.parameters, plane(quantities, x, y, fixed, n), what),
    [seen, quantities, x, y, fixed, n, what],
  );
  const top = what === "entropy" ? Math.log(actions.names.length) : Math.max(...values);
  const bottom = what === "value" ? Math.min(...values) : 0;
  const high = what === "policy" ? 1 : top;
  const span = Math.max(1e-9, high - bottom);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another plane has another way
  useEffect(() => {
    trail.current = [];
  }, [x, y, environment]);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = new ImageData(n, n);
    values.forEach((value, i) => {
      image.data.set([...colourOf(what, (value - bottom) / span), 255], 4 * i);
    });
    const small = new OffscreenCanvas(n, n);
    small.getContext("2d")?.putImageData(image, 0, 0);
    const side = context.canvas.width;
    context.imageSmoothingEnabled = true;
    context.drawImage(small, 0, 0, side, side);
    const place = (quantity: Quantity, value: number) =>
      (value - quantity.shown[0]) / (quantity.shown[1] - quantity.shown[0]);
    const now = performance.now();
    const point = {
      at: now,
      x: place(quantities[x], seen.observation[x]) * side,
      y: (1 - place(quantities[y], seen.observation[y])) * side,
    };
    trail.current = [...trail.current.filter(({ at }) => now - at < TRAIL_MS), point];
    context.lineWidth = 2;
    context.strokeStyle = "#ffffff";
    context.beginPath();
    for (const step of trail.current) context.lineTo(step.x, step.y);
    context.stroke();
    context.fillStyle = "#111111";
    context.beginPath();
    context.arc(point.x, point.y, 6, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }, [values, seen, n, what, bottom, span, quantities, x, y]);
  const least = Math.min(...values);
  const most = Math.max(...values);
  const title = what === "policy" ? `probability of "${actions.names.at(-1)}"` : names[what];
  const ramp = [0, 0.25, 0.5, 0.75, 1].map((share) => `rgb(${colourOf(what, share).join(" ")})`).join(", ");
  return (
    <figure className={classes.map}>
      <div className={classes.plot}>
        <span className={classes.yAxis}>{label(quantities[y])}</span>
        <canvas
          ref={canvas}
          width={2 * SIZE}
          height={2 * SIZE}
          role="img"
          aria-label={`${title} over ${quantities[x].name} and ${quantities[y].name}: from ${figure(least)} to ${figure(most)}`}
        />
        <span className={classes.ends}>
          <span>{figure(quantities[x].shown[0])}</span>
          <span>{label(quantities[x])}</span>
          <span>{figure(quantities[x].shown[1])}</span>
        </span>
      </div>
      <figcaption className={classes.bar}>
        <span>{figure(bottom)}</span>
        <i style={{ background: `linear-gradient(90deg, ${ramp})` }} />
        <span>{figure(high)}</span>
        <span className={classes.muted}>{title}</span>
      </figcaption>
    </figure>
  );
}

/** How the weights of every layer are spread. */
function Weights({ spec, parameters }: { spec: NetworkSpec; parameters: Float32Array }) {
  return (
    <ul className={classes.weights} aria-label="Weights of the layers">
      {spec.layers.map(({ name, weight, bias }) => {
        let square = 0;
        let limit = 1e-6;
        for (let i = weight; i < bias; i++) {
          square += parameters[i] * parameters[i];
          limit = Math.max(limit, Math.abs(parameters[i]));
        }
        const counts = histogram(parameters, weight, bias, limit, BINS);
        const most = Math.max(...counts);
        const spread = Math.sqrt(square / (bias - weight));
        return (
          <li key={name}>
            <span>{name}</span>
            <svg
              viewBox={`0 0 ${BINS * 4} 24`}
              role="img"
              aria-label={`${bias - weight} weights from −${short(limit)} to ${short(limit)}`}
            >
              {counts.map((count, i) => (
                <rect
                  // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its index
                  key={i}
                  x={i * 4}
                  width={3}
                  y={24 - (24 * count) / most}
                  height={(24 * count) / most}
                />
              ))}
            </svg>
            <span className={classes.muted}>
              ± {short(limit)}, rms {short(spread)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** What the network has learnt: its policy and value over the states, and what its updates look like. */
export default function InsidesPanel() {
  const environment = envs[useDrawnConfig().env] as Environment;
  const opened = useOpenedRun() !== null;
  const seen = useParameters(environment);
  const last = useDrawn("updateSeries").at(-1);
  const quantities = environment.observations;
  const [what, setWhat] = useState<Whole>("policy");
  const [axes, setAxes] = useState<readonly [number, number]>([
    Math.max(0, quantities.length - 2),
    quantities.length - 1,
  ]);
  const [fixed, setFixed] = useState<readonly number[]>(quantities.map(() => 0));
  if (!seen) return <p className={classes.note}>Press Train: here you see what the network makes of every state.</p>;
  const [x, y] = axes;
  const others = quantities.map((_, i) => i).filter((i) => i !== x && i !== y);
  const options = (not: number) =>
    quantities.map(({ name }, i) => ({ value: String(i), label: name, disabled: i === not }));
  const rows: [string, string, string][] = [
    ["Entropy", short(last?.entropy), "nats"],
    ["Explained variance", short(last?.explainedVariance), "of returns"],
    ["Gradient norm", short(last?.gradientNorm), "before clipping"],
    [
      "KL of the policy",
      seen.moved ? short(seen.moved.kl) : "–",
      seen.moved ? `nats, over ${seen.moved.versions} updates` : "nats",
    ],
    [
      "KL an update",
      seen.moved ? short(seen.moved.kl / Math.max(1, seen.moved.versions)) : "–",
      "nats, mean over all copies' states",
    ],
  ];
  return (
    <section className={classes.insides} aria-label="Insides">
      <HeatMap seen={seen} environment={environment} x={x} y={y} fixed={fixed} what={what} />
      <div className={classes.side}>
        <SegmentedControl
          aria-label="What the map shows"
          size="xs"
          value={what}
          onChange={(next) => setWhat(next as Whole)}
          transitionDuration={0}
          data={[
            { value: "policy", label: "Policy" },
            { value: "value", label: "Value" },
            { value: "entropy", label: "Entropy" },
          ]}
        />
        <div className={classes.axes}>
          <NativeSelect
            size="xs"
            label="across"
            data={options(y)}
            value={String(x)}
            onChange={(e) => setAxes([Number(e.currentTarget.value), y])}
          />
          <NativeSelect
            size="xs"
            label="upward"
            data={options(x)}
            value={String(y)}
            onChange={(e) => setAxes([x, Number(e.currentTarget.value)])}
          />
        </div>
        {others.map((i) => {
          const { name, unit, shown } = quantities[i];
          return (
            <div key={name} className={classes.slider}>
              <span>
                {name} <b>{figure(fixed[i])}</b> {unit}
              </span>
              <Slider
                size={3}
                thumbSize={14}
                min={shown[0]}
                max={shown[1]}
                step={(shown[1] - shown[0]) / 40}
                value={fixed[i]}
                onChange={(value) => setFixed(fixed.map((old, at) => (at === i ? value : old)))}
                label={null}
                thumbLabel={name}
                thumbValueText={`${figure(fixed[i])} ${unit}`}
              />
            </div>
          );
        })}
        <dl
          className={classes.actions}
          aria-label={`Action probabilities of ${opened ? "a pole at rest" : "the first pole of actor 1"}`}
        >
          {environment.actions.names.map((name, a) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <i style={{ width: `${100 * seen.watched[a]}%` }} />
                {seen.watched[a].toFixed(3)}
              </dd>
            </div>
          ))}
        </dl>
      </div>
      <div className={classes.side}>
        <table className={classes.numbers}>
          <caption>Version {seen.version}</caption>
          <tbody>
            {rows.map(([name, value, unit]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
                <td className={classes.muted}>{unit}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <Weights spec={seen.spec} parameters={seen.parameters} />
      </div>
    </section>
  );
}
