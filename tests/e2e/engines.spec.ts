import { chromium, type Page } from "@playwright/test";
import type { Report } from "../../src/ui/state/report.ts";
import { ended, expect, open, report, test, train, trainToEnd, until } from "./page.ts";

/** The learner's thread, once the page has said which engine it will use. */
async function learnerOf(page: Page) {
  await until(page, "the engine is prepared", (r) => r.backend !== "");
  return page.workers().find((worker) => worker.url().includes("learner.worker"))!;
}

test("auto measures, passes over a software graphics adapter, and says so", async ({ page }) => {
  const end = await trainToEnd(page, "seed=9&until=updates:50");
  expect(end.backend).toBe("simd");
  expect(end.backendReason).toMatch(
    /take [\d.e-]+ ms an update of 80 rows \(20 at each of 4 actors, on \d+ cores\), measured here\. .*WebGPU/,
  );
  await page.getByRole("button", { name: /^Learner backend/ }).click();
  await expect(page.getByRole("button", { name: "Use SIMD" })).toHaveText("in use");
  await expect(page.getByRole("button", { name: "Use WebGPU" })).toHaveText("use");
  const asked = await trainToEnd(page, "seed=9&engine=simd&until=updates:50");
  expect(asked.parametersHash).toBe(end.parametersHash);
});

test("WebGPU is used when asked for, even on a software adapter, and learns as wasm does", async ({ page }) => {
  const query = "actors=2&envs=2&hidden=16&evalEvery=1000&until=updates:6";
  const wasm = await trainToEnd(page, `${query}&engine=tfjs-wasm`);
  expect(wasm.backend).toBe("tfjs-wasm");
  await open(page, `${query}&engine=tfjs-webgpu`);
  await train(page);
  const gpu = await until(page, "the WebGPU run ends", ended, 100_000);
  expect(gpu.problem).toBeNull();
  expect(gpu.backend).toBe("tfjs-webgpu");
  // Within float error the same run: the same episodes ended at the same steps.
  expect(gpu.curve.map(([steps, , mean]) => [steps, mean])).toEqual(wasm.curve.map(([steps, , mean]) => [steps, mean]));
});

test("the fused WebGPU learner trains both algorithms, as the SIMD kernels do", async ({ page }) => {
  for (const of of [
    "algo=a2c&actors=3",
    "algo=a2c&actors=3&trunk=separate&normalise=on&rewardScale=running",
    "algo=a3c&actors=1&normalise=on",
  ]) {
    const query = `${of}&envs=2&hidden=16,16&evalEvery=1000&until=updates:30`;
    const simd = await trainToEnd(page, `${query}&engine=simd`);
    await open(page, `${query}&engine=webgpu`);
    await train(page);
    const gpu = await until(page, "the WebGPU run ends", ended);
    expect(gpu.problem).toBeNull();
    expect(gpu.backend).toBe("webgpu");
    expect(gpu.updates).toBe(30);
    expect(gpu.query).toContain("engine=webgpu&");
    // Within float error the same run: the same episodes ended at the same steps.
    expect(gpu.curve.map(([steps, , mean]) => [steps, mean])).toEqual(
      simd.curve.map(([steps, , mean]) => [steps, mean]),
    );
  }
});

test("when the graphics process crashes, SIMD goes on with the same parameters and says so", async ({ page }) => {
  await open(page, "actors=2&envs=2&hidden=16&engine=webgpu&until=updates:1000");
  await train(page);
  const before = await until(page, "some updates are done", (r) => r.updates > 20);
  expect(before.backend).toBe("webgpu");
  const client = await page.context().browser()!.newBrowserCDPSession();
  await client.send("Browser.crashGpuProcess").catch(() => {}); // the answer may be lost with the process
  const end = await until(page, "the run ends", ended);
  expect(end.status).toBe("stopped");
  expect(end.updates).toBe(1000);
  expect(end.backend).toBe("simd");
  expect(end.backendReason).toMatch(/WebGPU failed during the run: .*Training goes on with SIMD/);
  // The next run asks for a device again.
  await train(page);
  await until(page, "the next run has begun", (r) => r.updates > 0 && r.updates < 1000);
  const again = await until(page, "it trains", (r) => r.updates > 20);
  expect(again.backend).toBe("webgpu");
});

