/** Numbers as the page writes them. */

const THIN = "\u202f"; // no-break, between number and unit
export const NOTHING = "–";

/** With a true minus where it is negative. */
const signed = (text: string): string => text.replace(/^-/, "−");

const prefixes = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** Without decimals; −0.4 is 0. */
const rounded = (x: number): string => String(Math.round(x) || 0);

/** Three significant digits with a prefix: 7, 212 k, 1.40 M. */
export function compact(x: number): string {
  if (!Number.isFinite(x)) return NOTHING;
  for (const [size, prefix] of prefixes) {
    if (Math.abs(x) < size * 0.9995) continue;
    const scaled = x / size;
    const digits = Math.abs(scaled) >= 99.95 ? 0 : Math.abs(scaled) >= 9.995 ? 1 : 2;
    return signed(`${scaled.toFixed(digits)}${THIN}${prefix}`);
  }
  return signed(rounded(x));
}

/** The label of an axis: the shortest that is exact to three digits, 0.25, 50 k, 1.5 M, 2e-5. */
export function tick(x: number): string {
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size < 1e-3) return signed(x.toExponential().replace(/(\.\d{1,2})\d*/, "$1"));
  for (const [unit, prefix] of prefixes)
    if (size >= unit) return signed(`${Number((x / unit).toPrecision(4))}${THIN}${prefix}`);
  return signed(String(Number(x.toPrecision(4))));
}

/** At most three significant digits: 0.0123, 1.5, 187. */
export function short(x: number | null | undefined): string {
  if (x === null || x === undefined || !Number.isFinite(x)) return NOTHING;
  const size = Math.abs(x);
  if (size >= 1e6) return compact(x);
  if (size >= 100) return signed(rounded(x));
  if (size !== 0 && size < 1e-3) return signed(x.toExponential(1));
  return signed(String(Number(x.toPrecision(3))));
}

/** One decimal, always: nothing jumps when it changes. */
export const oneDecimal = (x: number | null): string =>
  x === null || !Number.isFinite(x) ? NOTHING : signed(x.toFixed(1).replace(/^-0\.0$/, "0.0"));

/** m:ss, or h:mm:ss from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** 0.9 s below ten seconds, where a clock would say nothing yet; then m:ss. */
export const elapsed = (seconds: number): string =>
  seconds < 10 ? `${(Math.floor(seconds * 10) / 10).toFixed(1)}${THIN}s` : clock(seconds);

const units = [
  [86_400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** About how long, in two significant digits: 1.5 s, 26 min, 3.2 h. From a tenth of a second on. */
export function duration(seconds: number): string {
  const [size, unit] = units.find(([size]) => seconds >= size) ?? units[units.length - 1];
  return `${Number((seconds / size).toPrecision(2))}${THIN}${unit}`;
}

export const bytes = (n: number): string =>
  n >= 2 ** 30
    ? `${(n / 2 ** 30).toFixed(1)}${THIN}GiB`
    : n >= 2 ** 20
      ? `${(n / 2 ** 20).toFixed(1)}${THIN}MiB`
      : `${(n / 2 ** 10).toFixed(0)}${THIN}KiB`;

export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
