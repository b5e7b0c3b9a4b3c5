/**
 * A pole stands on a cart, joined by a hinge; push the cart left or right so that the pole does not fall.
 *
 * Barto, Sutton & Anderson 1983, doi:10.1109/TSMC.1983.6313077, with the equations of motion of Florian 2007 ("Correct
 * equations for the dynamics of the cart-pole system"), in the order of arithmetic of Gymnasium's
 * classic_control/cartpole.py: a step from the same state gives the same numbers.
 */
import { cos, sin } from "../core/math.ts";
import { choice, defaultsOf, real } from "../core/params.ts";
import type { Environment, Quantity } from "./environment.ts";
import { gravity } from "./physics.ts";

const SECONDS_PER_STEP = 0.02;
const X_LIMIT = 2.4; // m
const THETA_LIMIT = (12 * 2 * Math.PI) / 360; // rad
const START = 0.05; // every component of a start state is uniform in ±START

const params = {
  gravity: gravity({ default: 9.8, max: 50 }),
  massCart: real({
    label: "Cart mass",
    symbol: "M",
    unit: "kg",
    group: "physics",
    live: true,
    default: 1,
    min: 0.1,
    max: 10,
    scale: "log",
    help: "A heavy cart answers slowly to a push.",
  }),
  massPole: real({
    label: "Pole mass",
    symbol: "m",
    unit: "kg",
    group: "physics",
    live: true,
    default: 0.1,
    min: 0.01,
    max: 10,
    scale: "log",
    help: "A heavy pole drags the cart along.",
  }),
  length: real({
    label: "Half pole length",
    symbol: "l",
    unit: "m",
    group: "physics",
    live: true,
    default: 0.5,
    min: 0.05,
    max: 5,
    scale: "log",
    help: "From the hinge to the centre of the pole. A short pole falls faster.",
  }),
  force: real({
    label: "Force",
    symbol: "F",
    unit: "N",
    group: "physics",
    live: true,
    default: 10,
    min: 0,
    max: 100,
    step: 0.5,
    help: "Size of a push, to the left or to the right.",
  }),
  forceNoise: real({
    label: "Force noise",
    symbol: "σ",
    unit: "N",
    group: "physics",
    live: true,
    default: 0,
    min: 0,
    max: 50,
    step: 0.5,
    help: "Standard deviation of a normal disturbance that is added to every push. 0: no disturbance.",
  }),
  integrator: choice(["euler", "semi-implicit"], {
    label: "Integrator",
    group: "physics",
    live: true,
    default: "euler",
    help: "euler moves with the old velocities, semi-implicit with the new ones, which keeps energy better.",
  }),
};

const quantities: readonly Quantity[] = [
  { name: "cart position", symbol: "x", unit: "m", shown: [-X_LIMIT, X_LIMIT] },
  { name: "cart velocity", symbol: "ẋ", unit: "m/s", shown: [-3, 3] },
  { name: "pole angle", symbol: "θ", unit: "rad", shown: [-THETA_LIMIT, THETA_LIMIT] }, // 0: upright, positive: to the right
  { name: "pole angular velocity", symbol: "θ̇", unit: "rad/s", shown: [-3, 3] },
];

/** Sizes of the drawing, in m. The centre of the cart is at height 0; the pole is as long as the physics says. */
const CART = [0.4, 0.24] as const;
const AXLE_HEIGHT = 0.06;
const POLE_WIDTH = 0.08;
const TRACK_HEIGHT = -CART[1] / 2;
const TRACK_END = 2.6;
const LIMIT_TOP = 0.3;

const defaults = defaultsOf(params);

/** The versions differ in the step limit and in the return that counts as solved. */
const cartPole = (version: { id: string; maxSteps: number; solvedAt: number }): Environment<typeof params> => ({
  ...version,
  title: "CartPole",
  subject: { one: "pole", many: "poles" },
  about: "Balance a pole on a cart by pushing the cart left or right.",
  source:
    "Barto, Sutton & Anderson 1983, doi:10.1109/TSMC.1983.6313077; dynamics as in Gymnasium's classic_control/cartpole.py",
  params,
  state: quantities,
  observations: quantities,
  actions: { kind: "discrete", names: ["push left", "push right"] },
  returns: { random: 22, higher: "the longer the poles stand", reward: 1 },
  secondsPerStep: SECONDS_PER_STEP,
  view: { left: -TRACK_END, right: TRACK_END, bottom: -0.5, top: 1.9 },

  initial(rng, state) {
    for (let i = 0; i < 4; i++) state[i] = rng.between(-START, START);
  },

  step(state, action, physics, rng) {
    const { gravity, massPole, length } = physics;
    const xDot = state[1];
    const theta = state[2];
    const thetaDot = state[3];
    const mass = massPole + physics.massCart;
    const poleMoment = massPole * length; // m l
    const cosTheta = cos(theta);
    const sinTheta = sin(theta);

    let force = action[0] === 1 ? physics.force : -physics.force;
    if (physics.forceNoise > 0) force += physics.forceNoise * rng.normal();

    // u = (F + m l θ̇² sin θ) / (M + m)
    const u = (force + poleMoment * (thetaDot * thetaDot) * sinTheta) / mass;
    // θ̈ = (g sin θ − u cos θ) / (l (4/3 − m cos² θ / (M + m)))
    const thetaAcc =
      (gravity * sinTheta - cosTheta * u) / (length * (4 / 3 - (massPole * (cosTheta * cosTheta)) / mass));
    // ẍ = u − m l θ̈ cos θ / (M + m)
    const xAcc = u - (poleMoment * thetaAcc * cosTheta) / mass;

    state[1] = xDot + SECONDS_PER_STEP * xAcc;
    state[3] = thetaDot + SECONDS_PER_STEP * thetaAcc;
    const explicit = physics.integrator === "euler";
    state[0] += SECONDS_PER_STEP * (explicit ? xDot : state[1]);
    state[2] += SECONDS_PER_STEP * (explicit ? thetaDot : state[3]);
    return 1; // on the terminating step too
  },

  pushed: { quantity: quantities[3], press: 0.6 },

  push(state, strength) {
    state[3] += strength;
  },

  terminal(state) {
    return Math.abs(state[0]) > X_LIMIT || Math.abs(state[2]) > THETA_LIMIT;
  },

  observe(state, out) {
    for (let i = 0; i < 4; i++) out[i] = state[i];
  },

  sketch(state, physics = defaults) {
    const [x, , theta] = state;
    const pole = 2 * physics.length;
    const limit = (at: number) =>
      ({ kind: "line", from: [at, TRACK_HEIGHT], to: [at, LIMIT_TOP], width: 0.02, tone: "limit" }) as const;
    return [
      { kind: "line", from: [-TRACK_END, TRACK_HEIGHT], to: [TRACK_END, TRACK_HEIGHT], width: 0.02, tone: "ground" },
      limit(-X_LIMIT),
      limit(X_LIMIT),
      { kind: "box", centre: [x, 0], size: CART, tone: "body" },
      {
        kind: "line",
        from: [x, AXLE_HEIGHT],
        to: [x + pole * sin(theta), AXLE_HEIGHT + pole * cos(theta)],
        width: POLE_WIDTH,
        tone: "moving",
      },
      { kind: "disc", centre: [x, AXLE_HEIGHT], radius: POLE_WIDTH / 2, tone: "joint" },
    ];
  },
});

export const cartPoleV1 = cartPole({ id: "CartPole-v1", maxSteps: 500, solvedAt: 475 });
export const cartPoleV0 = cartPole({ id: "CartPole-v0", maxSteps: 200, solvedAt: 195 });