for (const [what, fault] of [
  ["a buffer over the device's limit", "buffer"],
  ["a dispatch that it does not allow", "dispatch"],
] as const)
  test(`when the graphics device reports ${what}, SIMD goes on with the same parameters and says so`, async ({
    page,
    noise,
  }) => {
    noise.allowed.push(/size|limit|dispatch|workgroup|invalid/i);
    await open(page, "actors=2&envs=2&hidden=16&engine=webgpu&until=updates:400");
    await train(page);
    const before = await until(page, "some updates are done", (r) => r.updates > 20);
    expect(before.backend).toBe("webgpu");
    const learner = await learnerOf(page);
    await learner.evaluate((fault) => {
      const once = <T extends object, K extends keyof T>(of: T, method: K, then: (self: T) => void) => {
        const original = of[method] as (...args: unknown[]) => unknown;
        const wrapped = function (this: T, ...args: unknown[]) {
          of[method] = original as T[K];
          then(this);
          return original.apply(this, args);
        };
        of[method] = wrapped as T[K];
      };
      if (fault === "dispatch")
        once(GPUComputePassEncoder.prototype, "dispatchWorkgroups", (pass) => pass.dispatchWorkgroups(2 ** 24));
      else
        once(GPUDevice.prototype, "createCommandEncoder", (device) => {
          device.createBuffer({ size: 2 * device.limits.maxBufferSize, usage: GPUBufferUsage.STORAGE });
        });
    }, fault);
    const end = await until(page, "the run ends", ended);
    expect(end.problem).toBeNull();
    expect(end.updates).toBe(400);
    expect(end.backend).toBe("simd");
    expect(end.backendReason).toMatch(
      /WebGPU failed during the run: the graphics device reported: [^.]+\. Training goes on with SIMD/,
    );
  });

test("a device that is lost between preparing and the run leaves it to SIMD, and the badge says so", async ({
  page,
  noise,
}) => {
  noise.allowed.push(/lost|destroyed|WebGPU/i);
  await open(page, "actors=2&envs=2&hidden=16&engine=webgpu&until=updates:30");
  const learner = await learnerOf(page);
  await learner.evaluate(() => {
    const { createBuffer } = GPUDevice.prototype;
    GPUDevice.prototype.createBuffer = function (...of) {
      Object.assign(self, { device: this });
      return createBuffer.apply(this, of);
    };
  });
  await train(page);
  expect((await until(page, "the first run ends", ended)).backend).toBe("webgpu");
  await learner.evaluate(() => {
    // The device goes just before the answer to the next `prepare`.
    const post = self.postMessage.bind(self);
    const { device } = self as unknown as { device: GPUDevice };
    navigator.gpu.requestAdapter = async () => null;
    self.postMessage = (message: { value?: { engine?: string } }) => {
      if (message.value?.engine !== "webgpu") return post(message);
      device.destroy();
      void device.lost.then(() => post(message));
    };
  });
  await train(page);
  const end = await until(page, "the second run ends", (r) => ended(r) && r.backend === "simd");
  expect(end.problem).toBeNull();
  expect(end.updates).toBe(30);
  expect(end.backendReason).toMatch(/No WebGPU: .*Gradients run on the SIMD kernels instead/);
  await expect(page.getByRole("button", { name: /^Learner backend: SIMD/ })).toBeVisible();
});

test("runs leave no buffers behind on the graphics device", async ({ page }) => {
  await open(page, "actors=2&envs=2&hidden=16&engine=webgpu&until=updates:30");
  const learner = await learnerOf(page);
  await learner.evaluate(() => {
    const { createBuffer } = GPUDevice.prototype;
    const { destroy } = GPUBuffer.prototype;
    const alive = new Set<GPUBuffer>();
    Object.assign(self, { alive });
    GPUDevice.prototype.createBuffer = function (...of) {
      const buffer = createBuffer.apply(this, of);
      alive.add(buffer);
      return buffer;
    };
    GPUBuffer.prototype.destroy = function () {
      alive.delete(this);
      return destroy.apply(this);
    };
  });
  for (let run = 0; run < 2; run++) {
    await train(page);
    const end = await until(page, "the run ends", (r) => ended(r) && r.updates === 30);
    expect(end.backend).toBe("webgpu");
    await expect.poll(() => learner.evaluate(() => (self as unknown as { alive: Set<GPUBuffer> }).alive.size)).toBe(0);
  }
});

