/**
 * Shared memory needs a cross-origin isolated page: one whose host sends COOP and COEP headers. Where the host does not,
 * a service worker (public/isolation.js) adds them, and the page reloads once through it.
 */

export type Isolation = "isolated" | "reloading" | { problem: string };

/** Marks, in this tab, that the page has already reloaded for the service worker. */
const RELOADED = "cartpool:reloaded-for-isolation";

/** Milliseconds that the service worker may take to install. */
const PATIENCE = 10_000;

const WANTED = "Cartpool shares memory between its threads, which browsers allow only on a cross-origin isolated page.";

const problems = {
  insecure: `${WANTED} This page was opened over plain http from another machine, which is not a secure context. Open it over https, or on that machine itself as http://localhost.`,
  framed: `${WANTED} It is shown here in a frame of a page that is not isolated. Open Cartpool in a tab of its own.`,
  noServiceWorker: `${WANTED} This host does not send the headers for it, and this browser has no service worker that could add them: a private window of Firefox has none. Open the page in an ordinary window, or serve it with the headers of the file _headers.`,
  noStorage: `${WANTED} This host does not send the headers for it, and this browser stores nothing for this site, so the page cannot add them itself. Allow the site to store data, or serve it with the headers of the file _headers.`,
  noEffect: `${WANTED} This host does not send the headers for it, and the service worker that adds them had no effect. Reload the page; if that does not help, use a current Chrome, Edge, Firefox or Safari, or serve the page with the headers of the file _headers.`,
  refused: (why: string) =>
    `${WANTED} This host does not send the headers for it, and the service worker that adds them could not be installed (${why}). Allow the site to store data, or serve it with the headers of the file _headers.`,
} as const;

/** Registers the service worker and waits until it is active. */
async function install(container: ServiceWorkerContainer): Promise<void> {
  await container.register(new URL("isolation.js", document.baseURI));
  let timer = 0;
  const tooLong = new Promise<never>((_, reject) => {
    timer = window.setTimeout(() => reject(new Error("it did not start in time")), PATIENCE);
  });
  await Promise.race([container.ready, tooLong]).finally(() => window.clearTimeout(timer));
}

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
 * A page reloads at most once until it has been isolated.
 */
export async function ensureIsolation(): Promise<Isolation> {
  const session = storage();
  if (window.crossOriginIsolated) {
    session?.removeItem(RELOADED);
    return "isolated";
  }
  if (!window.isSecureContext) return { problem: problems.insecure };
  if (window.self !== window.top) return { problem: problems.framed };
  if (!("serviceWorker" in navigator)) return { problem: problems.noServiceWorker };
  if (!session) return { problem: problems.noStorage };
  if (session.getItem(RELOADED) !== null) {
    // The next reload by hand may try again.
    session.removeItem(RELOADED);
    return { problem: problems.noEffect };
  }
  try {
    await install(navigator.serviceWorker);
    session.setItem(RELOADED, "1");
  } catch (error) {
    return { problem: problems.refused(error instanceof Error ? error.message : String(error)) };
  }
  window.location.reload();
  return "reloading";
}
