import { NativeSelect, SegmentedControl, Slider } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Actions, Environment, Quantity } from "../../envs/environment.ts";
import { envs } from "../../envs/index.ts";
import type { Acting } from "../../nn/acting/acting.ts";
import { type Layer, type NetworkSpec, outputWidths, tensorsOf } from "../../nn/graph.ts";
import { actingOf, networksOf, type RunConfig } from "../../runtime/plan/config.ts";
import type { ActorView } from "../../runtime/seen/view.ts";
import { frontOf, useWatched, type Watched } from "../actors/watched.ts";
import { chartsOfAlgorithm, helpOf } from "../charts/statCharts.ts";
import { NOTHING, plural, short } from "../parts/format.ts";
import { policy, useDrawn, useDrawnConfig, useOpenedRun } from "../runs/opened.ts";
import { everyFrame } from "../state/frame.ts";
import classes from "./insides.module.css";
import {
  colourOf,
  endsOf,
  extent,
  gridSize,
  histogram,
  outputsOver,
  paint,
  placeOf,
  plane,
  rampOf,
  refined,
  shownOf,
  type Whole,
  wholes,
} from "./look.ts";
import { type Sample, stretches, walked } from "./trail.ts";

/** Milliseconds between two looks. */
const LOOK_MS = 300;
/** Milliseconds of the watched copy's way that are drawn. */
const TRAIL_MS = 1500;
const SIZE = 240; // CSS pixels
const BINS = 21;
/** CSS pixels: a bin, the bars, and the room for the greatest count to their left and for the axis' name to their right. */
const BIN = 5;
const BARS = 24;
const COUNT = 24;
const NAME = 40;

const labels: Record<Whole, string> = { policy: "Policy", value: "Value", entropy: "Entropy" };

interface Seen {
  readonly version: number;
  readonly spec: NetworkSpec;
  readonly acting: Acting;
  readonly parameters: Float32Array;
  /** Mean over all copies of KL(π of the look before ‖ π now), and the versions between the two, at least one. */
  readonly moved: { readonly kl: number; readonly versions: number } | null;
  /** The watched copy, what the network says of it, and its state as it was. */
  readonly watched: Watched;
  readonly outputs: Float32Array;
  readonly state: Float64Array;
}

/** The copy that a person watches, the first where the run has none such. */
function watchedOf(actors: readonly ActorView[]): Watched {
  const watched = useWatched.getState();
  const actor = watched.actor < actors.length ? watched.actor : 0;
  return { actor, copy: frontOf(watched, actor, actors[actor]?.states.length ?? 0) };
}

/** Every environment copy as it is now, actor by actor; one at rest where there is none. */
function copiesOf(environment: Environment, actors: readonly ActorView[]): readonly Float64Array[] {
  const copies = actors.flatMap(({ states }) => states.map((state) => state.slice()));
  return copies.length > 0 ? copies : [new Float64Array(environment.state.length)];
}

/** What is observed of each. [copies, observations] */
function observationsOf(environment: Environment, copies: readonly Float64Array[]): Float32Array {
  const k = environment.observations.length;
  const all = new Float32Array(copies.length * k);
  copies.forEach((state, i) => {
    environment.observe(state, all.subarray(i * k, (i + 1) * k));
  });
  return all;
}

/** Whether a network is one of this configuration. */
const isOf = (config: RunConfig, spec: NetworkSpec): boolean =>
  JSON.stringify(outputWidths(networksOf(config).policy)) === JSON.stringify(outputWidths(spec));

/** The parameters as they are now and then, while the panel is open. */
function useParameters(environment: Environment, config: RunConfig): Seen | null {
  const [seen, setSeen] = useState<Seen | null>(null);
  useEffect(() => {
    let before: Seen | null = null;
    return everyFrame(({ actors }) => {
      const { network: spec } = policy();
      if (!spec) {
        before = null;
        setSeen(null);
        return;
      }
      const parameters = new Float32Array(spec.size);
      const version = policy().parameters(parameters);
      const copies = copiesOf(environment, actors);
      if (version < 0 || spec.inputs !== environment.observations.length || !isOf(config, spec)) return;
      const acting = actingOf(config, spec);
      const all = observationsOf(environment, copies);
      const { width, numbers: now } = outputsOver(spec, parameters, all);
      let moved: Seen["moved"] = before?.moved ?? null;
      if (before && before.spec === spec && version > before.version) {
        const { numbers: then } = outputsOver(spec, before.parameters, all);
        const kl = copies.reduce((sum, _, i) => sum + acting.divergence(then, i * width, now, i * width), 0);
        moved = { kl: kl / copies.length, versions: version - before.version };
      }
      const watched = watchedOf(actors);
      const row = actors.slice(0, watched.actor).reduce((sum, { states }) => sum + states.length, watched.copy);
      const outputs = now.slice(row * width, (row + 1) * width);
      before = { version, spec, acting, parameters, moved, watched, outputs, state: copies[row] };
      setSeen(before);
    }, LOOK_MS);
  }, [environment, config]);
  return seen;
}

