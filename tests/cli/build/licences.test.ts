import { describe, expect, it } from "vitest";
import { licencesText, packageFolder } from "../../../src/cli/build/licences.ts";

describe("packageFolder", () => {
  it.each([
    ["/a/node_modules/react/index.js", "/a/node_modules/react"],
    ["/a/node_modules/@mantine/core/esm/x.mjs?v=1", "/a/node_modules/@mantine/core"],
    ["/a/node_modules/b/node_modules/c/d.js", "/a/node_modules/b/node_modules/c"],
    ["node_modules/@fontsource-variable/inter/files/a.woff2", "node_modules/@fontsource-variable/inter"],
    ["/a/src/ui/main.tsx", null],
  ])("of %s is %s", (id, folder) => {
    expect(packageFolder(id)).toBe(folder);
  });
});

it("writes a licence once, below all that it is of", () => {
  const mit = { license: "MIT", text: "the words of MIT" };
  const text = licencesText([
    { name: "one", version: "1.0.0", author: "Somebody", ...mit },
    { name: "two", version: "2.0.0", author: "", ...mit },
    { name: "three", version: "3.0.0", author: "", license: "Apache-2.0", text: null },
  ]);
  expect(text).toContain("one 1.0.0 (MIT), by Somebody\ntwo 2.0.0 (MIT)\n\nthe words of MIT\n");
  expect(text.match(/the words of MIT/g)).toHaveLength(1);
  expect(text).toContain("three 3.0.0 (Apache-2.0)\n\nApache-2.0. ");
});
