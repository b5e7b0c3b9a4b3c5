/**
 * SIMD kernels for dense networks, in AssemblyScript. The WebAssembly memory they import is the run's shared memory;
 * every argument that is an address comes from the layout, in bytes, a multiple of 16. There is no static data and no
 * allocation, so any number of threads may instantiate this module over the same memory.
 *
 * Matrices are row-major float32. A weight matrix is stored [inputs, n] with n the number of outputs rounded up to a
 * multiple of 4; the padding columns and their biases are zero and stay zero, because their gradients are.
 *
 * Micro-tiles. A product of matrices is limited by loads when every multiply-add reads its operands from memory. So the
 * inner loops keep a tile of 4 rows × 8 columns of the result in 8 vector registers: one pass over the inner dimension
 * reads 2 vectors of the one matrix and 4 broadcast numbers of the other and does 8 vector multiply-adds with them.
 */

/** The build with fused multiply-adds, whose bits depend on the machine, is the same source with `true` here. */
// @ts-ignore: decorator
@inline
const RELAXED: bool = false;

/** a·b + acc. The relaxed build replaces this with one fused instruction. */
// @ts-ignore: decorator
@inline
function madd(acc: v128, a: v128, b: v128): v128 {
  return RELAXED ? f32x4.relaxed_madd(a, b, acc) : f32x4.add(acc, f32x4.mul(a, b));
}

// @ts-ignore: decorator
@inline
function splat(at: usize): v128 {
  return v128.load32_splat(at);
}

/** Y = X W + b.    X: [rows, k] with rows `xStride` floats apart; W: [k, n]; b: [n]; Y: [rows, n] */
export function dense(x: usize, w: usize, b: usize, y: usize, rows: i32, k: i32, xStride: i32, n: i32): void {
  const xStep = (<usize>xStride) << 2;
  const nStep = (<usize>n) << 2;
  const kEnd = (<usize>k) << 2;
  let r: i32 = 0;
  for (; r + 4 <= rows; r += 4) {
    const x0 = x + <usize>r * xStep;
    const x1 = x0 + xStep;
    const x2 = x1 + xStep;
    const x3 = x2 + xStep;
    const y0 = y + <usize>r * nStep;
    let at: usize = 0;
    for (; at + 32 <= nStep; at += 32) {
      let a00 = v128.load(b + at);
      let a01 = v128.load(b + at, 16);
      let a10 = a00, a11 = a01, a20 = a00, a21 = a01, a30 = a00, a31 = a01;
      let p = w + at;
      for (let i: usize = 0; i < kEnd; i += 4) {
        const w0 = v128.load(p);
        const w1 = v128.load(p, 16);
        p += nStep;
        let s = splat(x0 + i);
        a00 = madd(a00, s, w0);
        a01 = madd(a01, s, w1);
        s = splat(x1 + i);
        a10 = madd(a10, s, w0);
        a11 = madd(a11, s, w1);
        s = splat(x2 + i);
        a20 = madd(a20, s, w0);
        a21 = madd(a21, s, w1);
        s = splat(x3 + i);
        a30 = madd(a30, s, w0);
        a31 = madd(a31, s, w1);
      }
      let q = y0 + at;
      v128.store(q, a00);
      v128.store(q, a01, 16);
      q += nStep;
      v128.store(q, a10);
      v128.store(q, a11, 16);
      q += nStep;
      v128.store(q, a20);
      v128.store(q, a21, 16);
      q += nStep;
      v128.store(q, a30);
      v128.store(q, a31, 16);
    }
    if (at < nStep) {
      let a0 = v128.load(b + at);
      let a1 = a0, a2 = a0, a3 = a0;
      let p = w + at;
      for (let i: usize = 0; i < kEnd; i += 4) {
        const w0 = v128.load(p);
        p += nStep;
        a0 = madd(a0, splat(x0 + i), w0);
        a1 = madd(a1, splat(x1 + i), w0);
        a2 = madd(a2, splat(x2 + i), w0);
        a3 = madd(a3, splat(x3 + i), w0);
      }
      let q = y0 + at;
      v128.store(q, a0);
      q += nStep;
      v128.store(q, a1);
      q += nStep;
      v128.store(q, a2);
      q += nStep;
      v128.store(q, a3);
    }
  }
  for (; r < rows; r++) {
    const x0 = x + <usize>r * xStep;
    const y0 = y + <usize>r * nStep;
    for (let at: usize = 0; at < nStep; at += 16) {
      let a0 = v128.load(b + at);
      let p = w + at;
      for (let i: usize = 0; i < kEnd; i += 4) {
        a0 = madd(a0, splat(x0 + i), v128.load(p));
        p += nStep;
      }
      v128.store(y0 + at, a0);
    }
  }
}

