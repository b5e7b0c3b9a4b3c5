/**
 * A pendulum on a motor that is too weak to lift it at once: swing it up and hold it upright.
 *
 * In the order of arithmetic of Gymnasium's classic_control/pendulum.py.
 */
import { cos, sin, TAU } from "../core/math.ts";
import { defaultsOf, real } from "../core/params.ts";
import type { Environment, Quantity } from "./environment.ts";
import { gravity } from "./physics.ts";

const SECONDS_PER_STEP = 0.05;
const MOST_SPEED = 8; // rad/s
const MOST_TORQUE = 2; // N m

const params = {
  gravity: gravity({
    default: 10,
    max: 50,
    help: "Acceleration of free fall. Up to 4 m/s², at the default mass and length, the motor lifts the pendulum without a swing.",
  }),
  mass: real({
    label: "Mass",
    symbol: "m",
    unit: "kg",
    group: "physics",
    live: true,
    default: 1,
    min: 0.1,
    max: 10,
    scale: "log",
    help: "A heavy pendulum answers slowly to the motor.",
  }),
  length: real({
    label: "Length",
    symbol: "l",
    unit: "m",
    group: "physics",
    live: true,
    default: 1,
    min: 0.2,
    max: 2,
    scale: "log",
    help: "From the axle to the free end. A long pendulum swings slowly.",
  }),
};

const state: readonly Quantity[] = [
  { name: "angle", symbol: "θ", unit: "rad", shown: [-Math.PI, Math.PI], period: TAU }, // 0: upright, positive: counter-clockwise, never wrapped
  { name: "angular velocity", symbol: "θ̇", unit: "rad/s", shown: [-MOST_SPEED, MOST_SPEED] },
];

const observations: readonly Quantity[] = [
  { name: "cosine of θ", symbol: "cos θ", unit: "", shown: [-1, 1] },
  { name: "sine of θ", symbol: "sin θ", unit: "", shown: [-1, 1] },
  state[1],
];

/** The angle in [−π, π). */
function normalised(angle: number): number {
  const x = (angle + Math.PI) % TAU;
  return (x < 0 ? x + TAU : x) - Math.PI;
}

const clip = (x: number, most: number) => Math.min(Math.max(x, -most), most);

const defaults = defaultsOf(params);
/** Of the drawing, in m: half of its side, and the greatest length of the pendulum; a longer one is drawn so long. */
const REACH = 1.3;
const ARM = 1.05;
/** The arrow of the greatest torque, in rad. */
const MOST_TURN = 1.8;

export const pendulum: Environment<typeof params> = {
  id: "Pendulum-v1",
  title: "Pendulum",
  subject: { one: "pendulum", many: "pendulums" },
  about: "Swing a pendulum up and hold it upright with as little torque as possible.",
  source: "dynamics as in Gymnasium's classic_control/pendulum.py",
  params,
  state,
  observations,
  actions: {
    kind: "continuous",
    components: [{ name: "torque", symbol: "τ", unit: "N m", low: -MOST_TORQUE, high: MOST_TORQUE }],
  },
  maxSteps: 200,
  solvedAt: null,
  returns: { random: -1230, good: -200, higher: "the longer the pendulums stay upright", reward: 6 },
  secondsPerStep: SECONDS_PER_STEP,
  view: { left: -REACH, right: REACH, bottom: -REACH, top: REACH },

  initial(rng, into) {
    into[0] = rng.between(-Math.PI, Math.PI);
    into[1] = rng.between(-1, 1);
  },

  step(s, action, { gravity, mass, length }) {
    const theta = s[0];
    const thetaDot = s[1];
    const torque = clip(action[0], MOST_TORQUE);
    const angle = normalised(theta);
    // θ̈ = 3 g sin θ / 2 l + 3 τ / m l²
    const acceleration = ((3 * gravity) / (2 * length)) * sin(theta) + (3 / (mass * (length * length))) * torque;
    s[1] = clip(thetaDot + acceleration * SECONDS_PER_STEP, MOST_SPEED);
    s[0] = theta + s[1] * SECONDS_PER_STEP;
    // Of the state before the step.
    return -(angle * angle + 0.1 * (thetaDot * thetaDot) + 0.001 * (torque * torque));
  },

  pushed: { quantity: state[1], press: 2 },

  push(s, strength) {
    // Above the axle, to turn to the right is to turn clockwise.
    s[1] = clip(s[1] + (cos(s[0]) < 0 ? strength : -strength), MOST_SPEED);
  },

  terminal: () => false,

  observe(s, out) {
    out[0] = cos(s[0]);
    out[1] = sin(s[0]);
    out[2] = s[1];
  },

  sketch([theta], { length } = defaults, action) {
    const reach = Math.min(length, ARM);
    const direction = theta + Math.PI / 2; // of the arm, from the right
    const share = action ? clip(action[0], MOST_TORQUE) / MOST_TORQUE : 0;
    const from = direction + 0.3 * Math.sign(share);
    return [
      { kind: "line", from: [0, ARM + 0.08], to: [0, REACH - 0.04], width: 0.025, tone: "goal" },
      { kind: "line", from: [0, 0], to: [-reach * sin(theta), reach * cos(theta)], width: 0.16, tone: "moving" },
      { kind: "disc", centre: [0, 0], radius: 0.045, tone: "joint" },
      ...(Math.abs(share) < 0.01
        ? []
        : [
            {
              kind: "turn",
              centre: [0, 0],
              radius: 0.55 * reach,
              from,
              to: from + MOST_TURN * share,
              width: 0.04,
              tone: "action",
            } as const,
          ]),
    ];
  },
};
