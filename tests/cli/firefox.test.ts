import { describe, expect, it } from "vitest";
import { findFirefox, getFirefox } from "../../src/cli/firefox.ts";
import { type Fake, machine } from "./machine.ts";

describe("findFirefox", () => {
  it("takes FIREFOX_PATH before everything else, and no other where that does not start", () => {
    const env = { FIREFOX_PATH: "/mine", PATH: "/usr/bin" };
    expect(findFirefox(machine({ working: ["/usr/bin/firefox", "/mine"], env }).fake)).toBe("/mine");
    const { fake, commands } = machine({ working: ["/usr/bin/firefox"], env });
    expect(() => findFirefox(fake)).toThrow('FIREFOX_PATH is "/mine"');
    expect(getFirefox(fake)).toEqual({ problem: expect.stringContaining("/mine") });
    expect(commands).toEqual([]);
  });

  it("takes an extended support release where there is no other", () => {
    const esr = "/custom/bin/firefox-esr";
    expect(findFirefox(machine({ broken: ["/usr/bin/firefox"], working: [esr] }).fake)).toBe(esr);
  });

  it("takes no Chromium for a Firefox", () => {
    expect(findFirefox(machine({ working: ["/usr/bin/chromium", "/cache/chrome"] }).fake)).toBeNull();
  });
});

describe("getFirefox", () => {
  const apt: Fake["command"] = (line, { working }) => {
    if (line.endsWith("install -y -qq firefox-esr")) working.push("/usr/bin/firefox-esr");
    return 0;
  };

  it("runs nothing where one is there", () => {
    const { fake, commands } = machine({ working: ["/usr/bin/firefox"] });
    expect(getFirefox(fake)).toEqual({ path: "/usr/bin/firefox" });
    expect(commands).toEqual([]);
  });

  it("installs with apt-get, and downloads nothing with Playwright", () => {
    const { fake, commands } = machine({ command: apt });
    expect(getFirefox(fake)).toEqual({ path: "/usr/bin/firefox-esr" });
    expect(commands.slice(-2)).toEqual(["apt-get update -qq", "apt-get install -y -qq firefox-esr"]);
    expect(commands.some((line) => line.startsWith("playwright"))).toBe(false);
  });

  it("says why there is none", () => {
    const mac = machine({ platform: "darwin", command: () => 1 });
    expect(getFirefox(mac.fake)).toEqual({
      problem: expect.stringMatching(/No Firefox.*apt-get is not on this machine.*FIREFOX_PATH/),
    });
    const offline = machine({ command: (line) => (line === "apt-get --version" || line === "true" ? 0 : 100) });
    expect(getFirefox(offline.fake)).toEqual({ problem: expect.stringContaining("E: no network") });
  });
});
