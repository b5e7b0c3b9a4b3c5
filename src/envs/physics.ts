/** Physics that several environments have. */
import { real } from "../core/params.ts";

export const gravity = (of: { default: number; max: number; help?: string }) =>
  real({
    label: "Gravity",
    symbol: "g",
    unit: "m/s²",
    group: "physics",
    live: true,
    min: 0,
    step: 0.1,
    help: "Acceleration of free fall: 9.8 on Earth, 1.6 on the Moon.",
    ...of,
  });
