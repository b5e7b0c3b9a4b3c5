/** Shared runs that nobody's page has packed: damaged on the way, or whole and full of lies. */
import { hash32 } from "../../src/core/layout.ts";
import { deflate, toBase64Url, Writer } from "../../src/ui/share/bytes.ts";
import { packRun } from "../../src/ui/share/shared.ts";
import { type Dice, nasty } from "./dice.ts";

const honest = await packRun({
  configuration: 7,
  envSteps: 4000,
  updates: 50,
  seconds: 1.5,
  parametersHash: "0badf00d",
  returnsHash: "00000001",
  edits: [
    { update: 3, key: "lr", value: "0.1" },
    { update: 9, key: "push", value: "actor 1 copy 1 step 3 by 0.6" },
  ],
  missing: 0,
  curve: Array.from({ length: 40 }, (_, i) => ({
    envSteps: 100 * i + 7,
    updates: i,
    seconds: i / 30,
    episodes: 3,
    mean: 20 + i,
  })),
});

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_%=+/ é\0";

function damaged(dice: Dice): string {
  let text = honest;
  for (let damages = 1 + dice.below(3); damages > 0; damages--) {
    const at = dice.below(text.length + 1);
    text = text.slice(0, at) + dice.pick([...letters]).repeat(dice.below(4)) + text.slice(at + dice.below(5));
  }
  return text;
}

const counts = [0, 1, 2, 9, 127, 255, 4096, 4097, 100_000, 200_001, 2 ** 31 - 1, 2 ** 32, 2 ** 49, 2 ** 52];
/** A whole number is written as a count of twice its size. */
const wholes = counts.flatMap((n) => (n <= 2 ** 51 ? [n, -n] : []));
const floats = [0, 1, -1, 500, 1e30, -3e38, 3e38];

/** With a checksum that is right. */
async function lies(dice: Dice): Promise<string> {
  const wild = !dice.once(3); // else what it says is possible, and only the words are strange
  const out = new Writer().count(wild && dice.once(8) ? dice.pick(counts) : 1 + dice.below(2));
  const count = () => out.count(wild && dice.once(3) ? dice.pick(counts) : dice.below(1000));
  for (let i = 0; i < 6; i++) count(); // configuration, env-steps, updates, milliseconds, two hashes
  const edits = wild && dice.once(4) ? dice.pick(counts) : dice.below(5);
  out.count(edits);
  for (let i = 0; i < Math.min(edits, 5000); i++) {
    count();
    out.word(
      dice.once(3) ? dice.pick(nasty) : dice.pick(["lr", "push", "actors", "rollback", "constructor", "__proto__"]),
    );
    out.word(
      dice.once(3) ? dice.pick(nasty) : dice.pick(["0.1", "1e9", "actor 1 copy 1 step 3 by 1e300", "to update 9"]),
    );
  }
  const points = wild && dice.once(4) ? dice.pick(counts) : dice.below(30);
  out.count(points).real(dice.pick(floats)).real(dice.pick(floats));
  out.count(wild && dice.once(3) ? dice.pick(counts) : 1).count(wild && dice.once(3) ? dice.pick(counts) : 1); // unit, tick
  for (let i = 0; i < 5 * Math.min(points, 3000); i++)
    out.whole(wild && dice.once(9) ? dice.pick(wholes) : dice.below(50));
  if (wild && dice.once(9)) out.count(1);
  const body = out.done();
  const whole = Uint8Array.from([...new Writer().count(hash32(body)).done(), ...body]);
  return toBase64Url(await deflate(wild && dice.once(9) ? whole.subarray(0, dice.below(whole.length)) : whole));
}

/** Much out of little; a few of the largest. */
const bomb = async (dice: Dice, most: number): Promise<string> =>
  toBase64Url(await deflate(new Uint8Array(dice.once(12) ? most : 1 + dice.below(most / 50)).fill(dice.below(256))));

/** @param most bytes of a bomb */
export async function hostileHash(dice: Dice, most: number): Promise<string> {
  const kind = dice.below(100);
  if (kind < 40) return damaged(dice);
  if (kind < 80) return lies(dice);
  if (kind < 90) return toBase64Url(Uint8Array.from(dice.list(400, () => dice.below(256))));
  if (kind < 96) return String.fromCharCode(...dice.list(500, () => dice.below(65_536)));
  if (kind < 98) return "A".repeat(dice.below(2_000_000));
  return bomb(dice, most);
}
