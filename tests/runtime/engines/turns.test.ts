import { expect, test } from "vitest";
import { Turns } from "../../../src/runtime/engines/turns.ts";

test("work takes turns in the order in which it was asked for, whatever becomes of the work before it", async () => {
  const turns = new Turns();
  const heard: string[] = [];
  const work = (name: string, milliseconds: number) => () =>
    new Promise<string>((resolve, reject) => {
      heard.push(`${name} begins`);
      setTimeout(() => {
        heard.push(`${name} ends`);
        if (name === "b") reject(new Error(name));
        else resolve(name);
      }, milliseconds);
    });
  const ends = await Promise.allSettled([
    turns.take(work("a", 20)),
    turns.take(work("b", 10)),
    turns.take(work("c", 0)),
  ]);
  expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(heard).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});
