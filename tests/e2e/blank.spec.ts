/** Whatever goes wrong with a part of the page: the rest of it stays, and the run goes on and is kept. */
import type { Locator, Page } from "@playwright/test";
import { violations } from "./axe.ts";
import { host, isolationHeaders } from "./host.ts";
import { expect, open, report, test, train, until } from "./page.ts";

const running = "engine=simd&actors=2&pace=watchable";
const faults = (page: Page, name: RegExp) => page.getByRole("alert").filter({ hasText: name });
const goesOn = async (page: Page) => {
  const { updates } = await report(page);
  await until(page, "the run goes on", (r) => r.status === "running" && r.updates > updates);
};
const pane = (page: Page, name: string) =>
  page.getByRole("radiogroup", { name: "Below the reward curve" }).getByText(name, { exact: true }).click();
/** Presses a button that loads the page anew, and waits until that has happened. */
async function reloadBy(page: Page, button: Locator): Promise<void> {
  await page.evaluate(() => Object.assign(window, { before: true }));
  await button.click();
  const isAnew = () => page.evaluate(() => !("before" in window) && "cartpool" in window).catch(() => false); // it is on its way
  await expect.poll(isAnew, { timeout: 90_000 }).toBe(true);
}
/** From the first to the last: a list of runs whose newest is under way. */
const stepsOfNewest = (page: Page) => page.getByRole("region", { name: "Runs" }).locator("td[data-name=env-steps]");

test("a part that cannot be fetched says so in its place, and is there once it can be; the run goes on", async ({
  page,
  noise,
}) => {
  noise.allowed.push(/ERR_|Failed to (load|fetch)/);
  let down = false;
  let asked = 0; // when something was asked for last
  const site = await host({
    headers: isolationHeaders(),
    answer(request) {
      asked = performance.now();
      if (down) request.socket.destroy();
      return down;
    },
  });
  try {
    await page.goto(`${site.url}?${running}`);
    await expect(page.locator('[data-chart="return"]')).toBeVisible();
    await until(page, "its threads are there", (r) => r.workerCount >= 4 && r.backend !== "");
    // A thread is counted before its scripts are there.
    await expect.poll(() => performance.now() - asked).toBeGreaterThan(1000);
    down = true;
    await train(page);
    await until(page, "it trains", (r) => r.updates > 3);
    await expect(faults(page, /^The doctor could not be fetched/)).toContainText("There is no connection");
    for (const [name, fault] of [
      ["Systems", /^The view of the system could not/],
      ["Runs", /^The list of runs could not/],
      ["Insides", /^The view of the network could not/],
    ] as const) {
      await pane(page, name);
      await expect(faults(page, fault)).toContainText("The run goes on and is kept");
    }
    for (const [button, fault] of [
      ["Compare runs", /^The comparison of runs could not/],
      ["Hands on", /^The pole to play with could not/],
    ] as const) {
      await page.getByRole("button", { name: button }).click();
      await expect(faults(page, fault)).toBeVisible();
      await faults(page, fault).getByRole("button", { name: "Dismiss" }).click();
      await expect(faults(page, fault)).toHaveCount(0);
    }
    await page.getByRole("combobox", { name: "Lessons" }).selectOption({ index: 1 });
    await expect(faults(page, /^The lesson could not/)).toBeVisible();
    await page.getByRole("button", { name: /^Learner backend/ }).click();
    await page.getByRole("button", { name: "How fast is this machine?" }).click();
    const overPage = faults(page, /^The benchmark could not/);
    await expect(overPage).toBeInViewport({ ratio: 1 });
    expect(await violations(page)).toEqual([]);
    await goesOn(page);

    down = false;
    await overPage.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("dialog", { name: "How fast is this machine?" })).toBeVisible();
    await page.keyboard.press("Escape");
    await faults(page, /^The lesson could not/)
      .getByRole("button", { name: "Try again" })
      .click();
    await expect(page.getByRole("heading", { name: /^Lesson:/ })).toBeVisible();
    await page.getByRole("button", { name: "Close the lesson" }).click();
    await faults(page, /^The view of the network/)
      .getByRole("button", { name: "Try again" })
      .click();
    await expect(page.getByRole("region", { name: "Insides" })).toBeVisible();
    // Its style sheet too, which had failed.
    await expect(page.getByRole("region", { name: "Insides" })).toHaveCSS("display", /flex|grid/);
    // What failed and was left is tried again when it is wanted again.
    await pane(page, "Systems");
    await expect(page.getByRole("region", { name: "Systems" })).toBeVisible();
    await page.getByRole("button", { name: "Hands on" }).click();
    await expect(page.getByRole("dialog", { name: "Hands on" })).toBeVisible();
    await page.keyboard.press("Escape");
    await faults(page, /^The doctor could not/)
      .getByRole("button", { name: "Try again" })
      .click();
    await expect(page.getByRole("alert")).toHaveCount(0);
    await goesOn(page);
  } finally {
    site.server.close();
  }
});

