/**
 * Two links hang from a fixed joint; a motor at the joint between them is to swing the free end above a line.
 *
 * Sutton 1996, "Generalization in Reinforcement Learning: Successful Examples Using Sparse Coarse Coding"; equations of motion of
 * Sutton & Barto's book ("book" dynamics), one step of Runge and Kutta's method as in Gymnasium's classic_control/acrobot.py.
 */
import { cos, sin, TAU } from "../core/math.ts";
import { defaultsOf, real, type Values } from "../core/params.ts";
import type { Environment, Mark, Point, Quantity } from "./environment.ts";
import { gravity } from "./physics.ts";

const SECONDS_PER_STEP = 0.2;
const MOST_SPEED = [4 * Math.PI, 9 * Math.PI] as const; // rad/s
const MOMENT = 1; // kg m², of either link
const START = 0.1; // every component of a start state is uniform in ±START
const QUARTER_TURN = Math.PI / 2;

const mass = (which: string, symbol: string) =>
  real({
    label: `Mass of the ${which} link`,
    symbol,
    unit: "kg",
    group: "physics",
    live: true,
    default: 1,
    min: 0.2,
    max: 5,
    scale: "log",
    help: "A heavy link swings with more momentum and is harder to lift.",
  });

const length = (which: string, symbol: string) =>
  real({
    label: `Length of the ${which} link`,
    symbol,
    unit: "m",
    group: "physics",
    live: true,
    default: 1,
    min: 0.3,
    max: 2,
    scale: "log",
    help: "Its centre of mass is in its middle. The line to reach is one length of the first link above the joint.",
  });

const params = {
  gravity: gravity({ default: 9.8, max: 30 }),
  mass1: mass("first", "m₁"),
  mass2: mass("second", "m₂"),
  length1: length("first", "l₁"),
  length2: length("second", "l₂"),
  torque: real({
    label: "Torque",
    symbol: "τ",
    unit: "N m",
    group: "physics",
    live: true,
    default: 1,
    min: 0,
    max: 10,
    step: 0.1,
    help: "Strength of the motor between the links, in either direction.",
  }),
  torqueNoise: real({
    label: "Torque noise",
    symbol: "σ",
    unit: "N m",
    group: "physics",
    live: true,
    default: 0,
    min: 0,
    max: 5,
    step: 0.1,
    help: "Standard deviation of a normal disturbance that is added to the torque of every step. 0: no disturbance.",
  }),
};

type Physics = Values<typeof params>;

const state: readonly Quantity[] = [
  { name: "angle of link 1", symbol: "θ₁", unit: "rad", shown: [-Math.PI, Math.PI], period: TAU }, // 0: hanging
  { name: "angle of link 2", symbol: "θ₂", unit: "rad", shown: [-Math.PI, Math.PI], period: TAU }, // 0: in line with the first
  { name: "velocity of link 1", symbol: "θ̇₁", unit: "rad/s", shown: [-MOST_SPEED[0], MOST_SPEED[0]] },
  { name: "velocity of link 2", symbol: "θ̇₂", unit: "rad/s", shown: [-MOST_SPEED[1], MOST_SPEED[1]] },
];

const observations: readonly Quantity[] = [
  { name: "cosine of θ₁", symbol: "cos θ₁", unit: "", shown: [-1, 1] },
  { name: "sine of θ₁", symbol: "sin θ₁", unit: "", shown: [-1, 1] },
  { name: "cosine of θ₂", symbol: "cos θ₂", unit: "", shown: [-1, 1] },
  { name: "sine of θ₂", symbol: "sin θ₂", unit: "", shown: [-1, 1] },
  state[2],
  state[3],
];

/** Angular accelerations of both links, where `accelerations` writes them. Every thread has its own. */
const acceleration = new Float64Array(2);

function accelerations(theta1: number, theta2: number, dTheta1: number, dTheta2: number, torque: number, p: Physics) {
  const { mass1: m1, mass2: m2, length1: l1, gravity: g } = p;
  const c1 = 0.5 * l1; // centres of mass
  const c2 = 0.5 * p.length2;
  const sin2 = sin(theta2);
  const cos2 = cos(theta2);
  const d1 = m1 * (c1 * c1) + m2 * (l1 * l1 + c2 * c2 + 2 * l1 * c2 * cos2) + MOMENT + MOMENT;
  const d2 = m2 * (c2 * c2 + l1 * c2 * cos2) + MOMENT;
  const phi2 = m2 * c2 * g * cos(theta1 + theta2 - QUARTER_TURN);
  const phi1 =
    -m2 * l1 * c2 * (dTheta2 * dTheta2) * sin2 -
    2 * m2 * l1 * c2 * dTheta2 * dTheta1 * sin2 +
    (m1 * c1 + m2 * l1) * g * cos(theta1 - QUARTER_TURN) +
    phi2;
  const second =
    (torque + (d2 / d1) * phi1 - m2 * l1 * c2 * (dTheta1 * dTheta1) * sin2 - phi2) /
    (m2 * (c2 * c2) + MOMENT - (d2 * d2) / d1);
  acceleration[0] = -(d2 * second + phi1) / d1;
  acceleration[1] = second;
}

/** The angle in [−π, π]. */
function wrap(angle: number): number {
  let x = Math.abs(angle) < 100 ? angle : angle - TAU * Math.round(angle / TAU);
  while (x > Math.PI) x -= TAU;
  while (x < -Math.PI) x += TAU;
  return x;
}