/** dW += Xᵀ dY, db += Σ dY.    X: [rows, k], rows `xStride` floats apart; dY: [rows, n]; dW: [k, n]; db: [n] */
export function weightGradient(x: usize, dy: usize, dw: usize, db: usize, rows: i32, k: i32, xStride: i32, n: i32): void {
  const xStep = (<usize>xStride) << 2;
  const nStep = (<usize>n) << 2;
  let i: i32 = 0;
  for (; i + 4 <= k; i += 4) {
    const x0 = x + ((<usize>i) << 2);
    const w0 = dw + <usize>i * nStep;
    let at: usize = 0;
    for (; at + 32 <= nStep; at += 32) {
      let q = w0 + at;
      let a00 = v128.load(q), a01 = v128.load(q, 16);
      q += nStep;
      let a10 = v128.load(q), a11 = v128.load(q, 16);
      q += nStep;
      let a20 = v128.load(q), a21 = v128.load(q, 16);
      q += nStep;
      let a30 = v128.load(q), a31 = v128.load(q, 16);
      let p = dy + at;
      let s = x0;
      for (let r: i32 = 0; r < rows; r++) {
        const d0 = v128.load(p);
        const d1 = v128.load(p, 16);
        p += nStep;
        let v = splat(s);
        a00 = madd(a00, v, d0);
        a01 = madd(a01, v, d1);
        v = v128.load32_splat(s, 4);
        a10 = madd(a10, v, d0);
        a11 = madd(a11, v, d1);
        v = v128.load32_splat(s, 8);
        a20 = madd(a20, v, d0);
        a21 = madd(a21, v, d1);
        v = v128.load32_splat(s, 12);
        a30 = madd(a30, v, d0);
        a31 = madd(a31, v, d1);
        s += xStep;
      }
      q = w0 + at;
      v128.store(q, a00);
      v128.store(q, a01, 16);
      q += nStep;
      v128.store(q, a10);
      v128.store(q, a11, 16);
      q += nStep;
      v128.store(q, a20);
      v128.store(q, a21, 16);
      q += nStep;
      v128.store(q, a30);
      v128.store(q, a31, 16);
    }
    if (at < nStep) {
      let q = w0 + at;
      let a0 = v128.load(q);
      q += nStep;
      let a1 = v128.load(q);
      q += nStep;
      let a2 = v128.load(q);
      q += nStep;
      let a3 = v128.load(q);
      let p = dy + at;
      let s = x0;
      for (let r: i32 = 0; r < rows; r++) {
        const d0 = v128.load(p);
        p += nStep;
        a0 = madd(a0, splat(s), d0);
        a1 = madd(a1, v128.load32_splat(s, 4), d0);
        a2 = madd(a2, v128.load32_splat(s, 8), d0);
        a3 = madd(a3, v128.load32_splat(s, 12), d0);
        s += xStep;
      }
      q = w0 + at;
      v128.store(q, a0);
      q += nStep;
      v128.store(q, a1);
      q += nStep;
      v128.store(q, a2);
      q += nStep;
      v128.store(q, a3);
    }
  }
  for (; i < k; i++) {
    const x0 = x + ((<usize>i) << 2);
    const w0 = dw + <usize>i * nStep;
    for (let at: usize = 0; at < nStep; at += 16) {
      let a0 = v128.load(w0 + at);
      let p = dy + at;
      let s = x0;
      for (let r: i32 = 0; r < rows; r++) {
        a0 = madd(a0, splat(s), v128.load(p));
        p += nStep;
        s += xStep;
      }
      v128.store(w0 + at, a0);
    }
  }
  for (let at: usize = 0; at < nStep; at += 16) {
    let a0 = v128.load(db + at);
    let p = dy + at;
    for (let r: i32 = 0; r < rows; r++) {
      a0 = f32x4.add(a0, v128.load(p));
      p += nStep;
    }
    v128.store(db + at, a0);
  }
}

/** Wᵀ[j, i] = W[i, j].    Wᵀ: [n, kPadded] of W: [k, n]; columns k … kPadded−1 are zero. dX = dY Wᵀ is then `dense` without a bias. */
export function transpose(w: usize, wt: usize, k: i32, n: i32, kPadded: i32): void {
  for (let j: i32 = 0; j < n; j++)
    for (let i: i32 = 0; i < kPadded; i++)
      store<f32>(wt + ((<usize>(j * kPadded + i)) << 2), i < k ? load<f32>(w + ((<usize>(i * n + j)) << 2)) : 0);
}

/**
 * tanh on four numbers: an odd polynomial of degree 13 over an even one of degree 6, on a range outside of which tanh is
 * ±1 in float32 (the fit that Eigen uses). Error below 4e-7; only + × ÷, so the same bits everywhere. pmin and pmax are
 * one instruction each where min and max are many, and hand a NaN on as these do.
 */