const label = ({ symbol, unit }: Quantity) => `${symbol} (${unit})`;

/** The way of the watched copy in the plane of two components of its state, looked at every frame. */
function useTrail(environment: Environment, { actor, copy }: Watched, x: number, y: number) {
  const trail = useRef<readonly Sample[]>([]);
  useEffect(() => {
    const [across, upward] = [environment.state[x], environment.state[y]];
    trail.current = [];
    return everyFrame(({ actors, stepsPerSecond }, now) => {
      const state = actors[actor]?.states[copy];
      if (!state) return;
      const copies = actors.reduce((sum, { states }) => sum + states.length, 0);
      trail.current = walked(trail.current, TRAIL_MS, {
        at: now,
        step: actors[actor].episodeSteps[copy],
        rate: stepsPerSecond / copies,
        x: placeOf(across, state[x]),
        y: placeOf(upward, state[y]),
      });
    });
  }, [environment, actor, copy, x, y]);
  return trail;
}

interface MapProps {
  readonly seen: Seen;
  readonly environment: Environment;
  readonly x: number;
  readonly y: number;
  readonly fixed: readonly number[];
  readonly what: Whole;
  /** Whose probability, or which number's mean, where it is the policy. */
  readonly action: number;
}

/** What the map shows, in words. */
function titleOf(what: Whole, actions: Actions, action: number): string {
  if (what !== "policy") return what;
  return actions.kind === "discrete"
    ? `probability of "${actions.names[action]}"`
    : `mean ${actions.components[action].name}`;
}

/** A plane of states, coloured by what the network makes of them; the watched copy is a point on it. */
function HeatMap({ seen, environment, x, y, fixed, what, action }: MapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { state: quantities, actions } = environment;
  const n = gridSize(seen.spec);
  const outputs = useMemo(
    () => refined(outputsOver(seen.spec, seen.parameters, plane(environment, x, y, fixed, n)), n, SIZE),
    [seen, environment, x, y, fixed, n],
  );
  const values = useMemo(() => shownOf(outputs, what, seen.acting, seen.spec, action), [outputs, what, seen, action]);
  const [least, most] = useMemo(() => extent(values), [values]);
  const [bottom, high] = endsOf(what, actions, action, [least, most]);
  const span = Math.max(1e-9, high - bottom);
  const ramp = rampOf(what, actions);
  const trail = useTrail(environment, seen.watched, x, y);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = new ImageData(SIZE, SIZE);
    paint(ramp, values, bottom, span, image.data);
    const small = new OffscreenCanvas(SIZE, SIZE);
    small.getContext("2d")?.putImageData(image, 0, 0);
    const side = context.canvas.width;
    context.imageSmoothingEnabled = true;
    context.drawImage(small, 0, 0, side, side);
    const across = (place: number) => place * side;
    const upward = (place: number) => (1 - place) * side;
    context.lineJoin = "round";
    context.beginPath();
    for (const [first, ...steps] of stretches(trail.current)) {
      context.moveTo(across(first.x), upward(first.y));
      for (const step of steps) context.lineTo(across(step.x), upward(step.y));
    }
    for (const [width, colour] of [
      [5, "#111111"],
      [2.5, "#ffffff"],
    ] as const) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
    context.fillStyle = "#111111";
    context.beginPath();
    const [atX, atY] = [x, y].map((i) => placeOf(quantities[i], seen.state[i]));
    context.arc(across(atX), upward(atY), 6, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }, [values, seen, ramp, bottom, span, quantities, x, y, trail]);
  const title = titleOf(what, actions, action);
  const shades = [0, 0.25, 0.5, 0.75, 1].map((share) => `rgb(${colourOf(ramp, share).join(" ")})`).join(", ");
  return (
    <figure className={classes.map}>
      <div className={classes.plot}>
        <span className={classes.yEnds}>
          <span>{short(quantities[y].shown[1])}</span>
          <span className={classes.yAxis}>{label(quantities[y])}</span>
          <span>{short(quantities[y].shown[0])}</span>
        </span>
        <canvas
          ref={canvas}
          width={2 * SIZE}
          height={2 * SIZE}
          role="img"
          aria-label={`${title} over ${quantities[x].name} and ${quantities[y].name}: from ${short(least)} to ${short(most)}`}
        />
        <span className={classes.ends}>
          <span>{short(quantities[x].shown[0])}</span>
          <span>{label(quantities[x])}</span>
          <span>{short(quantities[x].shown[1])}</span>
        </span>
      </div>
      <figcaption className={classes.bar}>
        <span>{short(bottom)}</span>
        <i style={{ background: `linear-gradient(90deg, ${shades})` }} />
        <span>{short(high)}</span>
        <span className={classes.muted}>{title}</span>
      </figcaption>
    </figure>
  );
}

