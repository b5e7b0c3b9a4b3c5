/**
 * The page's service worker. It gives every response of this site the headers that the page needs (SharedArrayBuffer
 * exists only on a cross-origin isolated page), for hosts that cannot; and it keeps a release of the page, so that what was
 * loaded once works without a connection.
 *
 * A release is never mixed with another: its files are named by their content, a cache holds one release, the page itself
 * is written into it last and only if it names nothing but that release's files, and it is fetched anew wherever there is
 * a connection. A newer worker waits until the tabs of the older one are closed: their files stay until then.
 */
import type { Release } from "./release.ts";

declare const self: ServiceWorkerGlobalScope;
/** Put in by the build (src/cli/build/offline.ts). */
declare const RELEASE: Release;

/** Milliseconds to wait for the host before the kept page is shown. */
const PATIENCE = 6000;

const release = RELEASE;
const { scope } = self.registration;
const page = new URL("./", scope).href;
const prefix = `cartpool ${scope} `;
const own = prefix + release.name;
const anyVary = { ignoreVary: true };

/** The page of the newest release that is kept whole. */
async function keptPage(): Promise<Response | undefined> {
  const names = (await caches.keys()).filter((name) => name.startsWith(prefix));
  for (const name of names.reverse()) {
    const kept = await (await caches.open(name)).match(page, anyVary);
    if (kept) return kept;
  }
  return undefined;
}

async function fetched(file: string): Promise<Response> {
  // What is named by its content may come from the browser's cache.
  const response = await fetch(new URL(file, scope), { cache: file.startsWith("assets/") ? "default" : "no-cache" });
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  return response;
}

/** Keeps this release. What is there already is not fetched again. */
async function fill(): Promise<void> {
  const cache = await caches.open(own);
  if (await cache.match(page, anyVary)) return tidy();
  try {
    for (const file of release.files) {
      const address = new URL(file, scope).href;
      if (!(await cache.match(address, anyVary))) await cache.put(address, await fetched(file));
    }
    const text = await (await fetched("./")).text();
    const named = [...text.matchAll(/assets\/[\w.-]+/g)].map(([name]) => name);
    if (named.length === 0 || named.some((name) => !release.files.includes(name))) return; // another release by now
    await cache.put(page, new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8" } }));
    await tidy();
  } catch {
    // No connection, no room, or a newer release: the next visit tries again.
  }
}

/** Removes other releases once this one is kept, and nobody uses another. */
async function tidy(): Promise<void> {
  if (self.registration.waiting || self.registration.installing) return;
  for (const name of await caches.keys()) if (name.startsWith(prefix) && name !== own) await caches.delete(name);
}

let filling: Promise<void> | null = null;
const keep = (): Promise<void> => {
  filling ??= fill().finally(() => {
    filling = null;
  });
  return filling;
};

const late = () => new Promise<never>((_, fail) => setTimeout(() => fail(new Error("too late")), PATIENCE));

/** The page as it is published now; the kept one where there is no connection. */
async function published(request: Request): Promise<Response> {
  const kept = await keptPage();
  if (!kept) return fetch(request);
  try {
    const response = await Promise.race([fetch(request), late()]);
    if (response.status < 500) return response;
  } catch {
    // No connection.
  }
  return kept;
}

/** A file whose name is that of its content: whichever release it came with, it is the same. */
async function asset(event: FetchEvent): Promise<Response> {
  const kept = await caches.match(event.request, anyVary);
  if (kept) return kept;
  const response = await fetch(event.request);
  // Some hosts answer with the page where a file is missing.
  if (response.status === 200 && !response.headers.get("Content-Type")?.startsWith("text/html")) {
    const copy = response.clone();
    event.waitUntil(
      caches
        .open(own)
        .then((cache) => cache.put(event.request.url, copy))
        .catch(() => {}),
    );
  }
  return response;
}

function answer(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const address = origin + pathname;
  if (request.cache === "no-store") return fetch(request);
  if (request.mode === "navigate" && (address === page || address === `${page}index.html`)) return published(request);
  if (address.startsWith(`${page}assets/`)) return asset(event);
  return fetch(request).catch(async (error) => {
    const kept = await caches.match(request, anyVary);
    if (kept) return kept;
    throw error;
  });
}

function withHeaders(response: Response): Response {
  // A redirect is followed by the browser, which asks again.
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(release.headers))
    if (name.startsWith("Cross-Origin-") || !headers.has(name)) headers.set(name, value);
  const { status, statusText } = response;
  const empty = status === 204 || status === 205 || status === 304;
  return new Response(empty ? null : response.body, { status, statusText, headers });
}

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => event.waitUntil(keep()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  // Chromium's developer tools send such requests, which fetch() refuses.
  if (request.cache === "only-if-cached" && request.mode !== "same-origin") return;
  event.respondWith(answer(event).then(withHeaders));
});
