import { expect, test } from "vitest";
import { describeAdapter } from "../../../src/nn/tfjs/adapter.ts";

test.each([
  { isFallbackAdapter: true, description: "Adapter" },
  { description: "SwiftShader Device (Subzero)" },
  { vendor: "mesa", architecture: "llvmpipe" },
  { isFallbackAdapter: false, vendor: "google", architecture: "swiftshader" },
  { description: "Microsoft Basic Render Driver" },
  { description: "Apple Software Renderer" },
])("a software adapter is known by its mark or by its name: %o", (info) => {
  expect(describeAdapter(info).isSoftware).toBe(true);
});

test.each([
  [{ vendor: "nvidia", architecture: "ampere" }, "nvidia ampere"],
  [{ isFallbackAdapter: false, description: "NVIDIA H100", vendor: "nvidia" }, "NVIDIA H100"],
  [{}, "unnamed adapter"],
])("hardware is taken for hardware: %o", (info, name) => {
  expect(describeAdapter(info)).toEqual({ name, isSoftware: false });
});
