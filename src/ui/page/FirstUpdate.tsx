import { useEffect, useState } from "react";
import { updateSeconds } from "../parts/cost.ts";
import { duration } from "../parts/format.ts";
import { useLive } from "../state/live.ts";

/** Milliseconds after which a first update is long. */
const LONG = 3000;

/** While the first update of a run takes long: about how long, and how far it is. */
export default function FirstUpdate() {
  const acted = useLive((s) => s.firstUpdate);
  const engine = useLive((s) => s.engine);
  const generation = useLive((s) => s.generation);
  const isAwaited = useLive((s) => s.phase === "running" && s.firstUpdate !== null);
  const [longIn, setLongIn] = useState(-1);
  useEffect(() => {
    if (!isAwaited) return;
    const timer = setTimeout(() => setLongIn(generation), LONG);
    return () => clearTimeout(timer);
  }, [isAwaited, generation]);
  if (!isAwaited || acted === null || longIn !== generation) return null;
  const seconds = engine && updateSeconds(engine);
  const about = seconds === null || 1000 * seconds < LONG ? "takes long." : `takes about ${duration(seconds)}.`;
  const percent = Math.floor(100 * acted);
  return (
    <aside className="strip" aria-label="The first update">
      <p>
        <strong>{`The first update ${about}`}</strong>{" "}
        <span>{percent < 100 ? `${percent} % of the actors' steps are done.` : "The actors' steps are done."}</span>
      </p>
    </aside>
  );
}