// @ts-ignore: decorator
@inline
function tanh4(v: v128): v128 {
  const limit = f32x4.splat(7.90531110763549805);
  const x = f32x4.pmax(f32x4.pmin(v, limit), f32x4.neg(limit));
  const s = f32x4.mul(x, x);
  let p = f32x4.splat(-2.76076847742355e-16);
  p = madd(f32x4.splat(2.00018790482477e-13), p, s);
  p = madd(f32x4.splat(-8.60467152213735e-11), p, s);
  p = madd(f32x4.splat(5.12229709037114e-8), p, s);
  p = madd(f32x4.splat(1.48572235717979e-5), p, s);
  p = madd(f32x4.splat(6.37261928875436e-4), p, s);
  p = madd(f32x4.splat(4.89352455891786e-3), p, s);
  let q = f32x4.splat(1.19825839466702e-6);
  q = madd(f32x4.splat(1.18534705686654e-4), q, s);
  q = madd(f32x4.splat(2.268434632439e-3), q, s);
  q = madd(f32x4.splat(4.89352518554385e-3), q, s);
  return f32x4.div(f32x4.mul(x, p), q);
}

/** y ← tanh(y) in place. count: floats, a multiple of 4 */
export function tanhForward(y: usize, count: i32): void {
  const end = y + ((<usize>count) << 2);
  for (; y < end; y += 16) v128.store(y, tanh4(v128.load(y)));
}

/** y ← max(0, y) in place. */
export function reluForward(y: usize, count: i32): void {
  const zero = f32x4.splat(0);
  const end = y + ((<usize>count) << 2);
  for (; y < end; y += 16) v128.store(y, f32x4.max(v128.load(y), zero));
}

/** d ← d (1 − h²) in place, h = tanh(…). */
export function tanhBackward(h: usize, d: usize, count: i32): void {
  const one = f32x4.splat(1);
  const end = h + ((<usize>count) << 2);
  for (; h < end; h += 16, d += 16) {
    const v = v128.load(h);
    v128.store(d, f32x4.mul(v128.load(d), f32x4.sub(one, f32x4.mul(v, v))));
  }
}

/** d ← d where h > 0, else 0, in place; h = max(0, …). */
export function reluBackward(h: usize, d: usize, count: i32): void {
  const zero = f32x4.splat(0);
  const end = h + ((<usize>count) << 2);
  for (; h < end; h += 16, d += 16) v128.store(d, v128.and(v128.load(d), f32x4.gt(v128.load(h), zero)));
}

/** Σ gᵢ², in float64. count: floats, a multiple of 4 */
export function sumOfSquares(g: usize, count: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  const end = g + ((<usize>count) << 2);
  for (; g < end; g += 16) {
    const v = v128.load(g);
    const low = f64x2.promote_low_f32x4(v);
    const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
    a = f64x2.add(a, f64x2.mul(low, low));
    b = f64x2.add(b, f64x2.mul(high, high));
  }
  const s = f64x2.add(a, b);
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}

/** g ← g · by, in place. */
export function scale(g: usize, count: i32, by: f32): void {
  const factor = f32x4.splat(by);
  const end = g + ((<usize>count) << 2);
  for (; g < end; g += 16) v128.store(g, f32x4.mul(v128.load(g), factor));
}

/** a ← a + b · by, in place. */
export function addScaled(a: usize, b: usize, count: i32, by: f32): void {
  const factor = f32x4.splat(by);
  const end = a + ((<usize>count) << 2);
  for (; a < end; a += 16, b += 16) v128.store(a, madd(v128.load(a), v128.load(b), factor));
}

/**
 * β old + (1 − β) new, with take = 1 − β. A β close to 1 has few digits of 1 − β in float32 (0.99999: 0.1 % off), so β
 * itself does not come in: old − take · old + take · new. A mean that fades away would stay among the numbers below the
 * normal ones, which are many times slower: it becomes 0.
 */
// @ts-ignore: decorator
@inline
function blend(old: v128, fresh: v128, take: v128): v128 {
  const mean = f32x4.add(f32x4.sub(old, f32x4.mul(take, old)), f32x4.mul(take, fresh));
  return v128.andnot(mean, f32x4.lt(f32x4.abs(mean), f32x4.splat(1e-30)));
}

/**
 * s ← ρ s + (1 − ρ) g²;  θ ← θ − α g / √(s + ε).    Tieleman & Hinton 2012
 *
 * @param oneLessRho 1 − ρ
 */
export function rmsprop(theta: usize, g: usize, s: usize, count: i32, lr: f32, oneLessRho: f32, epsilon: f32): void {
  const take = f32x4.splat(oneLessRho);
  const step = f32x4.splat(lr);
  const eps = f32x4.splat(epsilon);
  const end = theta + ((<usize>count) << 2);
  for (; theta < end; theta += 16, g += 16, s += 16) {
    const d = v128.load(g);
    const mean = blend(v128.load(s), f32x4.mul(d, d), take);
    v128.store(s, mean);
    v128.store(theta, f32x4.sub(v128.load(theta), f32x4.div(f32x4.mul(step, d), f32x4.sqrt(f32x4.add(mean, eps)))));
  }
}

