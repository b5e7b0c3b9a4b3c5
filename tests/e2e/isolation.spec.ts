import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, train, until } from "./page.ts";

const dist = fileURLToPath(new URL("../../dist", import.meta.url));
const types: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/** A static host that sends no headers of its own. */
function plainHost(): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://host").pathname);
    const file = join(dist, path.endsWith("/") ? `${path}index.html` : path);
    if (!file.startsWith(dist) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address() as { port: number };
      resolve({ server, url: `http://127.0.0.1:${address.port}/` });
    });
  });
}

test("the served page is isolated from the start", async ({ page }) => {
  const response = await page.goto("/");
  expect(response?.headers()["cross-origin-opener-policy"]).toBe("same-origin");
  expect(response?.headers()["cross-origin-embedder-policy"]).toBe("require-corp");
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(await page.evaluate(() => navigator.serviceWorker.getRegistrations().then((r) => r.length))).toBe(0);
});

test("on a host without headers the service worker isolates the page, which then trains", async ({ page }) => {
  const { server, url } = await plainHost();
  try {
    await page.goto(`${url}?actors=2&until=updates:10`);
    await expect.poll(() => page.evaluate(() => crossOriginIsolated).catch(() => false)).toBe(true);
    await train(page);
    const end = await until(page, "it ends", (r) => r.status === "stopped");
    expect(end.updates).toBe(10);
  } finally {
    server.close();
  }
});

test("where nothing can isolate the page, it says what is missing and what to do", async ({ browser }) => {
  const { server, url } = await plainHost();
  const context = await browser.newContext({ serviceWorkers: "block" });
  try {
    const page = await context.newPage();
    await page.goto(url);
    await expect(page.getByText(/cross-origin isolated/).first()).toBeVisible();
    await expect(page.getByText(/_headers|ordinary window/).first()).toBeVisible();
    await expect(page.getByRole("button", { name: /^Train/ })).toHaveCount(0);
  } finally {
    await context.close();
    server.close();
  }
});
