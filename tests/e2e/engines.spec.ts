import { chromium } from "@playwright/test";
import { ended, expect, open, test, train, trainToEnd, until } from "./page.ts";

test("auto measures, passes over a software graphics adapter, and says so", async ({ page }) => {
  const end = await trainToEnd(page, "seed=9&until=updates:50");
  expect(end.backend).toBe("simd");
  expect(end.backendReason).toMatch(/take [\d.e-]+ ms an update of 80 rows, measured here\. .*WebGPU/);
  const asked = await trainToEnd(page, "seed=9&engine=simd&until=updates:50");
  expect(asked.parametersHash).toBe(end.parametersHash);
});

test("WebGPU is used when asked for, even on a software adapter, and learns as wasm does", async ({ page }) => {
  test.setTimeout(120_000);
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
  test.setTimeout(120_000);
  for (const algo of ["a2c", "a3c"]) {
    const query = `algo=${algo}&actors=${algo === "a2c" ? 3 : 1}&envs=2&hidden=16,16&evalEvery=1000&until=updates:40`;
    const simd = await trainToEnd(page, `${query}&engine=simd`);
    await open(page, `${query}&engine=webgpu`);
    await train(page);
    const gpu = await until(page, "the WebGPU run ends", ended, 60_000);
    expect(gpu.problem).toBeNull();
    expect(gpu.backend).toBe("webgpu");
    expect(gpu.updates).toBe(40);
    expect(gpu.query).toContain("engine=webgpu&");
    // Within float error the same run: the same episodes ended at the same steps.
    expect(gpu.curve.map(([steps, , mean]) => [steps, mean])).toEqual(
      simd.curve.map(([steps, , mean]) => [steps, mean]),
    );
  }
});

test("when the graphics process crashes, SIMD goes on with the same parameters and says so", async ({ page }) => {
  test.setTimeout(120_000);
  await open(page, "actors=2&envs=2&hidden=16&engine=webgpu&until=updates:1000");
  await train(page);
  const before = await until(page, "some updates are done", (r) => r.updates > 20, 60_000);
  expect(before.backend).toBe("webgpu");
  const client = await page.context().browser()!.newBrowserCDPSession();
  await client.send("Browser.crashGpuProcess").catch(() => {}); // the answer may be lost with the process
  const end = await until(page, "the run ends", ended, 60_000);
  expect(end.status).toBe("stopped");
  expect(end.updates).toBe(1000);
  expect(end.backend).toBe("simd");
  expect(end.backendReason).toMatch(/WebGPU failed during the run: .*Training goes on with SIMD/);
  // The next run asks for a device again.
  await train(page);
  await until(page, "the next run has begun", (r) => r.updates > 0 && r.updates < 1000, 60_000);
  const again = await until(page, "the next run ends", ended, 60_000);
  expect(again.backend).toBe("webgpu");
  expect(again.updates).toBe(1000);
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