test("where what keeps runs cannot be fetched, it says so; once it can be, the run under way is kept", async ({
  page,
  noise,
}) => {
  noise.allowed.push(/ERR_|Failed to (load|fetch)/);
  await page.route(/assets\/recorder-/, (route) => route.abort());
  await open(page, running);
  const card = page.locator(".cards").getByRole("alert");
  await expect(card).toContainText("This browser does not keep runs now");
  await train(page);
  await until(page, "it trains", (r) => r.updates > 3);
  const inVain = page.waitForEvent("requestfailed");
  await card.getByRole("button", { name: "Try again" }).click();
  await inVain;
  await expect(card).toContainText("This browser does not keep runs now");
  await page.unroute(/assets\/recorder-/);
  await card.getByRole("button", { name: "Try again" }).click();
  await expect(card).toHaveCount(0);
  // They share a part with it.
  await faults(page, /^The charts could not/)
    .getByRole("button", { name: "Try again" })
    .click();
  await pane(page, "Runs");
  await expect(stepsOfNewest(page)).toHaveCount(1);
});

test("where a newer version took away a part, it says so; a reload keeps the run first, which then goes on", async ({
  page,
  noise,
}) => {
  noise.allowed.push(/ERR_|404|Failed to (load|fetch)|Refused to apply style/);
  let published: "this" | "newer" = "this";
  const site = await host({
    headers: isolationHeaders(),
    answer({ url = "" }, response) {
      if (published === "this") return false;
      if (url === "/")
        response
          .writeHead(200, { "content-type": "text/html" })
          .end('<!doctype html><script type="module" src="./assets/index-newer.js"></script>');
      else response.writeHead(404).end();
      return true;
    },
  });
  try {
    await page.goto(`${site.url}?${running}`);
    await train(page);
    await until(page, "it trains", (r) => r.updates > 3);
    published = "newer";
    await pane(page, "Insides");
    await expect(faults(page, /^The view of the network could not/)).toContainText("A newer version of this page");
    const strip = page.getByRole("complementary", { name: "Newer version" });
    await expect(strip).toContainText("A newer version of this page has been published");
    expect(await violations(page)).toEqual([]);
    await goesOn(page);
    const { updates } = await report(page);
    published = "this";
    await reloadBy(page, strip.getByRole("button", { name: "Reload" }));
    await pane(page, "Runs");
    await page.getByRole("button", { name: /^More about/ }).click();
    await page.getByRole("menuitem", { name: "Go on with it" }).click();
    await until(page, "it goes on from there", (r) => r.updates >= updates);
  } finally {
    site.server.close();
  }
});

