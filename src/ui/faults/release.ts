/** Why a part of the page could not be fetched: the connection, or a newer version of the page in its place. */
import { create } from "zustand";

/** there: the page's own version is still published, and the connection is back. */
export type Reason = "offline" | "newer" | "there";

/** What was found out last; null: nothing was amiss. */
export const useRelease = create<{ reason: Reason | null }>()(() => ({ reason: null }));

/** The file that this version of the page begins with: its name is that of its content. */
export const releaseName = (): string =>
  document.querySelector<HTMLScriptElement>("script[type=module][src]")?.src.split("/").at(-1) ?? "";

async function look(): Promise<Reason> {
  try {
    const response = await fetch(location.pathname, { cache: "no-store" });
    if (!response.ok) return "offline";
    return (await response.text()).includes(releaseName()) ? "there" : "newer";
  } catch {
    return "offline";
  }
}

let looking = false;

/** Finds out why something could not be fetched, and says so to whoever shows it. */
export function inquire(): void {
  if (looking) return;
  looking = true;
  void look().then((reason) => {
    looking = false;
    useRelease.setState({ reason });
  });
}

/** Addresses of style sheets that could not be fetched: whoever imports their part again takes them for loaded. */
const lostStyles = new Set<string>();

function fetchStyle(href: string): Promise<void> {
  return new Promise((done, fail) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    link.addEventListener("load", () => {
      lostStyles.delete(href);
      done();
    });
    link.addEventListener("error", () => fail(new Error(`The style sheet ${href} could not be fetched`)));
    document.head.append(link);
  });
}

/** Fetches the style sheets again that could not be had. */
export const restyle = (): Promise<unknown> => Promise.all([...lostStyles].map(fetchStyle));

/** Hears of everything that cannot be fetched while the page is open. */
export function followRelease(): void {
  window.addEventListener("vite:preloadError", inquire);
  const lost = ({ target }: Event) => {
    if (!(target instanceof HTMLLinkElement)) return;
    if (target.rel === "stylesheet") lostStyles.add(target.href);
    target.remove();
  };
  window.addEventListener("error", lost, true);
}
