/**
 * sin, cos, exp, log and tanh with the same bits in every browser: platform versions differ in the last place, and one
 * differing bit makes two runs part. Only operations that IEEE 754 rounds in one way are used. Nothing allocates, except
 * sin and cos beyond MEDIUM. Errors stay below 1 ulp (tanh: 2 ulp).
 *
 * Sources of methods and coefficients: FreeBSD msun, which is Sun's fdlibm (k_sin.c, k_cos.c, e_rem_pio2.c, e_exp.c,
 * e_log.c); Cephes by S. L. Moshier (tanh.c).
 */

export const TAU = 6.283185307179586;

/** One float64 and its two words. Every thread has its own. */
const double = new Float64Array(1);
const words = new Int32Array(double.buffer);
/** Index of the word that holds sign, exponent and the upper 20 bits of the fraction: 1 on a little-endian machine. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0];

/** The nearest integer, ties to even, for |x| < 2⁵¹: adding 1.5·2⁵² leaves no room for a fraction. */
const nearest = (x: number) => x + 6755399441055744 - 6755399441055744;

/** y·2ᵏ for normal y and normal result: adds k to the exponent field. */
function scale(y: number, k: number): number {
  double[0] = y;
  words[HIGH] += k << 20;
  return double[0];
}

const QUARTER_PI = 0.7853981633974483;
/** 2⁻²⁸: below it sin x and tanh x round to x. Returning x itself keeps the sign of zero. */
const TINY = 3.725290298461914e-9;

/** sin x. Its error is below 1 ulp for every x. */
export function sin(x: number): number {
  const a = Math.abs(x);
  if (a <= QUARTER_PI) return a < TINY ? x : sinKernel(x);
  const quadrant = reduce(x);
  if (quadrant & 1) return quadrant & 2 ? -cosKernel(rest[0], rest[1]) : cosKernel(rest[0], rest[1]);
  return quadrant & 2 ? -sinKernelOfSum(rest[0], rest[1]) : sinKernelOfSum(rest[0], rest[1]);
}

/** cos x. Its error is below 1 ulp for every x. */
export function cos(x: number): number {
  if (Math.abs(x) <= QUARTER_PI) return cosKernel(x, 0);
  const quadrant = reduce(x);
  if (quadrant & 1) return quadrant & 2 ? sinKernelOfSum(rest[0], rest[1]) : -sinKernelOfSum(rest[0], rest[1]);
  return quadrant & 2 ? -cosKernel(rest[0], rest[1]) : cosKernel(rest[0], rest[1]);
}

const S1 = -0.16666666666666632;
const S2 = 0.00833333333332249;
const S3 = -0.0001984126982985795;
const S4 = 2.7557313707070068e-6;
const S5 = -2.5050760253406863e-8;
const S6 = 1.58969099521155e-10;

/** sin x = x + x³ (S₁ + S₂x² + … + S₆x¹⁰) on [−π/4, π/4] */
function sinKernel(x: number): number {
  const z = x * x;
  const r = S2 + z * (S3 + z * (S4 + z * (S5 + z * S6)));
  return x + z * x * (S1 + z * r);
}

/** sin(x + y) ≈ sin x + y (1 − x²/2), where y is the tail of x */
function sinKernelOfSum(x: number, y: number): number {
  const z = x * x;
  const v = z * x;
  const r = S2 + z * (S3 + z * (S4 + z * (S5 + z * S6)));
  return x - (z * (0.5 * y - v * r) - y - v * S1);
}

const C1 = 0.0416666666666666;
const C2 = -0.001388888888887411;
const C3 = 2.480158728947673e-5;
const C4 = -2.7557314351390663e-7;
const C5 = 2.087572321298175e-9;
const C6 = -1.1359647557788195e-11;

/** cos(x + y) ≈ 1 − x²/2 + x⁴ (C₁ + C₂x² + … + C₆x¹⁰) − xy, where y is the tail of x, on [−π/4, π/4] */
function cosKernel(x: number, y: number): number {
  const z = x * x;
  const r = z * (C1 + z * (C2 + z * (C3 + z * (C4 + z * (C5 + z * C6)))));
  const half = 0.5 * z;
  const w = 1 - half;
  return w + (1 - w - half + (z * r - x * y)); // 1 − w − half: what the subtraction lost
}

const TWO_OVER_PI = 0.6366197723675814;
// π/2 in pieces of 33 bits, so that n times a piece is exact for n < 2²⁰, each with the tail that follows it
const P1 = 1.5707963267341256;
const P1_TAIL = 6.077100506506192e-11;
const P2 = 6.077100506303966e-11;
const P2_TAIL = 2.0222662487959506e-21;
const P3 = 2.0222662487111665e-21;
const P3_TAIL = 8.4784276603689e-32;
/** 2²⁰ · π/2 */
const MEDIUM = 1647099.3291652855;

/** What reduce leaves: x − n π/2 as a sum of two float64, the second below half an ulp of the first. */
const rest = new Float64Array(2);

/** Returns n with x = n π/2 + rest, |rest| ≤ π/4, modulo 4. NaN and ±Infinity leave NaN. (Cody & Waite 1980) */
function reduce(x: number): number {
  const a = Math.abs(x);
  if (!(a <= MEDIUM)) return reduceHuge(x);
  const n = nearest(x * TWO_OVER_PI);
  let t = x;
  let r = t - n * P1; // exact
  let w = n * P1_TAIL;
  let y = r - w; // π/2 to 85 bits
  if (Math.abs(y) * 65536 < a) {
    // more than 16 bits cancelled: take 118
    t = r;
    w = n * P2;
    r = t - w;
    w = n * P2_TAIL - (t - r - w);
    y = r - w;
    if (Math.abs(y) * 562949953421312 < a) {
      // more than 49 bits cancelled: take 151, which no float64 exhausts
      t = r;
      w = n * P3;
      r = t - w;
      w = n * P3_TAIL - (t - r - w);
      y = r - w;
    }
  }
  rest[0] = y;
  rest[1] = r - y - w;
  return n & 3;
}