/**
 * m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  θ ← θ − α m̂ / (√v̂ + ε).    Kingma & Ba 2015, arXiv:1412.6980
 *
 * @param oneLessBeta1 1 − β₁
 * @param oneLessBeta2 1 − β₂
 * @param correct1 1 / (1 − β₁ᵗ)
 * @param correct2 1 / (1 − β₂ᵗ)
 */
export function adam(
  theta: usize, g: usize, m: usize, v: usize, count: i32,
  lr: f32, oneLessBeta1: f32, oneLessBeta2: f32, epsilon: f32, correct1: f32, correct2: f32,
): void {
  const take1 = f32x4.splat(oneLessBeta1);
  const take2 = f32x4.splat(oneLessBeta2);
  const step = f32x4.splat(lr * correct1);
  const unbias = f32x4.splat(correct2);
  const eps = f32x4.splat(epsilon);
  const end = theta + ((<usize>count) << 2);
  for (; theta < end; theta += 16, g += 16, m += 16, v += 16) {
    const d = v128.load(g);
    const first = blend(v128.load(m), d, take1);
    const second = blend(v128.load(v), f32x4.mul(d, d), take2);
    v128.store(m, first);
    v128.store(v, second);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(second, unbias)), eps);
    v128.store(theta, f32x4.sub(v128.load(theta), f32x4.div(f32x4.mul(step, first), root)));
  }
}

/**
 * eˣ on four numbers ≤ 88: range reduction to |r| ≤ ½ ln 2 and a polynomial of degree 5 (Cephes' expf). Adding 1.5 · 2²³ rounds to
 * the nearest whole number n and leaves it in the lowest bits, from where it goes into the exponent of 2ⁿ.
 */
// @ts-ignore: decorator
@inline
function exp4(x: v128): v128 {
  const round = f32x4.splat(12582912);
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504)), round);
  const n = f32x4.sub(shifted, round);
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))), f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = madd(f32x4.splat(1.3981999507e-3), p, r);
  p = madd(f32x4.splat(8.3334519073e-3), p, r);
  p = madd(f32x4.splat(4.1665795894e-2), p, r);
  p = madd(f32x4.splat(1.6666665459e-1), p, r);
  p = madd(f32x4.splat(5.0000001201e-1), p, r);
  const y = f32x4.add(madd(r, f32x4.mul(p, r), r), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23);
  // below the normal numbers, which are slow: 0
  return v128.andnot(f32x4.mul(y, power), f32x4.lt(x, f32x4.splat(-87)));
}

/** Of the four columns from `column` on, those that are logits; −∞ for the others. */
// @ts-ignore: decorator
@inline
function logits4(out: usize, column: i32, actions: i32): v128 {
  const isLogit = i32x4.gt_s(i32x4.splat(actions - column), i32x4(0, 1, 2, 3));
  return v128.bitselect(v128.load(out + ((<usize>column) << 2)), f32x4.splat(-<f32>Infinity), isLogit);
}

/** e^(z − max z) of a row's logits into `scratch`: [actions, rounded up to a multiple of 4]. Returns max z. */
// @ts-ignore: decorator
@inline
function exponentials(out: usize, actions: i32, scratch: usize): f32 {
  let greatest = logits4(out, 0, actions);
  for (let k: i32 = 4; k < actions; k += 4) greatest = f32x4.pmax(greatest, logits4(out, k, actions));
  greatest = f32x4.pmax(greatest, v128.shuffle<f32>(greatest, greatest, 2, 3, 0, 1));
  greatest = f32x4.pmax(greatest, v128.shuffle<f32>(greatest, greatest, 1, 0, 3, 2));
  for (let k: i32 = 0; k < actions; k += 4)
    v128.store(scratch + ((<usize>k) << 2), exp4(f32x4.sub(logits4(out, k, actions), greatest)));
  return f32x4.extract_lane(greatest, 0);
}

