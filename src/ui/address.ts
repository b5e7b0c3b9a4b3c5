/** Keeps the address of the page in step with the controls and the open lesson, and those with the address. */
import type { RunConfig } from "../runtime/config.ts";
import { runner, setConfig } from "./session.ts";
import { usePage } from "./store.ts";
import { decodeAddress, encodeRun, runAddress } from "./url.ts";

const DELAY = 300; // ms: browsers refuse hundreds of changes a minute

const addressOf = (config: RunConfig): string =>
  runAddress(config, `${location.origin}${location.pathname}`, usePage.getState().lesson);

/** The address of what the controls show; where that is the run under way, with what `auto` chose for it. */
export function shareAddress(): string {
  const { config } = usePage.getState();
  const { phase, config: running, resolved } = runner().snapshot();
  return addressOf(phase !== "idle" && encodeRun(running) === encodeRun(config) ? resolved : config);
}

/** Returns how to stop. */
export function followAddress(): () => void {
  let timer = 0;
  const write = () => {
    clearTimeout(timer);
    timer = 0;
    const address = addressOf(usePage.getState().config);
    if (address !== location.href) history.replaceState(history.state, "", address);
  };
  const unsubscribe = usePage.subscribe((state, before) => {
    if (state.config === before.config && state.lesson === before.lesson) return;
    clearTimeout(timer);
    timer = window.setTimeout(write, DELAY);
  });
  const read = () => {
    const { config, lesson, problems } = decodeAddress(location.search);
    usePage.setState({ lesson, urlProblems: problems });
    if (encodeRun(config) !== encodeRun(usePage.getState().config)) setConfig(config);
  };
  const flush = () => {
    if (timer !== 0) write();
  };
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
