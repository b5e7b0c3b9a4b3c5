import { expect, it } from "vitest";
import { filesToKeep } from "../../../src/cli/build/offline.ts";

it("keeps the page's scripts and styles, what they name, and what threads import from the start", () => {
  const files = new Map([
    ["assets/index-1.js", 'import("./Panel-1.js"); new Worker("actor.worker-1.js")'],
    ["assets/Panel-1.js", "export default 1"],
    ["assets/Panel-1.css", "src: url(./inter-1.woff2)"],
    ["assets/inter-1.woff2", ""],
    ["assets/actor.worker-1.js", 'import{a}from"./actor-1.js";import("./backend-1.js")'],
    ["assets/actor-1.js", 'import"./deep-1.js"'],
    ["assets/deep-1.js", ""],
    ["assets/backend-1.js", 'from "./dist-1.js"; "tfjs-1.wasm"'],
    ["assets/dist-1.js", ""],
    ["assets/tfjs-1.wasm", ""],
  ]);
  const left = ["assets/backend-1.js", "assets/dist-1.js", "assets/tfjs-1.wasm"];
  const kept = filesToKeep(["assets/index-1.js", "assets/Panel-1.js"], files);
  expect(kept).toEqual([...files.keys()].filter((file) => !left.includes(file)).sort());
});
