/** The page under the headers that it asks of a host, as the preview sends them. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isolationHeaders } from "./host.ts";
import { expect, open, type report, test, train, until } from "./page.ts";

const dist = (file: string) => fileURLToPath(new URL(`../../dist/${file}`, import.meta.url));

test("every response has the declared headers; what is missing is not found, rather than the page", async ({
  request,
}) => {
  for (const path of ["/", "/start.js", "/service-worker.js", "/licenses.txt"]) {
    const response = await request.get(path);
    expect(response.status(), path).toBe(200);
    for (const [name, value] of Object.entries(isolationHeaders()))
      expect(response.headers()[name.toLowerCase()], `${path}: ${name}`).toBe(value);
  }
  const entry = /assets\/index-[\w-]+\.js/.exec(await (await request.get("/")).text())?.[0];
  expect((await request.get(`/${entry}`)).headers()["cache-control"]).toContain("immutable");
  for (const path of ["/assets/index-gone.js", "/assets/gone.wasm", "/elsewhere", "/elsewhere/page.html"]) {
    const response = await request.get(path, { headers: { accept: "text/html,*/*" } });
    expect(response.status(), path).toBe(404);
    expect(await response.text(), path).not.toContain("<script");
  }
});

test("the page has no script in its text, and names the licences of all that it ships", () => {
  const html = readFileSync(dist("index.html"), "utf8");
  expect([...html.matchAll(/<script(?![^>]*\ssrc=)/g)]).toEqual([]);
  expect(html).not.toMatch(/\son\w+=|javascript:/);
  expect(existsSync(dist("start.js"))).toBe(true);
  const licences = readFileSync(dist("licenses.txt"), "utf8");
  const shipped = [
    "@fontsource-variable/inter",
    "react",
    "react-dom",
    "@mantine/core",
    "recharts",
    "comlink",
    "zustand",
  ];
  for (const name of [...shipped, "zod", "idb", "@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm"])
    expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, "m"));
  for (const terms of ["SIL OPEN FONT LICENSE", "Apache License", "Permission is hereby granted"])
    expect(licences).toContain(terms);
});

test("every view and every engine works under the policy, which refuses nothing that the page does", async ({
  page,
  noise,
}) => {
  noise.allowed.push(/Refused to execute inline script|Executing inline script/); // the last lines provoke it
  await page.addInitScript(() => {
    const refused: string[] = [];
    Object.assign(window, { refused });
    document.addEventListener("securitypolicyviolation", (e) => refused.push(`${e.violatedDirective} ${e.blockedURI}`));
  });
  await open(page, "engine=simd&actors=2&pace=watchable");
  await train(page);
  await until(page, "it trains", (r) => r.updates > 3);
  for (const name of ["Systems", "Insides", "Runs"]) {
    await page.getByText(name, { exact: true }).click();
    await expect(page.getByRole("region", { name })).toBeVisible();
  }
  for (const kind of ["Chart as SVG", "PNG"]) {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: kind, exact: true }).click(),
    ]);
    expect(await download.failure()).toBeNull();
  }
  for (const [button, title] of [
    ["Compare runs", "Compare"],
    ["Hands on", "Hands on"],
  ]) {
    await page.getByRole("button", { name: button }).click();
    await expect(page.getByRole("dialog", { name: title })).toBeVisible();
    await page.keyboard.press("Escape");
  }
  await page.getByRole("combobox", { name: "Lessons" }).selectOption({ index: 1 });
  await expect(page.getByRole("heading", { name: /^Lesson:/ })).toBeVisible();
  await page.getByRole("button", { name: "Help" }).click();
  await expect(page.getByRole("link", { name: "Licences" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Reset" }).click();
  await until(page, "it is reset", (r) => r.status === "idle");
  for (const engine of ["tfjs-cpu", "tfjs-wasm", "tfjs-webgpu", "webgpu", "simd"]) {
    const end = (await page.evaluate(
      (query) => (window as unknown as { cartpool: { run(query: string): Promise<unknown> } }).cartpool.run(query),
      `engine=${engine}&actors=2&envs=2&until=updates:2`,
    )) as Awaited<ReturnType<typeof report>>;
    expect(end, engine).toMatchObject({ status: "stopped", problem: null, updates: 2, backend: engine });
  }
  expect(await page.evaluate(() => (window as unknown as { refused: string[] }).refused)).toEqual([]);
  // The policy is in effect.
  const evaluates = await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.head.append(script);
    return "ran" in window;
  });
  expect(evaluates).toBe(false);
});