/** Where a layer's weights lie. Biases and statistics are not shown. */
const weightsOf = (layer: Layer) =>
  tensorsOf(layer)
    .filter(({ name }) => name === "weight")
    .map(({ at, shape }) => ({ name: layer.name, from: at, to: at + shape.reduce((a, b) => a * b, 1) }));

/** How the weights of every layer are spread. */
function Weights({ spec, parameters }: { spec: NetworkSpec; parameters: Float32Array }) {
  return (
    <ul className={classes.weights} aria-label="Weights of the layers">
      {spec.layers.flatMap(weightsOf).map(({ name, from, to }) => {
        let square = 0;
        let limit = 1e-6;
        for (let i = from; i < to; i++) {
          square += parameters[i] * parameters[i];
          limit = Math.max(limit, Math.abs(parameters[i]));
        }
        const counts = histogram(parameters, from, to, limit, BINS);
        const most = Math.max(...counts);
        const spread = Math.sqrt(square / (to - from));
        return (
          <li key={name}>
            <span>
              {name} <span className={classes.muted}>rms&nbsp;{short(spread)}</span>
            </span>
            <svg
              width={COUNT + BINS * BIN + NAME}
              height={BARS + 28}
              role="img"
              aria-label={`${to - from} weights from −${short(limit)} to ${short(limit)}, at most ${most} in one of ${BINS} bins`}
            >
              <text x={COUNT} y={10}>
                weights per bin
              </text>
              <text x={COUNT - 4} y={22} className={classes.end}>
                {most}
              </text>
              <g transform={`translate(${COUNT} 14)`}>
                {counts.map((count, i) => (
                  <rect
                    // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its index
                    key={i}
                    x={i * BIN}
                    width={BIN - 1}
                    y={BARS - (BARS * count) / most}
                    height={(BARS * count) / most}
                  />
                ))}
                <path d={`M0 ${BARS + 0.5}H${BINS * BIN}M${(BINS * BIN) / 2} ${BARS}v3`} />
                <text x={0} y={BARS + 12}>{`−${short(limit)}`}</text>
                <text x={(BINS * BIN) / 2} y={BARS + 12} className={classes.middle}>
                  0
                </text>
                <text x={BINS * BIN} y={BARS + 12} className={classes.end}>
                  {short(limit)}
                </text>
                <text x={BINS * BIN + 4} y={BARS + 4}>
                  weight
                </text>
              </g>
            </svg>
          </li>
        );
      })}
    </ul>
  );
}

/** What the network has learnt: its policy and value over the states, and what its updates look like. */
export default function InsidesPanel() {
  const { env } = useDrawnConfig();
  return <Insides key={env} environment={envs[env]} />;
}

/** How far one update moved the policy. */
const klRow = (moved: Seen["moved"]): [name: string, value: string, unit: string] =>
  moved
    ? [
        "KL an update",
        short(moved.kl / moved.versions),
        `nats, over ${plural(moved.versions, "update")}${moved.versions > 1 ? ` ÷ ${moved.versions}` : ""}`,
      ]
    : ["KL an update", NOTHING, "nats"];

