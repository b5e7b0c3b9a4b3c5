/**
 * A car in a valley is too weak to drive up the hill: it has to swing back first. With three actions, or with a force.
 *
 * Moore 1990, "Efficient Memory-based Learning for Robot Control" (Cambridge UCAM-CL-TR-209), in the order of arithmetic of
 * Gymnasium's classic_control/mountain_car.py and continuous_mountain_car.py.
 */
import { cos, sin } from "../core/math.ts";
import { real } from "../core/params.ts";
import type { Environment, Mark, Point, Quantity } from "./environment.ts";

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

/** Of the drawing, in m: the height of the ground, whose slope is what gravity has of it, slices of it, flag and arrow. */
const height = (x: number) => sin(3 * x) / 3;
const SLICES = 48;
const VIEW = { left: LEFT - 0.05, right: RIGHT + 0.05, bottom: -0.4, top: 0.56 };
const FLAG = 0.15;
const ARROW = 0.22;

/** The car along its slope, m: from the middle of its wheels forward and upward. */
const WHEEL = 0.036;
const AXLE = 0.06;
const BODY: readonly Point[] = [
  [-0.115, 0.03],
  [-0.115, 0.085],
  [-0.065, 0.088],
  [-0.042, 0.135],
  [0.04, 0.135],
  [0.066, 0.088],
  [0.115, 0.08],
  [0.115, 0.03],
];

const surface: readonly Point[] = Array.from({ length: SLICES + 1 }, (_, k) => {
  const x = LEFT + ((RIGHT - LEFT) * k) / SLICES;
  return [x, height(x)];
});
const wall: Point = [LEFT, height(LEFT)];
const scenery: readonly Mark[] = [
  { kind: "area", points: [...surface, [RIGHT, VIEW.bottom], [LEFT, VIEW.bottom]], tone: "land" },
  { kind: "path", points: surface, width: 0.012, tone: "ground" },
  { kind: "line", from: wall, to: [LEFT, wall[1] + 0.16], width: 0.012, tone: "limit" },
];

/** @param engine −1 … 1 of the engine's strength */
function sketch([x]: Float64Array, goal: number, engine: number): Mark[] {
  // Along the slope, and upright on it.
  const slope = cos(3 * x);
  const long = Math.sqrt(1 + slope * slope);
  const [ex, ey] = [1 / long, slope / long];
  const on = (along: number, above: number): Point => [
    x + along * ex - above * ey,
    height(x) + along * ey + above * ex,
  ];
  const foot: Point = [goal, height(goal)];
  const top = foot[1] + FLAG;
  return [
    ...scenery,
    { kind: "line", from: foot, to: [goal, top], width: 0.012, tone: "goal" },
    {
      kind: "area",
      points: [
        [goal, top],
        [goal + 0.08, top - 0.03],
        [goal, top - 0.06],
      ],
      tone: "goal",
    },
    { kind: "area", points: BODY.map(([along, above]) => on(along, above)), tone: "moving" },
    { kind: "disc", centre: on(-AXLE, WHEEL), radius: WHEEL, tone: "body" },
    { kind: "disc", centre: on(AXLE, WHEEL), radius: WHEEL, tone: "body" },
    ...(Math.abs(engine) < 0.01
      ? []
      : [{ kind: "arrow", from: on(0, 0.2), to: on(ARROW * engine, 0.2), width: 0.018, tone: "action" } as const]),
  ];
}

/** What both versions share. */
const car = {
  subject: { one: "car", many: "cars" },
  state: quantities,
  observations: quantities,
  secondsPerStep: 1 / 30,
  view: VIEW,
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
  returns: { random: -200, higher: "the sooner the cars reach the flag", reward: 1 },
  step(state, action, physics) {
    drive(state, (action[0] - 1) * physics.force, physics.gravity);
    return -1; // on the terminating step too
  },
  terminal: (state) => state[0] >= GOAL && state[1] >= 0,
  sketch: (state, _, action) => sketch(state, GOAL, action ? action[0] - 1 : 0),
};

const continuousParams = { gravity, power: strength("Power", "P", 0.0015) };
const atFlag = (state: Float64Array) => state[0] >= GOAL_CONTINUOUS && state[1] >= 0;

export const mountainCarContinuous: Environment<typeof continuousParams> = {
  ...car,
  id: "MountainCarContinuous-v0",
  title: "MountainCar, continuous",
  about:
    "Drive the car to the flag with a force of any size: reaching it earns 100, force costs, and doing nothing is a trap.",
  source:
    "Moore 1990, University of Cambridge UCAM-CL-TR-209; dynamics as in Gymnasium's classic_control/continuous_mountain_car.py",
  params: continuousParams,
  actions: { kind: "continuous", components: [{ name: "force", symbol: "F", unit: "", low: -1, high: 1 }] },
  maxSteps: 999,
  solvedAt: 90,
  returns: { random: -33, higher: "the more cars reach the flag, with little force", reward: 0.1 },
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
  sketch: (state, _, action) => sketch(state, GOAL_CONTINUOUS, action ? Math.min(Math.max(action[0], -1), 1) : 0),
};
