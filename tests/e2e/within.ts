/** What a test does from within a page that no Playwright drives. Each function sees its argument and nothing around it. */
import type { Report } from "../../src/ui/state/report.ts";

/** Runs a query in the page that calls it. */
export const runHere = (query: string): Promise<Report> =>
  (window as unknown as { cartpool: { run(query: string): Promise<Report> } }).cartpool.run(query);

/** Presses Train as soon as it is there, and waits for the end. */
export const pressTrain = async (): Promise<Report> => {
  const soon = () => new Promise((resolve) => setTimeout(resolve, 50));
  const findTrain = () => [...document.querySelectorAll("button")].find((b) => b.innerText.startsWith("Train"));
  while (!findTrain()) await soon();
  findTrain()?.click();
  for (;;) {
    const report = (window as unknown as { cartpool: { report(): Report } }).cartpool.report();
    if (report.status === "stopped" || report.status === "failed") return report;
    await soon();
  }
};

/** Opens every pane and dialog once while a run of this query goes on. Returns what was opened; throws where something does not come. */
export const walkPanes = async (query: string): Promise<string[]> => {
  const cartpool = (window as unknown as { cartpool: { run(query: string): Promise<Report>; report(): Report } })
    .cartpool;
  const seen: string[] = [];
  const wait = async <T>(what: string, look: () => T | null | undefined | false): Promise<T> => {
    for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((next) => setTimeout(next, 50))) {
      const found = look();
      if (found) return found;
    }
    throw new Error(`${what} does not come`);
  };
  const one = (selector: string) => document.querySelector<HTMLElement>(selector);
  const button = (name: string) => () =>
    [...document.querySelectorAll("button")].find(
      (b) => (b.getAttribute("aria-label") ?? b.innerText.trim()).startsWith(name) && !b.disabled,
    );
  const press = async (name: string) => (await wait(`the button ${name}`, button(name))).click();
  const comes = async (what: string, look: () => unknown) => {
    await wait(what, look);
    seen.push(what);
  };
  const goes = (what: string, selector: string) => wait(`the end of ${what}`, () => !one(selector));

  void cartpool.run(query);
  await wait("an update", () => cartpool.report().status === "running" && cartpool.report().updates > 2);
  for (const [pane, sign] of [
    ["systems", "section[aria-label=Systems] canvas, .columns p[data-one-thread]"],
    ["insides", "section[aria-label=Insides] canvas"],
    ["runs", "section[aria-label=Runs] table"],
    ["learning", "[data-chart] svg"],
  ]) {
    one(`input[type=radio][value=${pane}]`)?.click();
    await comes(pane, () => one(sign));
  }
  for (const [name, sign] of [
    ["Compare", "[role=dialog] [aria-label=Configurations]"],
    ["Hands on", "[role=dialog] [aria-label='Who drives']"],
  ]) {
    await press(name);
    await comes(name, () => one(sign));
    (await wait("its end", () => one("[role=dialog] [aria-label=Close]"))).click();
    await goes(name, "[role=dialog] [aria-label=Close]");
  }
  for (const [name, sign] of [
    ["Share", "[aria-label='Share this run'] [aria-label='Address of this run']"],
    ["Help", "[role=dialog][aria-label=Help]"],
    ["Learner backend", "[role=dialog][aria-label='Learner backend']"],
  ]) {
    await press(name);
    await comes(name, () => one(sign));
    if (name === "Learner backend") break;
    await press(name);
    await goes(name, sign);
  }
  await press("How fast is this machine?");
  await comes("benchmark", () => one("[role=dialog] [aria-label=Close]"));
  one("[role=dialog] [aria-label=Close]")?.click();
  await goes("benchmark", "[role=dialog] [aria-label=Close]");

  const lessons = one("select[aria-label=Lessons]") as HTMLSelectElement;
  lessons.value = lessons.options[1].value;
  lessons.dispatchEvent(new Event("change", { bubbles: true }));
  await comes("lesson", () => one("#lesson-title"));
  await press("Close the lesson");

  const { updates, status, problem } = cartpool.report();
  if (status !== "running") throw new Error(`the run is ${status}: ${problem}`);
  await wait("another update", () => cartpool.report().updates > updates);
  await press("Pause");
  return seen;
};
