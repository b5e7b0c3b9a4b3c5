/** Made-up machines, for the searches that run programs. */
import { expect } from "vitest";
import type { Machine } from "../../src/cli/browser.ts";

export interface Fake extends Partial<Machine> {
  /** Paths of browsers that start. */
  working?: string[];
  /** Paths of files that are there and do not start. */
  broken?: string[];
  /** Told of every command; returns its exit status, or null where it cannot run. */
  command?: (line: string, fake: Required<Pick<Fake, "working">>) => number | null;
}

/** A machine of which everything is made up, and the commands that it was given. */
export function machine({ working = [], broken = [], command, ...rest }: Fake = {}) {
  const commands: string[] = [];
  const fake: Machine = {
    platform: "linux",
    env: { PATH: "/usr/bin:/custom/bin" },
    isRoot: true,
    isExecutable: (path) => working.includes(path) || broken.includes(path),
    run(program, args, seconds) {
      expect(seconds).toBeGreaterThan(0);
      if (args[0] === "--version" && program !== "apt-get")
        return { code: working.includes(program) ? 0 : 127, output: "" };
      const line = [program === process.execPath ? "node" : program, ...args]
        .join(" ")
        .replace(/node \S+/, "playwright");
      commands.push(line);
      return { code: command ? command(line, { working }) : null, output: "E: no network" };
    },
    playwrightPath: () => "/cache/chrome",
    say: () => {},
    ...rest,
  };
  return { fake, commands };
}
