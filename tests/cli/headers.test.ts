import { describe, expect, it } from "vitest";
import { headersFor, parseHeaders, readHeaders } from "../../src/cli/headers.ts";

describe("parseHeaders", () => {
  const rules = parseHeaders("# all\n/*\n  A: one\n  B: x: y\n\n/assets/*\n  A: two\n/file.js\n  C: three\n");

  it("gives a path the headers of every rule that it meets, the last of two", () => {
    expect(headersFor(rules, "/")).toEqual({ A: "one", B: "x: y" });
    expect(headersFor(rules, "/assets/a.js")).toEqual({ A: "two", B: "x: y" });
    expect(headersFor(rules, "/file.js")).toEqual({ A: "one", B: "x: y", C: "three" });
    expect(headersFor(rules, "/file.json")).toEqual({ A: "one", B: "x: y" });
  });

  it.each(["  A: before any path", "/*\n  without a colon"])("refuses %j", (text) => {
    expect(() => parseHeaders(text)).toThrow("_headers");
  });
});

describe("what the page asks of a host", () => {
  const headers = headersFor(readHeaders("public"), "/");

  it("isolates it, lets nothing be sniffed, and tells no other site where somebody came from", () => {
    expect(headers).toMatchObject({
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
    });
  });

  it("allows scripts from its own host only, none in the text of a page, and may be framed anywhere", () => {
    const policy = new Map(
      headers["Content-Security-Policy"].split("; ").map((part) => {
        const [name, ...sources] = part.split(" ");
        return [name, sources];
      }),
    );
    expect(policy.get("default-src")).toEqual(["'none'"]);
    expect(policy.get("script-src")).toEqual(["'self'", "'wasm-unsafe-eval'"]);
    expect(policy.get("worker-src")).toEqual(["'self'"]);
    expect(policy.get("connect-src")).toEqual(["'self'"]);
    expect(policy.has("frame-ancestors")).toBe(false);
  });
});
