/** Looking into the policy: what the page says is compared with the same run, made by the test itself. */
import type { Page } from "@playwright/test";
import { envs } from "../../src/envs/index.ts";
import { RunWatch } from "../../src/runtime/seen/watch.ts";
import { decodeRun } from "../../src/ui/address/url.ts";
import { outputsOver } from "../../src/ui/insides/look.ts";
import { short } from "../../src/ui/parts/format.ts";
import type { Report } from "../../src/ui/state/report.ts";
import { runUntil, type SimdStage, simdStage } from "../runtime/simd.ts";
import { always } from "../runtime/stage.ts";
import { expect, open, test, train, until } from "./page.ts";

const environment = envs["CartPole-v1"];

/** Observations of all copies, actor by actor, once every actor has filled its next unroll. [copies, 4] */
function observed({ memory, plan }: SimdStage): Float32Array {
  const [size, k] = [environment.state.length, environment.observations.length];
  const all = new Float32Array(plan.actors * plan.B * k);
  memory.actors.forEach(({ copies: { state } }, i) => {
    for (let b = 0; b < plan.B; b++) {
      const at = (i * plan.B + b) * k;
      environment.observe(state.subarray(b * size, (b + 1) * size), all.subarray(at, at + k));
    }
  });
  return all;
}

/** The lockstep run of this query after so many updates, the one before them, and what is there to see of it. */
async function sameRun(query: string, updates: number) {
  const { config } = decodeRun(query);
  const of = simdStage(config);
  const { learner, plan, memory } = of;
  await runUntil(of, () => learner.record.updates === updates - 1);
  const before = learner.parameters.slice();
  await runUntil(of, () => learner.record.updates === updates);
  for (const actor of of.actors) actor.collect(always);
  learner.publishBoard();
  const observations = observed(of);
  const { acting, spec } = plan;
  const { width, numbers: now } = outputsOver(spec, learner.parameters, observations);
  const { numbers: then } = outputsOver(spec, before, observations);
  const rows = Array.from({ length: now.length / width }, (_, row) => row * width);
  return {
    last: new RunWatch(plan, config, memory, 0).look(0, true).updateSeries.at(-1)!,
    /** Action probabilities of every copy. */
    probabilities: rows.map((at) => Array.from({ length: acting.leanings }, (_, k) => acting.leaning(now, at, k))),
    kl: rows.reduce((sum, at) => sum + acting.divergence(then, at, now, at), 0) / rows.length,
    states: memory.actors.map(({ copies }) => copies.state),
    B: plan.B,
  };
}

const insidesOf = (page: Page) => page.getByRole("region", { name: "Insides" });

test("the map, the watched pole and the numbers are those of the run", async ({ page }) => {
  await open(page, "engine=simd&seed=2&until=never");
  await page.getByText("Insides", { exact: true }).click();
  await train(page);
  const insides = insidesOf(page);
  await expect(insides.getByRole("row", { name: /KL an update/ })).toContainText(/\d/);
  await until(page, "it has learnt", (r) => r.envSteps > 150_000);
  await page.keyboard.press("Space");
  const allActedOn = (r: Report) => r.lanes.every(({ unrolls }) => unrolls === undefined || unrolls === r.updates + 1);
  const paused = await until(page, "it pauses", (r) => r.status === "paused" && allActedOn(r));
  await expect(insides.getByText(/^Version \d+$/)).toHaveText(`Version ${paused.updates}`);
  await page.getByRole("button", { name: "Step one update" }).click();
  const end = await until(page, "one more update", (r) => r.updates > paused.updates && allActedOn(r));
  await expect(insides.getByText(`Version ${end.updates}`)).toBeVisible();

  const run = await sameRun(end.query, end.updates);
  const value = (name: string) =>
    insides
      .getByRole("row", { name: new RegExp(`^${name}`) })
      .getByRole("cell")
      .first();
  await expect(value("Entropy")).toHaveText(short(run.last.entropy));
  await expect(value("Explained variance")).toHaveText(short(run.last.explainedVariance));
  await expect(value("Gradient norm")).toHaveText(short(run.last.gradientNorm));
  // However many updates lie between two looks, it is said of one.
  await expect(insides.getByRole("row", { name: /KL/ })).toHaveCount(1);
  await expect(insides.getByRole("row", { name: /^KL an update/ })).toContainText("nats, over 1 update");
  await expect(value("KL an update")).toHaveText(short(run.kl));
  const shares = (actor: number, copy: number) =>
    expect(
      insides.getByLabel(`Action probabilities of copy ${copy} of actor ${actor}`).getByRole("definition"),
    ).toHaveText(run.probabilities[(actor - 1) * run.B + copy - 1].map((p) => p.toFixed(3)));
  await shares(1, 1);
  const second = page.getByRole("button", { name: "Watch one of the poles of actor 2" });
  await second.focus();
  await page.keyboard.press("Enter");
  await shares(2, 1);
  await page.keyboard.press("Enter");
  await shares(2, 2);
  // By pointer, on the cart of another actor's first copy.
  const third = page.getByRole("button", { name: "Watch one of the poles of actor 3" });
  const { width, height } = (await third.boundingBox())!;
  const { left, right, top, bottom } = environment.view;
  const x = ((run.states[2][0] - left) / (right - left)) * width;
  await third.click({ position: { x, y: (top / (top - bottom)) * height } });
  await shares(3, 1);
  await expect(page.getByText("copy 1 watched")).toBeVisible();

  const map = insides.getByRole("img", {
    name: /^probability of "push right" over pole angle and pole angular velocity/,
  });
  // A policy that balances leans from one side to the other.
  const [, low, high] = /from ([\d.e-]+) to ([\d.]+)/.exec((await map.getAttribute("aria-label"))!)!;
  expect(Number(low)).toBeLessThan(0.1);
  expect(Number(high)).toBeGreaterThan(0.9);
  const weights = insides.getByRole("img", { name: /^256 weights from .* at most \d+ in one of 21 bins$/ }); // 4 × 64
  await expect(weights.getByText("weights per bin")).toBeVisible();
  await expect(weights.getByText("weight", { exact: true })).toBeVisible();

  const before = await map.getAttribute("aria-label");
  const slider = insides.getByRole("slider", { name: "cart position" });
  await slider.focus();
  for (let k = 0; k < 15; k++) await page.keyboard.press("ArrowRight");
  await expect(map).not.toHaveAttribute("aria-label", before!);
  await insides.getByText("Value", { exact: true }).click();
  await expect(insides.getByRole("img", { name: /^value over pole angle/ })).toBeVisible();
  await insides.getByRole("combobox", { name: "across" }).selectOption("cart position");
  await expect(insides.getByRole("img", { name: /^value over cart position and pole angular velocity/ })).toBeVisible();
});