const clip = (x: number, most: number) => Math.min(Math.max(x, -most), most);

const isAbove = (s: Float64Array, { length1, length2 }: Physics) =>
  -length1 * cos(s[0]) - length2 * cos(s[1] + s[0]) > length1;

const defaults = defaultsOf(params);
/** Of the drawing, in m: half of its side, and the greatest length of the arm; a longer one is drawn smaller. */
const REACH = 2.3;
const ARM = 2.1;
const LINK_WIDTH = 0.2;
const JOINT = 0.055;

/** The torque on a link that points in a direction (rad): beside it, the way that it turns. */
const torqueMarks = (at: Point, direction: number, sign: number): Mark[] =>
  sign === 0
    ? []
    : [
        {
          kind: "turn",
          centre: at,
          radius: 0.5,
          from: direction + 0.4 * sign,
          to: direction + 1.7 * sign,
          width: 0.06,
          tone: "action",
        },
      ];

export const acrobot: Environment<typeof params> = {
  id: "Acrobot-v1",
  title: "Acrobot",
  subject: { one: "arm", many: "arms" },
  about: "Swing the free end of a two-link arm above the line, with a motor at the joint between the links.",
  source:
    "Sutton 1996, Advances in Neural Information Processing Systems 8; dynamics as in Gymnasium's classic_control/acrobot.py",
  params,
  state,
  observations,
  actions: { kind: "discrete", names: ["torque −", "no torque", "torque +"] },
  maxSteps: 500,
  solvedAt: -100,
  returns: { random: -499, higher: "the sooner the arms reach the line", reward: 1 },
  secondsPerStep: SECONDS_PER_STEP,
  view: { left: -REACH, right: REACH, bottom: -REACH, top: REACH },

  initial(rng, into) {
    for (let i = 0; i < 4; i++) into[i] = Math.fround(rng.between(-START, START));
  },

  step(s, action, physics, rng) {
    let torque = (action[0] - 1) * physics.torque;
    if (physics.torqueNoise > 0) torque += physics.torqueNoise * rng.normal();
    const h = SECONDS_PER_STEP;
    const half = h / 2;
    const a = s[0];
    const b = s[1];
    const u = s[2];
    const v = s[3];
    // y ← y + h/6 (k₁ + 2 k₂ + 2 k₃ + k₄)
    accelerations(a, b, u, v, torque, physics);
    const u1 = acceleration[0];
    const v1 = acceleration[1];
    const u2s = u + half * u1;
    const v2s = v + half * v1;
    accelerations(a + half * u, b + half * v, u2s, v2s, torque, physics);
    const u2 = acceleration[0];
    const v2 = acceleration[1];
    const u3s = u + half * u2;
    const v3s = v + half * v2;
    accelerations(a + half * u2s, b + half * v2s, u3s, v3s, torque, physics);
    const u3 = acceleration[0];
    const v3 = acceleration[1];
    const u4s = u + h * u3;
    const v4s = v + h * v3;
    accelerations(a + h * u3s, b + h * v3s, u4s, v4s, torque, physics);
    const sixth = h / 6;
    s[0] = wrap(a + sixth * (u + 2 * u2s + 2 * u3s + u4s));
    s[1] = wrap(b + sixth * (v + 2 * v2s + 2 * v3s + v4s));
    s[2] = clip(u + sixth * (u1 + 2 * u2 + 2 * u3 + acceleration[0]), MOST_SPEED[0]);
    s[3] = clip(v + sixth * (v1 + 2 * v2 + 2 * v3 + acceleration[1]), MOST_SPEED[1]);
    return isAbove(s, physics) ? 0 : -1;
  },

  pushed: { quantity: state[2], press: 1 },

  push(s, strength) {
    // A link that points upward turns the other way.
    s[2] = clip(s[2] + (cos(s[0]) < 0 ? -strength : strength), MOST_SPEED[0]);
  },

  terminal: isAbove,

  observe(s, out) {
    out[0] = cos(s[0]);
    out[1] = sin(s[0]);
    out[2] = cos(s[1]);
    out[3] = sin(s[1]);
    out[4] = s[2];
    out[5] = s[3];
  },

  sketch([theta1, theta2], { length1, length2 } = defaults, action) {
    const fit = Math.min(1, ARM / (length1 + length2));
    const [l1, l2] = [fit * length1, fit * length2];
    const elbow: Point = [l1 * sin(theta1), -l1 * cos(theta1)];
    const end: Point = [elbow[0] + l2 * sin(theta1 + theta2), elbow[1] - l2 * cos(theta1 + theta2)];
    return [
      { kind: "line", from: [-REACH, l1], to: [REACH, l1], width: 0.03, tone: "goal" },
      { kind: "line", from: [0, 0], to: elbow, width: LINK_WIDTH, tone: "body" },
      { kind: "line", from: elbow, to: end, width: LINK_WIDTH, tone: "moving" },
      { kind: "disc", centre: [0, 0], radius: JOINT, tone: "joint" },
      { kind: "disc", centre: elbow, radius: JOINT, tone: "joint" },
      ...torqueMarks(elbow, theta1 + theta2 - QUARTER_TURN, action ? action[0] - 1 : 0),
    ];
  },
};
