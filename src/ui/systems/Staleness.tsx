import { NativeSelect, NumberInput } from "@mantine/core";
import { a3cParams } from "../../algorithms/a3c.ts";
import { algorithms } from "../../algorithms/index.ts";
import { combinationProblem, withValues } from "../../runtime/config.ts";
import { compact } from "../format.ts";
import { useLive } from "../live.ts";
import { okabeIto } from "../palette.ts";
import { setValue } from "../session.ts";
import { usePage } from "../store.ts";
import classes from "./systems.module.css";

const WIDTH = 320;
const HEIGHT = 96;
const FOOT = 26;
const LEFT = 40;

/** Gradients by how many versions they were behind. counts: the last one is of all beyond */
export function Histogram({ counts }: { counts: readonly number[] }) {
  const last = counts.findLastIndex((n) => n > 0);
  const shown = counts.slice(0, Math.max(8, last + 1));
  const most = Math.max(1, ...shown);
  const total = shown.reduce((a, b) => a + b, 0);
  const mean = shown.reduce((sum, n, i) => sum + n * i, 0) / Math.max(1, total);
  const step = (WIDTH - LEFT) / shown.length;
  const every = Math.ceil(shown.length / 8);
  const label = (i: number) => (i === counts.length - 1 ? `${i}+` : String(i));
  return (
    <svg
      className={classes.histogram}
      viewBox={`0 0 ${WIDTH} ${HEIGHT + FOOT}`}
      role="img"
      aria-label={`Staleness of ${compact(total)} gradients: mean ${mean.toFixed(1)} versions, most ${label(Math.max(0, last))}. ${Math.round((100 * shown[0]) / Math.max(1, total))} % were fresh.`}
    >
      <text x={LEFT - 6} y={10} className={classes.end}>
        {compact(most)}
      </text>
      <text x={LEFT - 6} y={HEIGHT} className={classes.end}>
        0
      </text>
      <path d={`M${LEFT} ${HEIGHT + 0.5}H${WIDTH}`} className={classes.axis} />
      {shown.map((n, i) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its index
          key={i}
          x={LEFT + i * step + 1}
          width={Math.max(1, step - 2)}
          y={HEIGHT - (n / most) * (HEIGHT - 6)}
          height={(n / most) * (HEIGHT - 6)}
          fill={okabeIto.blue}
        />
      ))}
      {shown.map((_, i) =>
        i % every === 0 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its index
          <text key={i} x={LEFT + (i + 0.5) * step} y={HEIGHT + 12} className={classes.middle}>
            {label(i)}
          </text>
        ) : null,
      )}
      <text x={LEFT + (WIDTH - LEFT) / 2} y={HEIGHT + FOOT - 2} className={classes.middle}>
        versions behind
      </text>
    </svg>
  );
}

/** How stale gradients are, and what is done about it. */
export function Staleness() {
  const counts = useLive((s) => s.stalenessCounts);
  const dropped = useLive((s) => s.dropped);
  const staleness = useLive((s) => s.staleness);
  const shown = usePage((s) => s.config);
  const running = useLive((s) => s.running.algo);
  const phase = useLive((s) => s.phase);
  const algo = phase === "idle" ? shown.algo : running;
  if (algorithms[algo].synchrony === "lockstep")
    return <p className={classes.note}>Lockstep: everybody waits for everybody, so every gradient is fresh.</p>;
  const total = counts.reduce((a, b) => a + b, 0);
  const gate = shown.values.gate as string | undefined;
  const gates = a3cParams.gate.control.type === "select" ? a3cParams.gate.control.options : [];
  return (
    <div className={classes.staleness}>
      <Histogram counts={counts} />
      <div>
        <p className={classes.numbers}>
          mean <b>{staleness.mean.toFixed(2)}</b> · max <b>{staleness.max}</b> · dropped <b>{compact(dropped)}</b>
          {total > 0 && ` (${((100 * dropped) / total).toFixed(1)} %)`}
        </p>
        {gate !== undefined && (
          <div className={classes.gate}>
            <NativeSelect
              size="xs"
              label="Gate"
              data={gates.filter((one) => one === gate || !combinationProblem(withValues(shown, { gate: one })))}
              value={gate}
              onChange={(event) => setValue("gate", event.currentTarget.value)}
            />
            <NumberInput
              size="xs"
              w={88}
              label="beyond versions"
              min={0}
              max={1000}
              allowDecimal={false}
              value={shown.values.maxStaleness as number}
              onChange={(value) => typeof value === "number" && setValue("maxStaleness", value)}
            />
          </div>
        )}
      </div>
    </div>
  );
}
