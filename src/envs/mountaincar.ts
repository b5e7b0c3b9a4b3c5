/**
 * A car in a valley is too weak to drive up the hill: it has to swing back first. With three actions, or with a force.
 *
 * Moore 1990, "Efficient Memory-based Learning for Robot Control" (Cambridge UCAM-CL-TR-209), in the order of arithmetic of
 * Gymnasium's classic_control/mountain_car.py and continuous_mountain_car.py.
 */
import { cos, sin } from "../core/math.ts";
import { real } from "../core/params.ts";
import type { Environment, Mark, Quantity } from "./environment.ts";

const LEFT = -1.2; // m
const RIGHT = 0.6; // m
const MOST_SPEED = 0.07; // m a step
const GOAL = 0.5; // m
const GOAL_CONTINUOUS = Math.fround(0.45); // m

const gravity = real({
  label: "Gravity",
  symbol: "g",
  group: "physics",
  live: true,
  default: 0.0025,
  min: 0.0005,
  max: 0.01,
  scale: "log",
  help: "How hard the slope pulls, in metres a step, a step. More makes the hill harder to climb.",
});

const strength = (label: string, symbol: string, byDefault: number) =>
  real({
    label,
    symbol,
    group: "physics",
    live: true,
    default: byDefault,
    min: 0.0002,
    max: 0.005,
    scale: "log",
    help: "What the engine adds to the velocity in a step, in metres a step. At the pull of gravity the car simply drives up.",
  });

const quantities: readonly Quantity[] = [
  { name: "position", symbol: "x", unit: "m", shown: [LEFT, RIGHT] },
  { name: "velocity", symbol: "ẋ", unit: "m per step", shown: [-MOST_SPEED, MOST_SPEED] },
];

/** Moves the car by one step of an engine that adds `push` to its velocity; against the left wall it stops. */
function drive(state: Float64Array, push: number, gravity: number): void {
  let velocity = state[1] + push - gravity * cos(3 * state[0]);
  velocity = Math.min(Math.max(velocity, -MOST_SPEED), MOST_SPEED);
  const position = Math.min(Math.max(state[0] + velocity, LEFT), RIGHT);
  state[0] = position;
  state[1] = position === LEFT && velocity < 0 ? 0 : velocity;
}

/** Of the drawing, in m: the height of the ground, slices of it, and the car. */
const height = (x: number) => 0.45 * sin(3 * x) + 0.55;
const SLICES = 36;
const CAR = { length: 0.11, width: 0.055, wheel: 0.026, above: 0.045 } as const;
const FLAG = 0.16;

const ground: readonly Mark[] = Array.from({ length: SLICES }, (_, k) => {
  const at = (i: number) => LEFT + ((RIGHT - LEFT) * i) / SLICES;
  return {
    kind: "line",
    from: [at(k), height(at(k))],
    to: [at(k + 1), height(at(k + 1))],
    width: 0.012,
    tone: "ground",
  };
});

function sketch([x]: Float64Array, goal: number): Mark[] {
  // Along the slope, and upright on it.
  const slope = 3 * 0.45 * cos(3 * x);
  const long = Math.sqrt(1 + slope * slope);
  const [ex, ey] = [1 / long, slope / long];
  const on = (along: number, above: number) =>
    [x + along * ex - above * ey, height(x) + along * ey + above * ex] as const;
  const half = CAR.length / 2;
  return [
    ...ground,
    { kind: "line", from: [goal, height(goal)], to: [goal, height(goal) + FLAG], width: 0.012, tone: "limit" },
    { kind: "line", from: on(-half, CAR.above), to: on(half, CAR.above), width: CAR.width, tone: "moving" },
    { kind: "disc", centre: on(-half * 0.6, CAR.wheel), radius: CAR.wheel, tone: "joint" },
    { kind: "disc", centre: on(half * 0.6, CAR.wheel), radius: CAR.wheel, tone: "joint" },
  ];
}

/** What both versions share. */
const car = {
  subject: "car",
  state: quantities,
  observations: quantities,
  secondsPerStep: 1 / 30,
  view: { left: LEFT - 0.05, right: RIGHT + 0.05, bottom: 0, top: 1.3 },
  initial(rng, state) {
    state[0] = rng.between(-0.6, -0.4);
    state[1] = 0;
  },
  pushed: { quantity: quantities[1], press: 0.02 },
  push(state, strength) {
    state[1] = Math.min(Math.max(state[1] + strength, -MOST_SPEED), MOST_SPEED);
  },
  observe(state, out) {
    out[0] = state[0];
    out[1] = state[1];
  },
} satisfies Partial<Environment>;

const discreteParams = { gravity, force: strength("Force", "F", 0.001) };

export const mountainCar: Environment<typeof discreteParams> = {
  ...car,
  id: "MountainCar-v0",
  title: "MountainCar",
  about: "Drive an under-powered car to the flag on the right hill: it has to gather speed on the left one first.",
  source:
    "Moore 1990, University of Cambridge UCAM-CL-TR-209; dynamics as in Gymnasium's classic_control/mountain_car.py",
  params: discreteParams,
  actions: { kind: "discrete", names: ["accelerate left", "coast", "accelerate right"] },
  maxSteps: 200,
  solvedAt: -110,
  step(state, action, physics) {
    drive(state, (action[0] - 1) * physics.force, physics.gravity);
    return -1; // on the terminating step too
  },
  terminal: (state) => state[0] >= GOAL && state[1] >= 0,
  sketch: (state) => sketch(state, GOAL),
};

const continuousParams = { gravity, power: strength("Power", "P", 0.0015) };
const atFlag = (state: Float64Array) => state[0] >= GOAL_CONTINUOUS && state[1] >= 0;

export const mountainCarContinuous: Environment<typeof continuousParams> = {
  ...car,
  id: "MountainCarContinuous-v0",
  title: "MountainCar, continuous",
  about:
    "The same car with a force of any size. Reaching the flag earns 100, and force costs: doing nothing is a trap.",
  source:
    "Moore 1990, University of Cambridge UCAM-CL-TR-209; dynamics as in Gymnasium's classic_control/continuous_mountain_car.py",
  params: continuousParams,
  actions: { kind: "continuous", components: [{ name: "force", symbol: "F", unit: "", low: -1, high: 1 }] },
  maxSteps: 999,
  solvedAt: 90,
  step(state, action, physics) {
    const force = Math.min(Math.max(action[0], -1), 1);
    drive(state, force * physics.power, physics.gravity);
    // Gymnasium keeps this state in float32.
    state[0] = Math.fround(state[0]);
    state[1] = Math.fround(state[1]);
    // The cost is of the action as given.
    return (atFlag(state) ? 100 : 0) - 0.1 * (action[0] * action[0]);
  },
  terminal: atFlag,
  sketch: (state) => sketch(state, GOAL_CONTINUOUS),
};
