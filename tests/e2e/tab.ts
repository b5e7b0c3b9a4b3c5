/**
 * One tab for the tests of a worker, one after the other: the page costs the processor a third where it has been open
 * before. A tab is handed on empty: another document of the site, nothing stored, nobody listening. What cannot be undone
 * ends it, and so does a failure.
 */
import type { Browser, BrowserContext, CDPSession, Page } from "@playwright/test";

interface Tab {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly devtools: CDPSession;
  readonly size: ReturnType<Page["viewportSize"]>;
  /** Whether something was done to it that lasts. */
  isBent: boolean;
}

/** A document of the site that does nothing, in the same process. */
const NOWHERE = "/systems.png";
const KEPT = "cookies,file_systems,indexeddb,local_storage,cache_storage";

/** What lasts in a tab. */
const lastingInPage = ["addInitScript", "close"] as const;
const lastingInContext = ["addInitScript", "grantPermissions", "newCDPSession", "newPage", "setOffline"] as const;
const events = ["console", "download", "pageerror", "requestfailed", "worker"] as const;

let tab: Tab | null = null;

async function openTab(browser: Browser): Promise<Tab> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  const opened: Tab = { context, page, devtools, size: page.viewportSize(), isBent: false };
  const watch = <T, K extends keyof T>(of: T, methods: readonly K[]) => {
    for (const method of methods) {
      const original = of[method] as (...args: unknown[]) => unknown;
      of[method] = ((...args: unknown[]) => {
        opened.isBent = true;
        return original.apply(of, args);
      }) as T[K];
    }
  };
  watch(page, lastingInPage);
  watch(page.clock, ["install"]);
  watch(context, lastingInContext);
  return opened;
}

const usual = { media: null, colorScheme: null, reducedMotion: null, forcedColors: null, contrast: null };

/** Leaves the page, forgets what its site has stored, and looks and fetches as a new tab does. */
async function empty({ page, devtools, size }: Tab): Promise<void> {
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.goto(NOWHERE);
  await page.evaluate(() => sessionStorage.clear());
  const { origin } = new URL(page.url());
  await devtools.send("Storage.clearDataForOrigin", { origin, storageTypes: KEPT });
  for (const event of events) await page.removeAllListeners(event);
  await page.emulateMedia(usual);
  if (size) await page.setViewportSize(size);
}

/** The tab of this worker, as if it were new. */
export async function borrowTab(browser: Browser): Promise<BrowserContext> {
  tab ??= await openTab(browser);
  return tab.context;
}

/** @param isFine whether the test that had it has passed */
export async function returnTab(isFine: boolean): Promise<void> {
  if (!tab) return;
  const { context } = tab;
  const isEmpty =
    isFine &&
    !tab.isBent &&
    (await empty(tab).then(
      () => true,
      () => false,
    ));
  if (isEmpty) return;
  tab = null;
  await context.close();
}
