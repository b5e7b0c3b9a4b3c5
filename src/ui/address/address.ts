/** Keeps the address of the page in step with the controls and the open lesson, and those with the address. */
import type { RunConfig } from "../../runtime/plan/config.ts";
import { readGhost, shareable } from "../share/ghost.ts";
import { runner, setConfig } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import { decodeAddress, encodeRun, isDefault, runAddress, SHAREABLE_LENGTH, withoutTracking } from "./url.ts";

const DELAY = 300; // ms: browsers refuse hundreds of changes a minute

const addressOf = (config: RunConfig): string =>
  runAddress(config, `${location.origin}${location.pathname}`, usePage.getState().lesson);

/** The same for the bar, which says nothing of a run that is the page's own. */
function barAddress(config: RunConfig): string {
  if (!isDefault(config)) return addressOf(config);
  const { lesson } = usePage.getState();
  return `${location.origin}${location.pathname}${lesson === null ? "" : `?lesson=${lesson}`}`;
}

/** An address that can be shared. */
export interface Shared {
  readonly address: string;
  /**
   * run: what the run on the page began with, with what `auto` chose, and in the hash what happened in it. configuration:
   * what the controls show, where there is no run. controls: the same, where they do not show the run that there is.
   * unpacked: the same, where the part of the page that packs a run cannot be fetched.
   */
  readonly carries: "run" | "configuration" | "controls" | "unpacked";
  readonly algo: RunConfig["algo"];
  /** Changes of the run that the link cannot carry: whoever opens it can race the run, not repeat it. */
  readonly missing: number;
}

/** The address of what the controls show, with the run where they show it; or of the run, whatever they show. */
export async function shareAddress(of: "controls" | "run" = "controls"): Promise<Shared> {
  const { config } = usePage.getState();
  const snapshot = runner().snapshot();
  const run = shareable(snapshot);
  const isShown = of === "run" || encodeRun(snapshot.config) === encodeRun(config);
  if (run === null || !isShown)
    return { address: addressOf(config), carries: run ? "controls" : "configuration", algo: config.algo, missing: 0 };
  const { algo } = snapshot.begun;
  const begun = addressOf(snapshot.begun);
  const packing = await import("../share/shared.ts").catch(() => null);
  if (!packing) return { address: begun, carries: "unpacked", algo, missing: 0 };
  const { sharedAddress } = packing;
  const packed = (of: typeof run) => sharedAddress(begun, of, SHAREABLE_LENGTH);
  try {
    return { address: await packed(run), carries: "run", algo, missing: run.missing };
  } catch {
    // A history that no link can carry: the curve goes alone.
    const missing = run.missing + run.edits.length;
    return { address: await packed({ ...run, edits: [], missing }), carries: "run", algo, missing };
  }
}

/** Takes out of the address what trackers have appended: whoever copies it passes none of that on. */
function cleanAddress(): void {
  const { pathname, search, hash } = location;
  const [cleanSearch, cleanHash] = [search, hash].map(withoutTracking);
  if (cleanSearch !== search || cleanHash !== hash)
    history.replaceState(history.state, "", pathname + cleanSearch + cleanHash);
}

/** Returns how to stop. */
export function followAddress(): () => void {
  let timer = 0;
  cleanAddress();
  const write = () => {
    clearTimeout(timer);
    timer = 0;
    const address = barAddress(usePage.getState().config) + location.hash;
    if (address !== location.href) history.replaceState(history.state, "", address);
  };
  const unsubscribe = usePage.subscribe((state, before) => {
    if (state.config === before.config && state.lesson === before.lesson) return;
    clearTimeout(timer);
    timer = window.setTimeout(write, DELAY);
  });
  const read = () => {
    const { config, lesson, problems } = decodeAddress(location.search);
    readGhost(location.hash, config);
    usePage.setState({ lesson, urlProblems: problems });
    if (encodeRun(config) !== encodeRun(usePage.getState().config)) setConfig(config);
  };
  const flush = () => {
    if (timer !== 0) write();
  };
  readGhost(location.hash, usePage.getState().config);
  window.addEventListener("popstate", read);
  window.addEventListener("hashchange", read);
  window.addEventListener("pagehide", flush);
  return () => {
    unsubscribe();
    clearTimeout(timer);
    window.removeEventListener("popstate", read);
    window.removeEventListener("hashchange", read);
    window.removeEventListener("pagehide", flush);
  };
}