/** ln x on four normal numbers > 0: x = 2ᵉ m with m in [√½, √2), and a polynomial of degree 8 (Cephes' logf). */
// @ts-ignore: decorator
@inline
function log4(x: v128): v128 {
  const half = v128.or(v128.and(x, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000)); // [½, 1)
  const below = f32x4.lt(half, f32x4.splat(0.707106781));
  const e = f32x4.convert_i32x4_s(i32x4.add(i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(126)), below));
  const m = f32x4.sub(f32x4.add(half, v128.and(half, below)), f32x4.splat(1));
  const z = f32x4.mul(m, m);
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.sub(f32x4.mul(p, m), f32x4.splat(1.1514610310e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.1676998740e-1));
  p = f32x4.sub(f32x4.mul(p, m), f32x4.splat(1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.4249322787e-1));
  p = f32x4.sub(f32x4.mul(p, m), f32x4.splat(1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(2.0000714765e-1));
  p = f32x4.sub(f32x4.mul(p, m), f32x4.splat(2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(m, z), p);
  y = f32x4.add(y, f32x4.mul(f32x4.splat(-2.12194440e-4), e));
  y = f32x4.add(y, f32x4.mul(f32x4.splat(-0.5), z));
  return f32x4.add(f32x4.add(m, y), f32x4.mul(f32x4.splat(0.693359375), e));
}

// @ts-ignore: decorator
@inline
function rotl32(x: u32, k: i32): u32 {
  return (x << k) | (x >>> (32 - k));
}

/** The upper 24 bits of a stream's next word (xoshiro128++): a whole number that float32 holds exactly. */
// @ts-ignore: decorator
@inline
function next24(stream: usize): u32 {
  let s0 = load<u32>(stream), s1 = load<u32>(stream, 4), s2 = load<u32>(stream, 8), s3 = load<u32>(stream, 12);
  const drawn = rotl32(s0 + s3, 7) + s0;
  const t = s1 << 9;
  s2 ^= s0;
  s3 ^= s1;
  s1 ^= s2;
  s0 ^= s3;
  s2 ^= t;
  s3 = rotl32(s3, 11);
  store<u32>(stream, s0);
  store<u32>(stream, s1, 4);
  store<u32>(stream, s2, 8);
  store<u32>(stream, s3, 12);
  return drawn >>> 8;
}

/**
 * Draws an action of every row from softmax(logits) by inversion: the first a with u Σ_k e^(z_k) < Σ_(k ≤ a) e^(z_k), u uniform in
 * [0, 1); each row has its own xoshiro128++ stream, four words.
 * Nothing branches on what was drawn: the processor would guess it wrong every other time.
 *
 * out: [rows, n], the first `actions` columns are logits; streams: rows `streamStride` bytes apart; action: [rows];
 * scratch: [actions, rounded up to a multiple of 4]
 */
export function sample(
  out: usize, n: i32, actions: i32, rows: i32, streams: usize, streamStride: i32, action: usize, scratch: usize,
): void {
  for (let r: i32 = 0; r < rows; r++) {
    exponentials(out, actions, scratch);
    let sum: f32 = 0;
    for (let a: i32 = 0; a < actions; a++) sum += load<f32>(scratch + ((<usize>a) << 2));
    let left = <f32>next24(streams) * <f32>5.9604644775390625e-8 * sum;
    let chosen: i32 = 0;
    for (let a: i32 = 0; a < actions - 1; a++) {
      left -= load<f32>(scratch + ((<usize>a) << 2));
      chosen += i32(!(left < 0));
    }
    store<f32>(action + ((<usize>r) << 2), <f32>chosen);
    out += (<usize>n) << 2;
    streams += streamStride;
  }
}

/** y = clip((x − mean) · scale, ± limit).    x: [rows, columns], rows `xStride` floats apart; mean, scale: [columns]; y: [rows, n], padding 0 */
export function normalise(
  x: usize, xStride: i32, mean: usize, scale: usize, y: usize, n: i32, columns: i32, rows: i32, limit: f32,
): void {
  const end = (<usize>columns) << 2;
  const whole = (<usize>n) << 2;
  for (let r: i32 = 0; r < rows; r++) {
    let at: usize = 0;
    for (; at < end; at += 4) {
      const v = (load<f32>(x + at) - load<f32>(mean + at)) * load<f32>(scale + at);
      store<f32>(y + at, max<f32>(min<f32>(v, limit), -limit));
    }
    for (; at < whole; at += 4) store<f32>(y + at, 0);
    x += (<usize>xStride) << 2;
    y += whole;
  }
}

/** dX = dY · scale where |y| < limit, else 0.    y, dY, dX: [rows, n]; scale: [n] */
export function normaliseBackward(y: usize, dy: usize, scale: usize, dx: usize, n: i32, rows: i32, limit: f32): void {
  const most = f32x4.splat(limit);
  const end = scale + ((<usize>n) << 2);
  for (let r: i32 = 0; r < rows; r++)
    for (let s = scale; s < end; s += 16, y += 16, dy += 16, dx += 16)
      v128.store(dx, v128.and(f32x4.mul(v128.load(dy), v128.load(s)), f32x4.lt(f32x4.abs(v128.load(y)), most)));
}

/** x ← 1/√(x + ε), in place, one by one. */
export function inverseRoots(x: usize, count: i32, epsilon: f32): void {
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 4) store<f32>(x, <f32>1 / sqrt<f32>(load<f32>(x) + epsilon));
}

