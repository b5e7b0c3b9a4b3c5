import type { Snapshot } from "../../runtime/seen/view.ts";
import { machineAdvice } from "../../runtime/seen/view.ts";
import { bytes, plural } from "../parts/format.ts";
import { Readout } from "../parts/readout.tsx";
import { useLive } from "../state/live.ts";
import { isOnOneThread, runner } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import { TIPS } from "./theme.ts";

const threads = () => plural(runner().workerCount, "worker");
const hash = (s: Snapshot) => s.parametersHash || "–";
const cores = navigator.hardwareConcurrency || 1;

/** The machinery: memory, threads, the parameters' hash, and whether this machine suits the configuration. */
export function Footer() {
  const memory = useLive((s) => s.sharedMemoryBytes);
  const progress = useLive((s) => s.progress);
  const config = usePage((s) => s.config);
  const kind = isOnOneThread() ? "memory" : "shared memory";
  const advice = machineAdvice(config, cores);
  return (
    <footer className="footer">
      <span>{memory > 0 ? `${bytes(memory)} ${kind}` : `no ${kind} yet`}</span>
      <span>
        <Readout read={threads} />, {plural(cores, "core")}
      </span>
      <span>
        parameters <Readout read={hash} />
      </span>
      {progress && <span>{progress}</span>}
      {advice && <span className="advice">{advice}</span>}
      <div id={TIPS} />
    </footer>
  );
}
