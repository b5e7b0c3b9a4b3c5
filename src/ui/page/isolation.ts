/**
 * Shared memory needs a cross-origin isolated page: one whose host sends COOP and COEP headers. Where the host does not,
 * a service worker (src/service/worker.ts) adds them, and the page reloads once through it. The same worker keeps the page
 * for use without a connection.
 */

/**
 * Whether a memory can be shared with a thread. An isolated page alone does not promise it: WebKitGTK clones none unless it
 * is told to. A memory that a port refuses, a worker's refuses too.
 */
export function canShareMemory(): boolean {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
    return true;
  } catch {
    return false;
  } finally {
    port1.close();
    port2.close();
  }
}

export type Isolation = "isolated" | "reloading" | { problem: string };

/** When this tab last reloaded for the service worker, in milliseconds since 1970. */
const RELOADED_AT = "cartpool:reloaded-for-isolation";

/** Milliseconds between asking for a reload and the start of the page that it brings. */
const RELOAD_TAKES = 3000;

/** Milliseconds that the service worker may take to install. */
const PATIENCE = 10_000;

const WANTED = "Cartpool shares memory between its threads, which browsers allow only on a cross-origin isolated page.";

const problems = {
  noWebAssembly:
    "Cartpool computes in WebAssembly, which this browser does not have here: Safari's Lockdown Mode turns it off. Allow it for this site, or use another browser.",
  insecure: `${WANTED} This page was opened over plain http from another machine, which is not a secure context. Open it over https, or on that machine itself as http://localhost.`,
  framed: `${WANTED} It is shown here in a frame of a page that is not isolated. Open Cartpool in a tab of its own.`,
  noServiceWorker: `${WANTED} This host does not send the headers for it, and this browser has no service worker that could add them: a private window of Firefox has none. Open the page in an ordinary window, or serve it with the headers of the file _headers.`,
  noStorage: `${WANTED} This host does not send the headers for it, and this browser stores nothing for this site, so the page cannot add them itself. Allow the site to store data, or serve it with the headers of the file _headers.`,
  noEffect: `${WANTED} This host does not send the headers for it, and the service worker that adds them had no effect. Reload the page; if that does not help, use a current Chrome, Edge, Firefox or Safari, or serve the page with the headers of the file _headers.`,
  refused: (why: string) =>
    `${WANTED} This host does not send the headers for it, and the service worker that adds them could not be installed (${why}). Allow the site to store data, or serve it with the headers of the file _headers.`,
} as const;

const SCRIPT = new URL("service-worker.js", document.baseURI);

/** Registers the service worker and waits until it is active. */
async function install(container: ServiceWorkerContainer): Promise<void> {
  await container.register(SCRIPT);
  let timer = 0;
  const tooLong = new Promise<never>((_, reject) => {
    timer = window.setTimeout(() => reject(new Error("it did not start in time")), PATIENCE);
  });
  await Promise.race([container.ready, tooLong]).finally(() => window.clearTimeout(timer));
}

/**
 * Whether this very page came from our reload. Its start is compared, so that a slow network cannot hide a loop. A later
 * reload by hand, which may pass the service worker by (shift), is none of ours.
 */
const cameFromReload = (session: Storage): boolean =>
  Math.abs(performance.timeOrigin - Number(session.getItem(RELOADED_AT) ?? Number.NEGATIVE_INFINITY)) < RELOAD_TAKES;

/** sessionStorage, or null where the browser refuses it. */
function storage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/**
 * Makes the page isolated where it can. "reloading": it is about to load anew, so nothing needs to be shown.
 * A page that came from this reload does not reload again.
 */
export async function ensureIsolation(): Promise<Isolation> {
  if (!("WebAssembly" in window)) return { problem: problems.noWebAssembly };
  if (window.crossOriginIsolated) return "isolated";
  if (!window.isSecureContext) return { problem: problems.insecure };
  if (window.self !== window.top) return { problem: problems.framed };
  if (!("serviceWorker" in navigator)) return { problem: problems.noServiceWorker };
  const session = storage();
  if (!session) return { problem: problems.noStorage };
  if (cameFromReload(session)) return { problem: problems.noEffect };
  try {
    await install(navigator.serviceWorker);
    session.setItem(RELOADED_AT, String(Date.now()));
  } catch (error) {
    return { problem: problems.refused(error instanceof Error ? error.message : String(error)) };
  }
  window.location.reload();
  return "reloading";
}

/** Milliseconds after the page has loaded: what a person sees first comes first. */
const SETTLED = 2000;

/** Has this release of the page kept, once it has settled, so that it works without a connection. The development server has none. */
export function keepOffline(): void {
  if (!import.meta.env.PROD || !window.isSecureContext || window.self !== window.top) return;
  const keep = async () => {
    // A private window of Firefox has no service workers, and somebody may have forbidden them.
    const registration = await navigator.serviceWorker?.register(SCRIPT).catch(() => undefined);
    // A newer release is heard of only now; without a connection, not at all.
    await registration?.update().catch(() => undefined);
    const newest = registration?.installing ?? registration?.waiting ?? registration?.active;
    newest?.postMessage("keep");
  };
  const soon = () => setTimeout(() => void keep(), SETTLED);
  if (document.readyState === "complete") soon();
  else window.addEventListener("load", soon, { once: true });
}