/** y = x².    x: [rows, columns], rows `xStride` floats apart; y: [rows, n], padding 0 */
export function squares(x: usize, xStride: i32, y: usize, n: i32, columns: i32, rows: i32): void {
  const end = (<usize>columns) << 2;
  const whole = (<usize>n) << 2;
  for (let r: i32 = 0; r < rows; r++) {
    let at: usize = 0;
    for (; at + 16 <= end; at += 16) {
      const v = v128.load(x + at);
      v128.store(y + at, f32x4.mul(v, v));
    }
    for (; at < end; at += 4) {
      const v = load<f32>(x + at);
      store<f32>(y + at, v * v);
    }
    for (; at < whole; at += 4) store<f32>(y + at, 0);
    x += (<usize>xStride) << 2;
    y += whole;
  }
}

/** y = e^(2x). count: floats, a multiple of 4 */
export function exponentialsOfTwice(x: usize, y: usize, count: i32): void {
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 16, y += 16) {
    const v = v128.load(x);
    v128.store(y, exp4(f32x4.add(v, v)));
  }
}

/** y = ½ ln x, for normal x > 0. */
export function halfLogarithms(x: usize, y: usize, count: i32): void {
  const half = f32x4.splat(0.5);
  const end = x + ((<usize>count) << 2);
  for (; x < end; x += 16, y += 16) v128.store(y, f32x4.mul(half, log4(v128.load(x))));
}

/** a ← a ÷ b, in place. */
export function divide(a: usize, b: usize, count: i32): void {
  const end = a + ((<usize>count) << 2);
  for (; a < end; a += 16, b += 16) v128.store(a, f32x4.div(v128.load(a), v128.load(b)));
}

/** a ← a · b, in place. */
export function multiply(a: usize, b: usize, count: i32): void {
  const end = a + ((<usize>count) << 2);
  for (; a < end; a += 16, b += 16) v128.store(a, f32x4.mul(v128.load(a), v128.load(b)));
}

/**
 * `count` standard normal numbers of a row's stream: pairs r cos 2πv, r sin 2πv with r = √(−2 ln u) (Box & Muller 1958), u = (k + 1) 2⁻²⁴
 * and v = k′ 2⁻²⁴ of two numbers drawn one after the other, so that none is beyond 5.8. The angle is reduced as a whole number, to
 * within π/4 of a multiple of π/2; there the polynomials are those of Cephes' sinf and cosf.
 */
function normalsOf(stream: usize, count: i32, to: usize): void {
  for (let at: i32 = 0; at < count; at += 8) {
    const left = count - at;
    let u = i32x4.splat(<i32>next24(stream));
    let v = i32x4.splat(<i32>next24(stream));
    if (left > 2) {
      u = i32x4.replace_lane(u, 1, <i32>next24(stream));
      v = i32x4.replace_lane(v, 1, <i32>next24(stream));
    }
    if (left > 4) {
      u = i32x4.replace_lane(u, 2, <i32>next24(stream));
      v = i32x4.replace_lane(v, 2, <i32>next24(stream));
    }
    if (left > 6) {
      u = i32x4.replace_lane(u, 3, <i32>next24(stream));
      v = i32x4.replace_lane(v, 3, <i32>next24(stream));
    }
    const uniform = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(u, i32x4.splat(1))), f32x4.splat(5.9604644775390625e-8));
    const radius = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), log4(uniform)));
    const quadrant = i32x4.shr_u(i32x4.add(v, i32x4.splat(0x200000)), 22);
    const rest = f32x4.convert_i32x4_s(i32x4.sub(v, i32x4.shl(quadrant, 22)));
    const x = f32x4.mul(rest, f32x4.splat(3.7450704e-7)); // ½ π 2⁻²²
    const z = f32x4.mul(x, x);
    let p = f32x4.splat(-1.9515295891e-4);
    p = madd(f32x4.splat(8.3321608736e-3), p, z);
    p = madd(f32x4.splat(-1.6666654611e-1), p, z);
    const sine = madd(x, f32x4.mul(p, z), x);
    let q = f32x4.splat(2.443315711809948e-5);
    q = madd(f32x4.splat(-1.388731625493765e-3), q, z);
    q = madd(f32x4.splat(4.166664568298827e-2), q, z);
    const cosine = f32x4.add(madd(f32x4.mul(f32x4.splat(-0.5), z), f32x4.mul(q, z), z), f32x4.splat(1));
    const one = i32x4.splat(1);
    const two = i32x4.splat(2);
    const odd = i32x4.eq(v128.and(quadrant, one), one);
    const cosSign = i32x4.shl(v128.and(i32x4.add(quadrant, one), two), 30);
    const sinSign = i32x4.shl(v128.and(quadrant, two), 30);
    const c = f32x4.mul(radius, v128.xor(v128.bitselect(sine, cosine, odd), cosSign));
    const s = f32x4.mul(radius, v128.xor(v128.bitselect(cosine, sine, odd), sinSign));
    const low = v128.shuffle<f32>(c, s, 0, 4, 1, 5);
    const high = v128.shuffle<f32>(c, s, 2, 6, 3, 7);
    const q0 = to + ((<usize>at) << 2);
    storeLanes(q0, low, left);
    if (left > 4) storeLanes(q0 + 16, high, left - 4);
  }
}