test("Train does not wait for all engines to be measured, and the panel shows those that were", async ({ page }) => {
  await open(page, "");
  await learnerOf(page);
  await page.getByRole("button", { name: /^Learner backend/ }).click();
  const measure = page.getByRole("button", { name: "Measure every engine" });
  await measure.click();
  await expect(measure).toHaveAttribute("data-loading");
  const run = page.evaluate(() => {
    const { cartpool } = window as unknown as { cartpool: { run(query: string): Promise<Report> } };
    return cartpool.run("engine=simd&until=never");
  });
  await until(page, "it trains", (r) => r.status === "running" && r.updates > 0);
  await expect(measure).not.toHaveAttribute("data-loading");
  expect((await report(page)).status).toBe("running");
  const rows = await page.getByRole("button", { name: /^Use / }).count();
  expect(rows).toBeGreaterThan(0);
  expect(rows).toBeLessThan(5);
  await page
    .getByRole("button", { name: /^Reset/ })
    .first()
    .click();
  expect((await run).problem).toBeNull();
});

test("actors and evaluator have compiled their kernels before Train is pressed, and compile none afterwards", async ({
  page,
}) => {
  await page.route(/(actor|evaluator)\.worker/, async (route) => {
    const response = await route.fetch();
    const count =
      "self.compiled = 0; WebAssembly.Module = class extends WebAssembly.Module { constructor(of) { super(of); self.compiled++; } };\n";
    await route.fulfill({ response, body: count + (await response.text()) });
  });
  const compiled = () =>
    Promise.all(
      page
        .workers()
        .filter((worker) => !worker.url().includes("learner"))
        .map((worker) => worker.evaluate(() => (self as unknown as { compiled: number }).compiled)),
    );
  await open(page, "actors=2&until=updates:50");
  await expect.poll(compiled).toEqual([1, 1, 1]);
  await train(page);
  await until(page, "the run ends", (r) => ended(r) && r.updates === 50);
  expect(await compiled()).toEqual([1, 1, 1]);
});

test("fused multiply-adds train too, where the browser has them, and it says so where not", async ({ page }) => {
  const query = "seed=9&engine=simd&until=updates:200";
  const fused = await trainToEnd(page, `${query}&arithmetic=fastest`);
  expect(fused.updates).toBe(200);
  expect(fused.query).toContain("arithmetic=fastest");
  const reproducible = await trainToEnd(page, query);
  const missing = /no fused multiply-adds/.test(fused.backendReason);
  expect(fused.parametersHash === reproducible.parametersHash).toBe(missing);
});

test("plain JavaScript trains too", async ({ page }) => {
  const end = await trainToEnd(page, "engine=tfjs-cpu&until=updates:20");
  expect(end.backend).toBe("tfjs-cpu");
  expect(end.updates).toBe(20);
});

test("without WebGPU, a run that asks for it falls back to WebAssembly and says why", async () => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH || undefined,
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-features=WebGPU",
      "--disable-gpu",
      "--disable-quic",
    ],
  });
  try {
    const page = await browser.newPage({ baseURL: test.info().project.use.baseURL });
    const end = await trainToEnd(page, "engine=tfjs-webgpu&until=updates:5");
    expect(end.backend).toBe("tfjs-wasm");
    expect(end.backendReason).toMatch(/No WebGPU: .+/);
    await expect(page.getByText("WebAssembly").first()).toBeVisible();
    const fused = await trainToEnd(page, "engine=webgpu&until=updates:5");
    expect(fused.backend).toBe("simd");
    expect(fused.backendReason).toMatch(/No WebGPU: .+SIMD kernels instead/);
  } finally {
    await browser.close();
  }
});
