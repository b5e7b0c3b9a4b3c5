import { NativeSelect } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { asynchronousParams } from "../../algorithms/topology.ts";
import { combinationProblem, withValues } from "../../runtime/plan/config.ts";
import { stopsOf } from "../controls/stops.ts";
import { ValueInput } from "../controls/ValueInput.tsx";
import { compact, tick } from "../parts/format.ts";
import { okabeIto } from "../parts/palette.ts";
import { useLive } from "../state/live.ts";
import { setValue } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import { barsOf, decades, heightOf } from "./bins.ts";
import classes from "./systems.module.css";

// CSS pixels.
const HEIGHT = 74;
const TOP = 24;
const FOOT = 30;
const LEFT = 40;
const LABEL = 24;

interface HistogramProps {
  readonly counts: readonly number[];
  readonly staleness: { readonly mean: number; readonly max: number };
  /** Versions beyond which the gate acts; null where there is none. */
  readonly gateAt: number | null;
}

/** Gradients by how many versions they were behind, counts on a logarithmic axis. */
export function Histogram({ counts, staleness, gateAt }: HistogramProps) {
  const { ref, width } = useElementSize();
  const bars = barsOf(counts);
  const most = Math.max(...bars.map(({ count }) => count));
  const total = bars.reduce((sum, { count }) => sum + count, 0);
  const fresh = Math.round((100 * (counts[0] ?? 0)) / Math.max(1, total));
  const step = (width - LEFT) / bars.length;
  const every = Math.max(1, Math.ceil(LABEL / Math.max(1, step)));
  const last = bars.length - 1;
  const isLabelled = (i: number) => i === last || (i % every === 0 && (last - i) * step >= LABEL);
  const y = (height: number) => TOP + (HEIGHT - TOP) * (1 - height);
  const gate = gateAt !== null && gateAt < last ? LEFT + (gateAt + 1) * step : null;
  return (
    <div ref={ref} className={classes.histogram} style={{ height: HEIGHT + FOOT }}>
      <svg
        width={width}
        height={HEIGHT + FOOT}
        role="img"
        aria-label={`Staleness of ${compact(total)} gradients: mean ${staleness.mean.toFixed(2)} versions, most ${staleness.max}. ${fresh} % were fresh.`}
      >
        <text x={0} y={10}>
          gradients, log scale
        </text>
        {decades(most).map((count) => (
          <g key={count}>
            <path d={`M${LEFT} ${y(heightOf(count, most)) + 0.5}H${width}`} className={classes.axis} />
            <text x={LEFT - 6} y={y(heightOf(count, most)) + 4} className={classes.end}>
              {tick(count)}
            </text>
          </g>
        ))}
        <path d={`M${LEFT} ${HEIGHT + 0.5}H${width}`} className={classes.axis} />
        {bars.map(({ label, count, height }, i) => (
          <rect
            key={label}
            x={LEFT + i * step + Math.min(1, step / 4)}
            width={Math.max(1, step - Math.min(2, step / 2))}
            y={y(height)}
            height={HEIGHT - y(height)}
            fill={okabeIto.blue}
          >
            <title>{`${label} versions behind: ${count}`}</title>
          </rect>
        ))}
        {gate !== null && <path d={`M${gate} ${TOP}V${HEIGHT}`} className={classes.gateLine} />}
        {bars.map(({ label }, i) =>
          isLabelled(i) ? (
            <text
              key={label}
              x={i === last ? width : LEFT + (i + 0.5) * step}
              y={HEIGHT + 13}
              className={i === last ? classes.end : classes.middle}
            >
              {label}
            </text>
          ) : null,
        )}
        <text x={LEFT + (width - LEFT) / 2} y={HEIGHT + FOOT - 3} className={classes.middle}>
          staleness: versions behind
        </text>
      </svg>
    </div>
  );
}

/** How stale gradients are. */
export function Staleness({ lockstep }: { lockstep: boolean }) {
  const counts = useLive((s) => s.stalenessCounts);
  const dropped = useLive((s) => s.dropped);
  const staleness = useLive((s) => s.staleness);
  const values = usePage((s) => s.config.values);
  if (lockstep)
    return <p className={classes.fresh}>Lockstep: everybody waits for everybody, so every gradient is fresh.</p>;
  const total = counts.reduce((a, b) => a + b, 0);
  return (
    <div className={classes.staleness}>
      <p className={classes.numbers}>
        mean <b>{staleness.mean.toFixed(2)}</b> · max <b>{staleness.max}</b> · dropped <b>{compact(dropped)}</b>
        <span>{dropped > 0 && ` (${((100 * dropped) / total).toFixed(1)}\u00a0%)`}</span>
      </p>
      <Histogram
        counts={counts}
        staleness={staleness}
        gateAt={(values.gate ?? "off") === "off" ? null : (values.maxStaleness as number)}
      />
    </div>
  );
}

const { control } = asynchronousParams.maxStaleness;
const beyond = control.type === "slider" ? stopsOf(control, true) : undefined;
const gates = asynchronousParams.gate.control.type === "select" ? asynchronousParams.gate.control.options : [];

/** What is done about stale gradients. */
export function Gate() {
  const shown = usePage((s) => s.config);
  const gate = shown.values.gate as string | undefined;
  if (gate === undefined) return null;
  return (
    <div className={classes.gate}>
      <span id="gate-label">Gate</span>
      <NativeSelect
        size="xs"
        w={80}
        aria-labelledby="gate-label"
        data={gates.filter((one) => one === gate || !combinationProblem(withValues(shown, { gate: one })))}
        value={gate}
        onChange={(event) => setValue("gate", event.currentTarget.value)}
      />
      <span>beyond</span>
      <ValueInput
        id="gate-beyond"
        name="Versions beyond which the gate acts"
        param={asynchronousParams.maxStaleness}
        value={shown.values.maxStaleness}
        width={72}
        stops={beyond}
        onCommit={(value) => setValue("maxStaleness", value)}
      />
      <span>versions</span>
    </div>
  );
}
