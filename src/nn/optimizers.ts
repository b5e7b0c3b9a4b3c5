/** Optimizers on flat parameter vectors, in place. The learner calls one `step` an update; nothing allocates. */

export interface OptimizerValues {
  readonly lr: number;
  readonly decay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export const optimizerNames = ["rmsprop", "adam", "sgd"] as const;
export type OptimizerName = (typeof optimizerNames)[number];

/**
 * Where statistics live: first and second moments [P], and the number of steps taken [1]. Whoever applies writes them;
 * shared memory holds them, so that they outlive the thread.
 */
export interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly steps: Int32Array;
}

/** Steps that are counted; beyond, βᵗ is 0 for every β that is allowed. */
const MOST_STEPS = 2 ** 30;

/** Counts a step, whoever else does at the same time, and says which one it is: 1, 2, … */
export function countStep(steps: Int32Array): number {
  return Atomics.load(steps, 0) >= MOST_STEPS ? MOST_STEPS : Atomics.add(steps, 0, 1) + 1;
}

/** s ← ρ s + (1 − ρ) g²; θ ← θ − lr g/√(s + ε).   Tieleman & Hinton 2012; non-centred and shared as in arXiv:1602.01783, §4 */
export function rmsprop(theta: Float32Array, g: Float32Array, moments: Moments, hp: OptimizerValues): void {
  const s = moments.second;
  const { lr, decay, epsilon } = hp;
  countStep(moments.steps);
  for (let i = 0; i < theta.length; i++) {
    s[i] = decay * s[i] + (1 - decay) * g[i] * g[i];
    theta[i] -= (lr * g[i]) / Math.sqrt(s[i] + epsilon);
  }
}

/** θ ← θ − lr m̂/(√v̂ + ε), with m and v corrected for their start at zero.   Kingma & Ba 2015, arXiv:1412.6980, algorithm 1 */
export function adam(theta: Float32Array, g: Float32Array, moments: Moments, hp: OptimizerValues): void {
  const { first: m, second: v } = moments;
  const { lr, beta1, beta2, epsilon } = hp;
  const t = countStep(moments.steps);
  const correct1 = 1 / (1 - power(beta1, t));
  const correct2 = 1 / (1 - power(beta2, t));
  for (let i = 0; i < theta.length; i++) {
    m[i] = beta1 * m[i] + (1 - beta1) * g[i];
    v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
    theta[i] -= (lr * m[i] * correct1) / (Math.sqrt(v[i] * correct2) + epsilon);
  }
}

/** θ ← θ − lr g.   Robbins & Monro 1951, doi:10.1214/aoms/1177729586 */
export function sgd(theta: Float32Array, g: Float32Array, moments: Moments, { lr }: OptimizerValues): void {
  countStep(moments.steps);
  for (let i = 0; i < theta.length; i++) theta[i] -= lr * g[i];
}

export const optimizers: Record<OptimizerName, typeof adam> = { rmsprop, adam, sgd };

/** What happens to gradients on the way to the parameters: summed over actors, clipped, applied. */
export interface Optimizer {
  /** a ← a + b · by */
  addScaled(a: Float32Array, b: Float32Array, by: number): void;
  /** Clips in place; returns the norm before. limit: Infinity does not clip. */
  clip(g: Float32Array, limit: number): number;
  step(rule: OptimizerName, theta: Float32Array, g: Float32Array, moments: Moments, hp: OptimizerValues): void;
}

/** In plain TypeScript, in float64 between loads and stores. */
export const plainOptimizer: Optimizer = {
  addScaled(a, b, by) {
    for (let i = 0; i < a.length; i++) a[i] += b[i] * by;
  },
  clip: clipByGlobalNorm,
  step(rule, theta, g, moments, hp) {
    optimizers[rule](theta, g, moments, hp);
  },
};

/** xⁿ for whole n ≥ 0 by squaring: the platform's power function is not the same in every browser. */
export function power(x: number, n: number): number {
  let result = 1;
  for (let base = x, k = n; k > 0; k = Math.floor(k / 2), base *= base) if (k % 2 === 1) result *= base;
  return result;
}

/** ‖g‖₂ over all parameters. */
export function globalNorm(g: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < g.length; i++) sum += g[i] * g[i];
  return Math.sqrt(sum);
}

/** Scales g down in place to global norm `limit` (Infinity: never) where it is longer; returns the norm before. Pascanu et al. 2013, arXiv:1211.5063 */
export function clipByGlobalNorm(g: Float32Array, limit: number): number {
  const norm = globalNorm(g);
  if (norm > limit) {
    const scale = limit / norm;
    for (let i = 0; i < g.length; i++) g[i] *= scale;
  }
  return norm;
}