/** Stores the first `count` numbers of a vector, four at most. */
// @ts-ignore: decorator
@inline
function storeLanes(to: usize, v: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, v);
    return;
  }
  v128.store32_lane(to, v, 0);
  if (count > 1) v128.store32_lane(to, v, 1, 4);
  if (count > 2) v128.store32_lane(to, v, 2, 8);
}

/**
 * Standard normal numbers of every row whose count of steps is a multiple of `every`; the others keep theirs. steps: [rows];
 * streams: rows `streamStride` bytes apart; to: [rows, count]
 */
export function normals(
  streams: usize, streamStride: i32, rows: i32, steps: usize, every: i32, to: usize, count: i32,
): void {
  for (let r: i32 = 0; r < rows; r++) {
    if (load<i32>(steps + ((<usize>r) << 2)) % every == 0) normalsOf(streams, count, to);
    streams += streamStride;
    to += (<usize>count) << 2;
  }
}

/**
 * ε_t = ρ ε_(t−1) + √(1 − ρ²) n_t, from ε_0 = n_0 at an episode's first step: standard normal at every step. noise, state: [rows, size];
 * steps: of every row's episode so far, [rows]; root: √(1 − ρ²)
 */
export function ornsteinUhlenbeck(
  noise: usize, state: usize, steps: usize, rows: i32, size: i32, rho: f32, root: f32,
): void {
  const step = (<usize>size) << 2;
  for (let r: i32 = 0; r < rows; r++) {
    const first = load<i32>(steps + ((<usize>r) << 2)) == 0;
    for (let at: usize = 0; at < step; at += 4) {
      const n = load<f32>(noise + at);
      store<f32>(state + at, first ? n : rho * load<f32>(state + at) + root * n);
    }
    noise += step;
    state += step;
  }
}

/**
 * a = μ + σ n, ln σ brought within its bounds. out: [rows, n] with μ and ln σ of an action of `size` numbers from their columns on;
 * noise, action: [rows, size]
 */
export function gaussian(
  out: usize, n: i32, mean: i32, logSigma: i32, least: f32, most: f32, noise: usize, action: usize, rows: i32, size: i32,
): void {
  const step = (<usize>size) << 2;
  for (let r: i32 = 0; r < rows; r++) {
    const m = out + ((<usize>mean) << 2);
    const l = out + ((<usize>logSigma) << 2);
    for (let at: usize = 0; at < step; at += 4) {
      const log = f32x4.pmin(f32x4.pmax(splat(l + at), f32x4.splat(least)), f32x4.splat(most));
      store<f32>(action + at, load<f32>(m + at) + f32x4.extract_lane(exp4(log), 0) * load<f32>(noise + at));
    }
    out += (<usize>n) << 2;
    noise += step;
    action += step;
  }
}

/** σᵀ[k, i] = e^(ln σ[i, k]).    ln σ: [length, size]; σᵀ: [size, length] */
export function sdeSigma(logSigma: usize, sigma: usize, length: i32, size: i32): void {
  for (let k: i32 = 0; k < size; k++)
    for (let i: i32 = 0; i < length; i++) {
      store<f32>(sigma, f32x4.extract_lane(exp4(splat(logSigma + ((<usize>(i * size + k)) << 2))), 0));
      sigma += 4;
    }
}

/**
 * a_k = μ_k + Σ_i φ_i σ_ik E_ik: generalized state-dependent exploration (Raffin et al. 2021, arXiv:2005.05719). out: [rows, n], μ from its
 * column on; φ: [rows, length], rows `phiStride` floats apart; σᵀ: [size, length]; Eᵀ: [rows, size, length]; action: [rows, size]
 */
export function sdeAction(
  out: usize, n: i32, mean: i32, phi: usize, phiStride: i32, sigma: usize, noise: usize, action: usize,
  rows: i32, size: i32, length: i32,
): void {
  const step = (<usize>length) << 2;
  const whole = step & ~15;
  for (let r: i32 = 0; r < rows; r++) {
    let s = sigma;
    for (let k: i32 = 0; k < size; k++) {
      let four = f32x4.splat(0);
      for (let at: usize = 0; at < whole; at += 16)
        four = madd(four, v128.load(phi + at), f32x4.mul(v128.load(s + at), v128.load(noise + at)));
      four = f32x4.add(four, v128.shuffle<f32>(four, four, 2, 3, 0, 1));
      let sum = f32x4.extract_lane(four, 0) + f32x4.extract_lane(four, 1);
      for (let at = whole; at < step; at += 4) sum += load<f32>(phi + at) * (load<f32>(s + at) * load<f32>(noise + at));
      store<f32>(action, load<f32>(out + ((<usize>(mean + k)) << 2)) + sum);
      action += 4;
      s += step;
      noise += step;
    }
    out += (<usize>n) << 2;
    phi += (<usize>phiStride) << 2;
  }
}

