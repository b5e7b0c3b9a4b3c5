import { describe, expect, it } from "vitest";
import { NotFetched } from "../../../src/ui/faults/part.tsx";
import { faultWords, reportOn } from "../../../src/ui/faults/words.ts";

const absent = new NotFetched(new TypeError("Failed to fetch"), () => {});

describe("faultWords", () => {
  it.each([
    ["offline", "There is no connection. Try again"],
    ["newer", "A newer version of this page has been published. Reload"],
    ["there", "Try again; where that does not help, reload"],
    [null, "Try again; where that does not help, reload"],
  ] as const)("say of a part that cannot be fetched, %s: %s", (reason, text) => {
    const said = faultWords("the actors", absent, reason);
    expect(said.title).toBe("The actors could not be fetched");
    expect(said.text).toContain(text);
    expect(said.text).toContain("The run goes on and is kept.");
  });

  it.each([new Error("broken"), "broken"])("say of any other error what it says: %s", (error) => {
    const { title, text } = faultWords("the actors", error, null);
    expect([title, text]).toEqual(["The actors met an error", "broken. The run goes on and is kept."]);
  });
});

it("a report has the message, the version, the browser, the run and both stacks", () => {
  const about = { release: "index-1.js", browser: "A browser", query: "" };
  const error = Object.assign(new Error("broken"), { stack: "Error: broken\n at here" });
  const report = reportOn("the actors", { error, components: "\n at Actors" }, about);
  for (const part of [
    "broken",
    "Version: index-1.js",
    "Browser: A browser",
    "Run: the defaults",
    "at here",
    "at Actors",
  ])
    expect(report).toContain(part);
});