/** The first 1216 bits of 2/π. */
const TWO_OVER_PI_BITS = BigInt(
  "0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424d" +
    "d2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d639" +
    "835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f46" +
    "3f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6bab",
);
/** The first 128 bits of π/2. */
const HALF_PI_BITS = 0xc90fdaa22168c234c4c6628b80dc1cd1n;

/** reduce for the angles beyond MEDIUM, which no environment reaches, with integers of any length. (Payne & Hanek 1983) */
function reduceHuge(x: number): number {
  if (!(Math.abs(x) < Infinity)) {
    rest[0] = rest[1] = NaN;
    return 0;
  }
  double[0] = x;
  const exponent = ((words[HIGH] >>> 20) & 2047) - 1075; // x = mantissa · 2^exponent, −33 < exponent < 972
  const fraction = BigInt.asUintN(52, (BigInt(words[HIGH] & 0xfffff) << 32n) | BigInt(words[1 - HIGH] >>> 0));
  const mantissa = x < 0 ? -(fraction + (1n << 52n)) : fraction + (1n << 52n);
  // x · 2/π modulo 4, with 192 bits after the point
  const turns = BigInt.asUintN(194, (mantissa * TWO_OVER_PI_BITS) >> BigInt(1024 - exponent));
  const n = (turns + (1n << 191n)) >> 192n;
  const angle = (turns - (n << 192n)) * HALF_PI_BITS; // in units of 2⁻³¹⁹
  rest[0] = Number(angle);
  rest[1] = Number(angle - BigInt(rest[0])) * 9.363352709384397e-97;
  rest[0] *= 9.363352709384397e-97;
  return Number(n) & 3;
}

/** ln 2 in two parts. The first has 32 bits, so that k times it is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const E1 = 0.16666666666666602;
const E2 = -0.0027777777777015593;
const E3 = 6.613756321437934e-5;
const E4 = -1.6533902205465252e-6;
const E5 = 4.1381367970572385e-8;

/** eˣ. Its error is below 1 ulp. */
export function exp(x: number): number {
  if (!(x <= 709.782712893384)) return x > 0 ? Infinity : NaN;
  if (x < -745.1332191019412) return 0;
  // x = k ln 2 + r, |r| ≤ ½ ln 2, and r = high − low
  const k = nearest(x * Math.LOG2E);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  // eʳ = 1 + r + r c/(2 − c) with c = r − r² (E₁ + E₂r² + … + E₅r⁸)
  const z = r * r;
  const c = r - z * (E1 + z * (E2 + z * (E3 + z * (E4 + z * E5))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  // eˣ = 2ᵏ eʳ; at the ends of the range in two halves, of which only the second rounds
  if (k > -1021 && k < 1023) return scale(y, k);
  const half = k >> 1;
  return scale(y, half) * scale(1, k - half);
}

const L1 = 0.6666666666666735;
const L2 = 0.3999999999940942;
const L3 = 0.2857142874366239;
const L4 = 0.22222198432149784;
const L5 = 0.1818357216161805;
const L6 = 0.15313837699209373;
const L7 = 0.14798198605116586;

/** Natural logarithm. Its error is below 1 ulp. */
export function log(x: number): number {
  let k = 0;
  if (!(x >= 2.2250738585072014e-308 && x < Infinity)) {
    if (!(x > 0)) return x === 0 ? -Infinity : NaN;
    if (x === Infinity) return x;
    x *= 18014398509481984; // subnormal: 2⁵⁴ makes it normal
    k = -54;
  }
  // x = 2ᵏ (1 + f), √½ < 1 + f < √2
  double[0] = x;
  const fraction = words[HIGH] & 0xfffff;
  const carry = (fraction + 0x95f64) & 0x100000; // set when the fraction is at least √2
  k += (words[HIGH] >>> 20) - 1023 + (carry >>> 20);
  words[HIGH] = fraction | (carry ^ 0x3ff00000);
  const f = double[0] - 1;
  // ln(1 + f) = 2 artanh s with s = f/(2 + f), and 2 artanh s = 2s + s R, R = L₁s² + L₂s⁴ + … + L₇s¹⁴;
  // rewritten as f − (f²/2 − s (f²/2 + R)), which rounds less
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const R = w * (L2 + w * (L4 + w * L6)) + z * (L1 + w * (L3 + w * (L5 + w * L7)));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + R) + k * LN2_LOW) - f);
}

const T0 = -0.9643991794250523;
const T1 = -99.28772310019185;
const T2 = -1614.6876844170845;
const U0 = 112.81167849163293;
const U1 = 2235.4883906010045;
const U2 = 4844.063053251255;

/** Hyperbolic tangent. Its error is below 2 ulp. */
export function tanh(x: number): number {
  const a = Math.abs(x);
  if (a < 0.625) {
    if (a < TINY) return x;
    // tanh x = x + x³ (T₀x⁴ + T₁x² + T₂)/(x⁶ + U₀x⁴ + U₁x² + U₂)
    const z = x * x;
    return x + x * z * (((T0 * z + T1) * z + T2) / (((z + U0) * z + U1) * z + U2));
  }
  const y = a > 22 ? 1 : 1 - 2 / (exp(2 * a) + 1); // tanh |x|
  return x < 0 ? -y : y;
}