test("an error while a part is drawn leaves the rest; its message can be copied, and the run goes on and is kept", async ({
  page,
  noise,
}) => {
  noise.allowed.push(/broken on purpose|removeChild/);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.route("**/assets/InsidesPanel-*.js", (route) =>
    route.fulfill({
      contentType: "text/javascript",
      headers: isolationHeaders(),
      body: 'export default () => { throw new Error("broken on purpose"); }',
    }),
  );
  // The list of three actors can be broken, too.
  await page.addInitScript(() => {
    const from = Array.from;
    Array.from = ((like: ArrayLike<unknown>, ...rest: []) => {
      if (like?.length === 3 && !Array.isArray(like) && "broken" in window) throw new Error("broken on purpose");
      return from(like, ...rest);
    }) as typeof from;
  });
  await open(page, running.replace("actors=2", "actors=3"));
  await train(page);
  await until(page, "it trains", (r) => r.updates > 3);

  await pane(page, "Insides");
  const card = faults(page, /^The view of the network met an error/);
  await expect(card).toContainText("broken on purpose. The run goes on and is kept.");
  await card.getByRole("button", { name: "Copy the message" }).click();
  await expect(card.getByRole("button", { name: "Copied" })).toBeVisible();
  const message = await page.evaluate(() => navigator.clipboard.readText());
  for (const part of [/^Cartpool: the view of the network/, /broken on purpose/, /Version: index-[\w-]+\.js/])
    expect(message).toMatch(part);
  for (const part of [/Browser: Mozilla/, /Run: .*actors=3/, /Components:/]) expect(message).toMatch(part);
  await goesOn(page);

  // A part of the first page.
  await page.evaluate(() => Object.assign(window, { broken: true }));
  await page
    .getByRole("textbox", { name: "Copies per actor", exact: true })
    .or(page.locator("#param-envs"))
    .first()
    .fill("3");
  await page.keyboard.press("Enter");
  await page.emulateMedia({ reducedMotion: "reduce" });
  await expect(faults(page, /^The actors met an error/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await goesOn(page);
  await page.evaluate(() => Reflect.deleteProperty(window, "broken"));
  await faults(page, /^The actors met an error/)
    .getByRole("button", { name: "Try again" })
    .click();
  await expect(page.getByRole("heading", { name: "Actor 3" })).toBeVisible();

  // Even where the page as a whole cannot be drawn.
  await page.evaluate(() => document.querySelector("main")?.remove());
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(faults(page, /^The page met an error/)).toBeVisible();
  await goesOn(page);
  const { updates } = await report(page);
  await reloadBy(page, faults(page, /^The page met an error/).getByRole("button", { name: "Reload" }));
  await page.getByRole("tab", { name: "Curves" }).click();
  await pane(page, "Runs");
  await expect(stepsOfNewest(page)).toHaveCount(1);
  await page.getByRole("button", { name: /^More about/ }).click();
  await page.getByRole("menuitem", { name: "Go on with it" }).click();
  await until(page, "it goes on from there", (r) => r.updates >= updates);
});

test("a page whose code cannot be fetched at all says so", async ({ page, noise }) => {
  noise.allowed.push(/ERR_|404|Failed to (load|fetch)|Refused to apply style/);
  const site = await host({
    headers: isolationHeaders(),
    answer({ url = "" }, response) {
      if (!/assets\/react-/.test(url)) return false;
      response.writeHead(404).end();
      return true;
    },
  });
  try {
    await page.goto(site.url);
    await expect(page.getByRole("heading", { name: "Cartpool could not start" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Reload" })).toBeVisible();
    expect(await violations(page)).toEqual([]);
  } finally {
    site.server.close();
  }
});

/** Does to every text what a browser's translator does, now and whenever one changes. */
function translate(how: "wraps" | "replaces"): void {
  const done = new WeakSet<Node>();
  const each = (text: Text) => {
    const parent = text.parentElement;
    if (
      done.has(text) ||
      !parent ||
      !text.data.trim() ||
      /^(script|style|textarea|title|option)$/i.test(parent.tagName)
    )
      return;
    if (parent.closest("font, svg")) return;
    const outer = document.createElement("font");
    const inner = outer.appendChild(document.createElement("font"));
    const shown = how === "wraps" ? text : document.createTextNode(text.data);
    done.add(shown);
    parent.replaceChild(outer, text);
    inner.append(shown);
  };
  const all = (root: Node) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    texts.forEach(each);
  };
  all(document.body);
  new MutationObserver((records) => {
    for (const { addedNodes } of records) addedNodes.forEach(all);
  }).observe(document.body, { childList: true, subtree: true });
}

for (const how of ["wraps", "replaces"] as const)
  test(`a translator that ${how} every text breaks nothing`, async ({ page }) => {
    await open(page, `${running}&algo=a3c&until=updates:200`);
    await page.evaluate(translate, how);
    expect(await page.evaluate(() => document.querySelectorAll("font > font").length)).toBeGreaterThan(50);
    const whole = async () => {
      await expect(page.getByRole("alert")).toHaveCount(0);
      for (const name of ["Parameters", "Return", "Actors"])
        await expect(page.getByRole("heading", { name, exact: true })).toBeVisible();
    };
    await page.getByRole("button", { name: "Train" }).click();
    await until(page, "it trains", (r) => r.updates > 5);
    await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
    for (const name of ["Systems", "Insides", "Runs", "Learning"]) {
      await pane(page, name);
      if (name !== "Learning") await expect(page.getByRole("region", { name })).toBeVisible();
      await page.locator('[data-chart="return"]').hover();
    }
    await page.getByRole("button", { name: "Full speed" }).click();
    await until(page, "it ends", (r) => r.status === "stopped");
    await expect(page.getByRole("complementary", { name: "End of the run" })).toContainText("The run has ended");
    // What the page says of the chart is of now.
    await expect(page.locator("#return-summary")).toContainText("Latest: mean");
    await whole();
    for (const [button, title] of [
      ["Compare runs", "Compare"],
      ["Hands on", "Hands on"],
    ]) {
      await page.getByRole("button", { name: button }).click();
      await expect(page.getByRole("dialog", { name: title })).toBeVisible();
      if (title === "Compare") await page.getByRole("button", { name: "A2C against A3C" }).click();
      else await page.keyboard.press("ArrowLeft");
      await page.keyboard.press("Escape");
      await expect(page.getByRole("dialog")).toHaveCount(0);
    }
    for (const button of ["Help", "Share", /^Learner backend/]) {
      await page.getByRole("button", { name: button }).first().click();
      await page.keyboard.press("Escape");
    }
    await page.getByRole("button", { name: "Reset" }).click();
    await until(page, "it is reset", (r) => r.status === "idle");
    await page.getByRole("combobox", { name: "Lessons" }).selectOption({ index: 1 });
    await expect(page.getByRole("heading", { name: /^Lesson:/ })).toBeVisible();
    await page
      .getByRole("region", { name: /^Lesson/ })
      .getByRole("radio")
      .first()
      .check();
    await page.getByRole("button", { name: /^Run A/ }).click();
    await until(page, "a run of the lesson begins", (r) => r.updates > 5);
    await page.getByRole("button", { name: "Close the lesson" }).click();
    await page.getByRole("button", { name: "Reset" }).click();
    await until(page, "it is reset", (r) => r.status === "idle");
    await whole();
  });
