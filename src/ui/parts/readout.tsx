/** A number that changes all the time: written straight into its element, ten times a second, without React. */
import { useEffect, useRef } from "react";
import type { Snapshot } from "../../runtime/seen/view.ts";
import { everyFrame } from "../state/frame.ts";

const INTERVAL = 100; // ms

/** `read` must not change from render to render. */
export function Readout({ read }: { read: (snapshot: Snapshot) => string }) {
  const element = useRef<HTMLSpanElement>(null);
  useEffect(
    () =>
      everyFrame((snapshot) => {
        const text = read(snapshot);
        if (element.current && element.current.textContent !== text) element.current.textContent = text;
      }, INTERVAL),
    [read],
  );
  // A number is the same in every language, and a translator would follow it for ever.
  return <span ref={element} translate="no" />;
}