/** to[r, c] = from[r, c]: copies `columns` numbers of every row between matrices whose rows lie `…Stride` floats apart. */
export function copyColumns(from: usize, fromStride: i32, to: usize, toStride: i32, columns: i32, rows: i32): void {
  const bytes = (<usize>columns) << 2;
  for (let r: i32 = 0; r < rows; r++) {
    memory.copy(to, from, bytes);
    from += (<usize>fromStride) << 2;
    to += (<usize>toStride) << 2;
  }
}

/**
 * Multiply-adds from registers alone, to measure what the processor can do: 8 · `rounds` vector multiply-adds of four
 * numbers on eight accumulators, as in the micro-tile, and nothing loaded or stored. The factors change sign on every
 * round, so that no product can be taken out of the loop.
 */
export function peak(rounds: i32): f32 {
  const sign = i32x4.splat(0x80000000);
  let w0 = f32x4.splat(0.9999);
  let w1 = f32x4.splat(0.9998);
  const s0 = f32x4.splat(0.1);
  const s1 = f32x4.splat(0.2);
  const s2 = f32x4.splat(0.3);
  const s3 = f32x4.splat(0.4);
  let a0 = s0, a1 = s0, a2 = s1, a3 = s1, a4 = s2, a5 = s2, a6 = s3, a7 = s3;
  for (let i: i32 = 0; i < rounds; i++) {
    a0 = madd(a0, s0, w0);
    a1 = madd(a1, s0, w1);
    a2 = madd(a2, s1, w0);
    a3 = madd(a3, s1, w1);
    a4 = madd(a4, s2, w0);
    a5 = madd(a5, s2, w1);
    a6 = madd(a6, s3, w0);
    a7 = madd(a7, s3, w1);
    w0 = v128.xor(w0, sign);
    w1 = v128.xor(w1, sign);
  }
  const sum = f32x4.add(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), f32x4.add(f32x4.add(a4, a5), f32x4.add(a6, a7)));
  return f32x4.extract_lane(sum, 0);
}

/** Columns of up to four rows, each a vector with a row in every lane: [step / 4, 4] at `to`. Missing rows repeat the last. step: bytes of a row */
// @ts-ignore: decorator
@inline
function columnsOf(rows: usize, step: usize, count: i32, to: usize): void {
  const r1 = rows + (count > 1 ? step : 0);
  const r2 = r1 + (count > 2 ? step : 0);
  const r3 = r2 + (count > 3 ? step : 0);
  for (let at: usize = 0; at < step; at += 16) {
    const a = v128.load(rows + at), b = v128.load(r1 + at), c = v128.load(r2 + at), d = v128.load(r3 + at);
    transpose4(a, b, c, d, to + (at << 2));
  }
}

/** The same for rows of `width` numbers that lie one after the other, without padding: [width, 4] at `to`. */
// @ts-ignore: decorator
@inline
function fieldColumnsOf(rows: usize, width: i32, count: i32, to: usize): void {
  const step = (<usize>width) << 2;
  const r1 = rows + (count > 1 ? step : 0);
  const r2 = r1 + (count > 2 ? step : 0);
  const r3 = r2 + (count > 3 ? step : 0);
  for (let at: usize = 0; at < step; at += 4) {
    let v = f32x4.splat(load<f32>(rows + at));
    v = f32x4.replace_lane(v, 1, load<f32>(r1 + at));
    v = f32x4.replace_lane(v, 2, load<f32>(r2 + at));
    v128.store(to + (at << 2), f32x4.replace_lane(v, 3, load<f32>(r3 + at)));
  }
}

/** Stores the columns of the matrix with the rows a, b, c, d. */
// @ts-ignore: decorator
@inline
function transpose4(a: v128, b: v128, c: v128, d: v128, to: usize): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7), cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 16);
  v128.store(to, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5), 32);
  v128.store(to, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7), 48);
}

/** The way back from `columnsOf`, times `scale`, into as many rows as there are. */
// @ts-ignore: decorator
@inline
function rowsOf(columns: usize, step: usize, count: i32, scale: v128, rows: usize): void {
  for (let at: usize = 0; at < step; at += 16) {
    const from = columns + (at << 2);
    const a = f32x4.mul(v128.load(from), scale), b = f32x4.mul(v128.load(from, 16), scale);
    const c = f32x4.mul(v128.load(from, 32), scale), d = f32x4.mul(v128.load(from, 48), scale);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7), cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    let to = rows + at;
    v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
    if (count > 1) v128.store((to += step), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
    if (count > 2) v128.store((to += step), v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5));
    if (count > 3) v128.store(to + step, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7));
  }
}

/** Adds both numbers of a vector to a sum. */
// @ts-ignore: decorator
@inline
function addLanes(sum: usize, v: v128): void {
  store<f64>(sum, load<f64>(sum) + f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1));
}
