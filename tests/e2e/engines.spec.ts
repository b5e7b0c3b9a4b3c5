import { chromium } from "@playwright/test";
import { ended, expect, open, test, train, trainToEnd, until } from "./page.ts";

test("auto measures, passes over a software graphics adapter, and says so", async ({ page }) => {
  const end = await trainToEnd(page, "seed=9&until=updates:50");
  expect(end.backend).toBe("simd");
  expect(end.backendReason).toMatch(/take [\d.e-]+ ms a gradient of 80 rows, measured here\. .*WebGPU/);
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
  } finally {
    await browser.close();
  }
});
