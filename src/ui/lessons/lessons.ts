/**
 * The texts of the lessons. Every number in them was measured in this playground with the queries that stand beside it:
 * lockstep runs repeat bit for bit on the SIMD kernels, so theirs come back for whoever tries; those of asynchronous runs,
 * and all seconds, are of headless Chromium on two shared cores.
 */
import { type LessonId, lessonTitles } from "./titles.ts";

export interface LessonRun {
  readonly label: string;
  /** A run query; its seed is that of the controls. */
  readonly query: string;
}

export interface Lesson {
  readonly title: string;
  readonly text: string;
  /** A prediction to make before anything runs. */
  readonly question: string;
  readonly options: readonly string[];
  /** Index of the right option. */
  readonly answer: number;
  /** Why, with what was measured and how. */
  readonly why: string;
  /** Where to look while it runs. */
  readonly look: string;
  readonly runs: readonly LessonRun[];
}

const texts: Record<LessonId, Omit<Lesson, "title">> = {
  "more-actors": {
    text: "In lockstep (A2C) an update takes one unroll of every actor. Eight actors bring eight times as many env-steps to an update as one: the mean gradient is less noisy, but the same number of env-steps makes an eighth of the updates.",
    question: "With the same learning rate, who needs fewer env-steps to solve CartPole?",
    options: ["One actor", "Eight actors", "Both about the same"],
    answer: 0,
    why: "Over seeds 1–10 one actor needs a median of 67 k env-steps in 3,365 updates, eight need 152 k in 946; all solve it. Eight times the batch saves a factor of 3.6 in updates, not 8: beyond a point more data makes a gradient better by less than it costs. Actors are bought for wall time, on cores that would idle. Twice the rate helps the eight (126 k): see the lesson on batch size.",
    look: "Return against env-steps, then switch the horizontal axis to updates and to wall time: the order changes. Gradient norm: its peaks are lower with eight.",
    runs: [
      { label: "One actor", query: "v=1&actors=1&until=solved,steps:500000" },
      { label: "Eight actors", query: "v=1&actors=8&until=solved,steps:500000" },
      { label: "Eight, twice the rate", query: "v=1&actors=8&lr=0.02&until=solved,steps:500000" },
    ],
  },
  straggler: {
    text: "Actor 1 takes twenty times as long for an unroll as the others, as a busy machine in a cluster would. In lockstep everybody waits for it at every update. Asynchronously (A3C) the others go on, and its gradients arrive late.",
    question: "What does the straggler change in the lockstep run?",
    options: [
      "It needs more env-steps to solve the task",
      "Only its speed: same updates, same bits, more seconds",
      "Nothing: the others make up for it",
    ],
    answer: 1,
    why: "Seeds 1–10: with the straggler A2C is solved after the same env-steps as without (median 108 k), with the same parameters to the last bit, but at 78 k env-steps/s instead of 199 k: in 1.39 s instead of 0.57 s. A3C with the straggler needs 0.35 s, at 249 k env-steps/s. Its straggler’s gradients were up to 1,966 versions behind, but they are few: the mean is 1.6, and all ten runs solve it (median 73 k).",
    look: "Steps/s and elapsed time. Actors: who waits. Staleness: 0 in lockstep; asynchronously its greatest value is that of the straggler, its mean stays small.",
    runs: [
      { label: "A2C, straggler", query: "v=1&straggler=1&slowdown=20&until=solved,steps:500000" },
      { label: "A3C, straggler", query: "v=1&algo=a3c&straggler=1&slowdown=20&until=solved,steps:500000" },
      { label: "A2C, no straggler", query: "v=1&until=solved,steps:500000" },
    ],
  },
  staleness: {
    text: "An A3C gradient is computed from the parameters that its actor pulled and applied to newer ones. Staleness counts the updates in between: the more actors, the more. The gate here (wait, s = 15) keeps the fast from running far ahead, so that all sixteen actors take part even on two cores.",
    question: "Sixteen actors instead of two, at the same learning rate. What do they need to solve CartPole?",
    options: ["Fewer env-steps", "About as many", "Clearly more"],
    answer: 2,
    why: "Ten runs each, 300 k env-steps at most: two actors, mean staleness 0.5, solve 10 of 10, median 70 k and none later than 76 k; sixteen, mean staleness 8, solve 8, median 157 k and none earlier than 92 k. A stale gradient improves a policy that is no longer there; how wrong it is depends on how far the parameters have moved, which is staleness times learning rate. At α = 0.003 sixteen actors solve 10 of 10 (median 158 k); at 0.01 without whatever is more than 4 versions behind also 10 of 10 (median 106 k).",
    look: "Staleness, mean and maximum. Return: it climbs, then falls suddenly. With the gate that drops, gradients that are too stale are thrown away.",
    runs: [
      { label: "2 actors", query: "v=1&algo=a3c&gate=wait&maxStaleness=15&actors=2&until=solved,steps:300000" },
      { label: "16 actors", query: "v=1&algo=a3c&gate=wait&maxStaleness=15&actors=16&until=solved,steps:300000" },
      {
        label: "16, lower rate",
        query: "v=1&algo=a3c&gate=wait&maxStaleness=15&actors=16&lr=0.003&until=solved,steps:300000",
      },
      { label: "16, stale ones dropped", query: "v=1&algo=a3c&gate=drop&actors=16&until=solved,steps:300000" },
    ],
  },
  lambda: {
    text: "An advantage can trust rewards or the critic. λ = 1 sums the rewards of the whole unroll, here up to n = 32 steps, before it asks the critic: little bias, much variance. λ = 0 asks the critic after one step: little variance, but biased by every error of V. GAE(λ) (Schulman et al. 2016) weighs all n-step returns between the two.",
    question: "Unrolls of 32 steps. Which λ solves CartPole in the fewest env-steps?",
    options: ["λ = 0, the critic", "λ = 0.95, between", "λ = 1, the rewards"],
    answer: 1,
    why: "Seeds 1–10, 500 k env-steps at most: λ = 0.95 solves 10 of 10, median 297 k; λ = 0 solves 7, median 388 k; λ = 1 solves 7, median 482 k. It depends on n: with the default unroll of 5 steps a return can hold only five rewards, its variance is small, and λ = 1 is at least as good (103 k) as 0.95 (108 k), both better than λ = 0 (132 k).",
    look: "Explained variance: near 1 with λ = 0, where the target is mostly the critic itself, lower with λ = 1. Entropy: it ends near 0.3 with λ = 0 and near 0.6 with λ = 1.",
    runs: [
      { label: "λ = 0", query: "v=1&unroll=32&lambda=0&until=solved,steps:500000" },
      { label: "λ = 0.95", query: "v=1&unroll=32&until=solved,steps:500000" },
      { label: "λ = 1", query: "v=1&unroll=32&lambda=1&until=solved,steps:500000" },
    ],
  },
  entropy: {
    text: "Steps that are too long can make a policy certain of a bad action before it has seen a better one. Its entropy falls to 0, and the pole to one side. The entropy bonus is meant to prevent that.",
    question:
      "At α = 0.1 about half of all runs collapse. Does ten times the entropy bonus (0.1 instead of 0.01) save them?",
    options: ["Yes, nearly all", "About half of them", "No, as many collapse"],
    answer: 2,
    why: "Seeds 1–20, 300 k env-steps: at α = 0.1 entropy ends below 0.001 nats in 11 of 20 runs with the bonus 0.01, and in 11 of 20 with 0.1; 5 of 20 solve the task either way. The gradient of the entropy in a logit is −p (log p + H): it vanishes where p is 0 or 1, so the bonus cannot pull a policy back that has jumped there in a few steps. At α = 0.01 all 20 solve it, with the bonus and without. A bonus slows a drift; it does not stop a jump.",
    look: "Entropy: log 2 ≈ 0.69 is a coin, 0 is certainty. Return: 9 is a pole that is always pushed to one side. Try seeds 1, 3 and 5.",
    runs: [
      { label: "α = 0.1", query: "v=1&lr=0.1&until=solved,steps:300000" },
      { label: "α = 0.1, bonus 0.1", query: "v=1&lr=0.1&entropyCost=0.1&until=solved,steps:300000" },
      { label: "α = 0.01", query: "v=1&until=solved,steps:300000" },
    ],
  },
  "batch-size": {
    text: "The mean over a larger batch is less noisy, so it bears a longer step; and as it makes fewer updates of the same experience, it needs one. Here 4 actors step 64 copies each, 1,280 rows an update instead of 80.",
    question: "64 copies an actor, α = 0.005, 0.01 or 0.02. Which solves CartPole within 800 k env-steps in most runs?",
    options: ["0.005", "0.01", "0.02"],
    answer: 2,
    why: "Seeds 1–10, 800 k env-steps: α = 0.005 solves 0 of 10, 0.01 solves 3, 0.02 solves 9 (median 621 k). With one copy an actor, 20 rows an update, it is the other way round: 0.005 and 0.01 solve 10 of 10 (medians 78 k and 69 k), 0.02 solves 7, and the other three collapse to a return of 9. There is an end to it: α = 0.04 on the large batch solves 7 of 10.",
    look: "Gradient norm and entropy. Return against updates rather than env-steps: per update the large batch is the better one.",
    runs: [
      { label: "64 copies, α = 0.005", query: "v=1&envs=64&lr=0.005&until=solved,steps:800000" },
      { label: "64 copies, α = 0.02", query: "v=1&envs=64&lr=0.02&until=solved,steps:800000" },
      { label: "1 copy, α = 0.02", query: "v=1&envs=1&lr=0.02&until=solved,steps:500000" },
    ],
  },
  gradients: {
    text: "Somebody has to differentiate. At the learner, trajectories travel and one thread does all the work while the actors wait. At the actors, each differentiates its own unroll in parallel and gradients travel; the learner takes their mean. The network here is wide, so that most of the work is differentiation.",
    question: "Lockstep, same seed. What changes when the actors differentiate?",
    options: [
      "The speed only: the same bits",
      "The speed, and the last bits of the parameters",
      "The algorithm: gradients become stale",
    ],
    answer: 1,
    why: "Seeds 1–5, on two cores: 144 k and 216 k env-steps/s at the learner, 294 k and 324 k at the actors (two series, one after the other): 1.5 to 2 times as fast, and more with more cores. The mean over actors of their means is the mean over the batch, so it is the same algorithm; but sums of 32-bit numbers in another order round otherwise. After 150 updates no hash agrees, while the mean return agrees to a whole step in 4 of the 5 seeds and differs in the fifth: a rounding that grew.",
    look: "Steps/s, and the hash of the parameters in the footer. The activity beside each actor: waiting, or differentiating. Staleness stays 0.",
    runs: [
      {
        label: "At the learner",
        query: "v=1&envs=32&unroll=16&gradients=learner&lr=0.003&hidden=128,128&engine=simd&until=updates:300",
      },
      {
        label: "At the actors",
        query: "v=1&envs=32&unroll=16&gradients=actors&lr=0.003&hidden=128,128&engine=simd&until=updates:300",
      },
    ],
  },
  gpu: {
    text: "A graphics device multiplies matrices many times faster than a processor, but every update must travel: the batch up, commands to start each pass, the parameters back. That costs about the same however small the network is. Run both, and open the badge with the engine's name (top right): Measure every engine.",
    question:
      "The default network (64 units) and batch (80 rows) have about 0.1 million multiply-adds an update. Where is it faster?",
    options: ["On the graphics device", "On the processor's SIMD kernels", "It makes no difference"],
    answer: 1,
    why: "Measured with the badge on a machine without graphics hardware, where the processor plays the device. Small: an update takes 0.015 ms on the SIMD kernels. WebGPU needs 3 dispatches, 2 KiB up and 6 KiB back; reading the parameters back costs 0.7 ms by itself, before anything is computed. Wide (2,048 rows through 256 and 256 units): 0.41 billion multiply-adds, 30 ms on one core; a device that does a hundred billion a second needs 4 ms, and the round trip hardly counts. WebGPU on the processor took 2,540 ms: it wins by its hardware, not by its name. That is why engine=auto measures and does not guess.",
    look: "The engine badge: milliseconds, dispatches, bytes to the device and back, for this network and batch. Change hidden layers and environments and measure again.",
    runs: [
      { label: "Small", query: "v=1&until=solved,steps:500000" },
      { label: "Wide", query: "v=1&envs=64&unroll=8&lr=0.001&hidden=256,256&until=seconds:10" },
    ],
  },
  hogwild: {
    text: "A3C as published has no parameter server: every actor adds its step to the shared parameters at once and without locks (Hogwild, Recht et al. 2011). Two actors that write the same number at the same time lose one of the two additions, and others read a mixture of old and new.",
    question: "Compared with a learner that applies one gradient after the other, updates without locks:",
    options: ["Solve the task in as few env-steps", "Need at least twice as many env-steps", "Do not solve it"],
    answer: 0,
    why: "Ten runs each, all solved: median 97 k env-steps with the parameter server, 74 k without locks; mean staleness 0.9 and 0.3. Most entries of a gradient change little, collisions are rare, and a lost addition is noise among noise. What helps is that an actor’s own step is in before it goes on, so gradients are fresher.",
    look: "Staleness: smaller without locks, because no gradient waits in a queue. Updates/s.",
    runs: [
      { label: "Parameter server", query: "v=1&algo=a3c&until=solved,steps:500000" },
      { label: "Without locks", query: "v=1&algo=a3c&apply=actors&until=solved,steps:500000" },
    ],
  },
  bits: {
    text: "A result that cannot be had again is hard to trust. In lockstep the order of everything that matters is fixed: random streams belong to environment copies, and gradients are summed in the order of the actors. Asynchronously, whoever comes first is applied first. Run each twice.",
    question: "Run A2C twice and A3C twice with the same seed. Which parameters come back bit for bit?",
    options: ["Those of both", "Those of A2C only", "Those of neither: threads are never in step"],
    answer: 1,
    why: "A2C with seed 1 is solved after 102,560 env-steps, with the parameters 5b90236d, in 5 of 5 runs. Disturb it (pause it, busy the machine): the hash stays. A3C with seed 1 took 73, 73, 88, 121 and 74 k env-steps, and no two of the five ended with the same parameters.",
    look: "The hash of the parameters in the footer, and below in the table of runs.",
    runs: [
      { label: "A2C", query: "v=1&engine=simd&until=solved,steps:500000" },
      { label: "A3C", query: "v=1&algo=a3c&engine=simd&until=solved,steps:500000" },
    ],
  },
};

export const lessons = Object.fromEntries(
  Object.entries(texts).map(([id, text]) => [id, { title: lessonTitles[id as LessonId], ...text }]),
) as Record<LessonId, Lesson>;
