/** The keys of the page. They do nothing where the focus is in a control that has a use for them. */
import { useEffect } from "react";
import { resetRun, runner, stepOnce, trainOrPause } from "../state/session.ts";

const controls =
  "input, select, textarea, button, a, summary, label, [role=slider], [role=tab], [role=dialog], [contenteditable]";

export function useKeys(showHelp: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof Element && event.target.closest(controls)) return;
      const key = event.key.toLowerCase();
      if (key === " ") trainOrPause();
      else if (key === "s") void stepOnce();
      // A running run is not thrown away by one key.
      else if (key === "r" && runner().snapshot().phase !== "running") void resetRun();
      else if (key === "?") showHelp();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [showHelp]);
}
