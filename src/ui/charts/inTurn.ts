import { useEffect, useRef, useState } from "react";

/** What waits for a frame of its own, in the order of asking. */
const waiting = new Map<object, () => void>();

function next(): void {
  const first = waiting.entries().next();
  if (first.done) return;
  const [who, apply] = first.value;
  waiting.delete(who);
  apply();
  if (waiting.size > 0) requestAnimationFrame(next);
}

/** A value as of a frame in which nobody else who uses this takes over a new one: charts that change together draw one after the other. */
export function useInTurn<T>(value: T): T {
  const [shown, show] = useState(value);
  const who = useRef({});
  useEffect(() => {
    const me = who.current;
    if (waiting.size === 0) requestAnimationFrame(next);
    waiting.set(me, () => show(() => value));
  }, [value]);
  useEffect(() => {
    const me = who.current;
    return () => {
      waiting.delete(me);
    };
  }, []);
  return shown;
}
