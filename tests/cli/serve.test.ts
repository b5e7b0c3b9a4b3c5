import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isFresh } from "../../src/cli/serve.ts";

let folder: string;

/** Writes a file that was changed at a time in seconds. */
function write(path: string, time: number): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "");
  touch(path, time);
}

const touch = (path: string, time: number) => utimesSync(join(folder, path), time, time);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cartpool-serve-"));
  const files = ["src/ui/main.tsx", "public/favicon.svg", "index.html", "vite.config.ts", "package.json"];
  for (const path of files) write(path, 1000);
  for (const path of ["src/ui", "src", "public"]) touch(path, 1000);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("isFresh", () => {
  it("is false without a built page", () => {
    expect(isFresh(folder)).toBe(false);
  });

  it("is true when nothing changed after the build", () => {
    write("dist/index.html", 2000);
    expect(isFresh(folder)).toBe(true);
  });

  it.each(["src/ui/main.tsx", "public/favicon.svg", "index.html", "vite.config.ts", "package.json"])(
    "is false when %s changed after it",
    (path) => {
      write("dist/index.html", 2000);
      touch(path, 3000);
      expect(isFresh(folder)).toBe(false);
    },
  );

  it("is false when a file was deleted after it", () => {
    write("dist/index.html", 2000);
    rmSync(join(folder, "src/ui/main.tsx"));
    expect(isFresh(folder)).toBe(false);
  });
});
