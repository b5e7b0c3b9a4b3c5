/** TensorFlow.js out of memory, really: a million rows of width 512 are two gigabytes a layer. */
import { expect, open, test, train, until } from "./page.ts";

test("TensorFlow.js out of memory says so in plain words, and the next run has a sound engine", async ({
  page,
  noise,
}) => {
  noise.allowed.push(/Aborted\(/);
  await open(page, "engine=tfjs-wasm&actors=16&envs=256&unroll=256&hidden=512&until=updates:3");
  await train(page);
  const failed = await until(page, "it fails", (r) => r.status === "failed", 150_000);
  expect(failed.problem).toMatch(/^TensorFlow\.js ran out of memory on tfjs-wasm \(.+\)\. Use a smaller batch/);
  await expect(page.getByRole("alert")).toContainText("or engine=simd");
  const next = await page.evaluate(() =>
    (window as unknown as { cartpool: { run(query: string): Promise<unknown> } }).cartpool.run(
      "engine=tfjs-wasm&actors=1&envs=2&hidden=4&until=updates:5",
    ),
  );
  expect(next).toMatchObject({ status: "stopped", problem: null, backend: "tfjs-wasm", updates: 5 });
});
