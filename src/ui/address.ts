/** Keeps the address of the page in step with the controls, and the controls with the address. */
import { setConfig } from "./session.ts";
import { usePage } from "./store.ts";
import { decodeRun, encodeRun, runAddress } from "./url.ts";

const DELAY = 300; // ms: browsers refuse hundreds of changes a minute

/** The address of what the controls show. */
export const shareAddress = (): string =>
  runAddress(usePage.getState().config, `${location.origin}${location.pathname}`);

/** Returns how to stop. */
export function followAddress(): () => void {
  let timer = 0;
  const write = () => {
    clearTimeout(timer);
    timer = 0;
    const address = shareAddress();
    if (address !== location.href) history.replaceState(history.state, "", address);
  };
  const unsubscribe = usePage.subscribe((state, before) => {
    if (state.config === before.config) return;
    clearTimeout(timer);
    timer = window.setTimeout(write, DELAY);
  });
  const read = () => {
    const { config, problems } = decodeRun(location.search);
    usePage.setState({ urlProblems: problems });
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