/** What the policy does with the watched copy: the probability of every action, or the mean of each number of one, and its spread. */
function leaningsOf({ acting, outputs }: Seen, actions: Actions) {
  return Array.from({ length: acting.leanings }, (_, k) => {
    const lean = acting.leaning(outputs, 0, k);
    if (actions.kind === "discrete") return { name: actions.names[k], share: lean, text: lean.toFixed(3) };
    const { name, unit, low, high } = actions.components[k];
    const share = Math.max(0, Math.min(1, (lean - low) / (high - low)));
    const text = `${short(lean)} ± ${short(acting.deviation(outputs, 0, k) ?? 0)}`;
    return { name: unit === "" ? name : `${name} (${unit})`, share, text };
  });
}

function Insides({ environment }: { environment: Environment }) {
  const config = useDrawnConfig();
  const { algo } = config;
  const opened = useOpenedRun() !== null;
  const seen = useParameters(environment, config);
  const last = useDrawn("updateSeries").at(-1);
  const { state: quantities, actions, subject } = environment;
  const [what, setWhat] = useState<Whole>("policy");
  const names = actions.kind === "discrete" ? actions.names : actions.components.map(({ name }) => name);
  // One of two actions says what the other does; numbers of an action do not.
  const several = names.length > (actions.kind === "discrete" ? 2 : 1);
  const [action, setAction] = useState(names.length - 1);
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
  const { moved, watched } = seen;
  // Of the updates: what has a chart of its own there and is measured, not set.
  const measured = chartsOfAlgorithm(algo).filter(({ curves }) => curves.length === 1 && curves[0].fold === "mean");
  const rows: [name: string, value: string, unit: string, help?: string][] = [
    ...measured.map((chart): (typeof rows)[number] => {
      const [{ key, unit }] = chart.curves;
      return [chart.group.title, short(last?.[key]), unit ?? "", helpOf(chart)];
    }),
    // Looks are as far apart as the run is fast: only what one update does can be compared.
    klRow(moved),
  ];
  return (
    <section className={classes.insides} aria-label="Insides">
      <HeatMap seen={seen} environment={environment} x={x} y={y} fixed={fixed} what={what} action={action} />
      <div className={classes.side}>
        <SegmentedControl
          aria-label="What the map shows"
          size="xs"
          value={what}
          onChange={(next) => setWhat(next as Whole)}
          transitionDuration={0}
          data={wholes.map((value) => ({ value, label: labels[value] }))}
        />
        {what === "policy" && several && (
          <div className={classes.axes}>
            <span aria-hidden="true">of</span>
            <NativeSelect
              size="xs"
              aria-label="of the action"
              data={names.map((label, value) => ({ value: String(value), label }))}
              value={String(action)}
              onChange={(e) => setAction(Number(e.currentTarget.value))}
            />
          </div>
        )}
        <div className={classes.axes}>
          <span aria-hidden="true">across</span>
          <NativeSelect
            size="xs"
            aria-label="across"
            data={options(y)}
            value={String(x)}
            onChange={(e) => setAxes([Number(e.currentTarget.value), y])}
          />
          <span aria-hidden="true">upward</span>
          <NativeSelect
            size="xs"
            aria-label="upward"
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
                {name} <b>{short(fixed[i])}</b> {unit}
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
                thumbValueText={`${short(fixed[i])} ${unit}`}
              />
            </div>
          );
        })}
        <p className={classes.muted}>
          {opened
            ? `At rest: the opened run has no ${subject.one} at work`
            : `Actor ${watched.actor + 1}, copy ${watched.copy + 1}, in front: press on another ${subject.one} to watch it`}
        </p>
        <dl
          className={classes.actions}
          aria-label={`${actions.kind === "discrete" ? "Action probabilities" : "Action, mean and spread,"} ${opened ? "at rest" : `of copy ${watched.copy + 1} of actor ${watched.actor + 1}`}`}
        >
          {leaningsOf(seen, actions).map(({ name, share, text }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <i style={{ width: `${100 * share}%` }} />
                {text}
              </dd>
            </div>
          ))}
        </dl>
      </div>
      <div className={classes.side}>
        <table className={classes.numbers}>
          <caption>Version {seen.version}</caption>
          <tbody>
            {rows.map(([name, value, unit, help]) => (
              <tr key={name} title={help}>
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
