import { describe, expect, it } from "vitest";
import { findBrowser, getBrowser, installedCandidates, launchArgs } from "../../src/cli/browser.ts";
import { type Fake, machine } from "./machine.ts";

describe("findBrowser", () => {
  it("takes CHROMIUM_PATH before everything else", () => {
    const { fake } = machine({
      working: ["/mine", "/usr/bin/chromium"],
      env: { CHROMIUM_PATH: "/mine", PATH: "/usr/bin" },
    });
    expect(findBrowser(fake)).toBe("/mine");
  });

  it("refuses a CHROMIUM_PATH that does not start rather than take another", () => {
    const { fake } = machine({ working: ["/usr/bin/chromium"], env: { CHROMIUM_PATH: "/gone", PATH: "/usr/bin" } });
    expect(() => findBrowser(fake)).toThrow('"/gone"');
    expect(getBrowser(fake)).toEqual({ problem: expect.stringContaining("/gone") });
  });

  it("takes an installed browser before Playwright's", () => {
    const { fake } = machine({ working: ["/cache/chrome", "/custom/bin/google-chrome"] });
    expect(findBrowser(fake)).toBe("/custom/bin/google-chrome");
  });

  it("passes over a file that does not start", () => {
    const { fake } = machine({ broken: ["/usr/bin/chromium-browser"], working: ["/cache/chrome"] });
    expect(findBrowser(fake)).toBe("/cache/chrome");
  });

  it("finds nothing on a bare machine", () => {
    expect(findBrowser(machine().fake)).toBeNull();
  });
});

describe("getBrowser", () => {
  it("runs nothing where a browser is there", () => {
    const { fake, commands } = machine({ working: ["/usr/bin/chromium"] });
    expect(getBrowser(fake)).toEqual({ path: "/usr/bin/chromium" });
    expect(commands).toEqual([]);
  });

  it("downloads with Playwright first", () => {
    const { fake, commands } = machine({
      command(line, { working }) {
        if (line.startsWith("playwright")) working.push("/cache/chrome");
        return 0;
      },
    });
    expect(getBrowser(fake)).toEqual({ path: "/cache/chrome" });
    expect(commands).toEqual(["playwright install --no-shell chromium"]);
  });

  const aptOnly: Fake["command"] = (line, { working }) => {
    if (line.startsWith("playwright")) return 1;
    if (line.endsWith("install -y -qq chromium")) working.push("/usr/bin/chromium");
    return 0;
  };

  it("installs with apt-get where the download fails", () => {
    const { fake, commands } = machine({ command: aptOnly });
    expect(getBrowser(fake)).toEqual({ path: "/usr/bin/chromium" });
    expect(commands.slice(-2)).toEqual(["apt-get update -qq", "apt-get install -y -qq chromium"]);
  });

  it("installs through sudo for other users", () => {
    const { fake, commands } = machine({ isRoot: false, command: aptOnly });
    expect(getBrowser(fake)).toEqual({ path: "/usr/bin/chromium" });
    expect(commands).toContain("sudo -n apt-get install -y -qq chromium");
  });

  it("says what it needs where nothing works", () => {
    const noSudo = machine({ isRoot: false, command: (line) => (line.startsWith("apt-get") ? 0 : 1) });
    expect(getBrowser(noSudo.fake)).toEqual({
      problem: expect.stringMatching(/download.*\n.*needs root[\s\S]*CHROMIUM_PATH/),
    });
    expect(noSudo.commands.some((line) => line.includes("install -y"))).toBe(false);

    const mac = machine({ platform: "darwin", command: () => 1 });
    expect(getBrowser(mac.fake)).toEqual({ problem: expect.stringContaining("apt-get is not on this machine") });

    const offline = machine({ command: (line) => (line === "apt-get --version" || line === "true" ? 0 : 100) });
    expect(getBrowser(offline.fake)).toEqual({ problem: expect.stringContaining("E: no network") });
  });
});

describe("installedCandidates", () => {
  it("knows the usual places of each system", () => {
    const windows = installedCandidates({ platform: "win32", env: { ProgramFiles: "C:\\Program Files" } });
    expect(windows[0]).toBe("C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe");
    const mac = installedCandidates({ platform: "darwin", env: { HOME: "/Users/me" } });
    expect(mac[0]).toBe("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    expect(mac).toContain("/Users/me/Applications/Chromium.app/Contents/MacOS/Chromium");
    const linux = installedCandidates({ platform: "linux", env: {} });
    for (const path of [
      "/usr/bin/chromium",
      "/usr/bin/google-chrome",
      "/snap/bin/chromium",
      "/opt/google/chrome/chrome",
    ])
      expect(linux).toContain(path);
  });

  it("names every place once", () => {
    const linux = installedCandidates({ platform: "linux", env: { PATH: "/usr/bin:/usr/bin:/bin" } });
    expect(new Set(linux).size).toBe(linux.length);
  });
});

describe("launchArgs", () => {
  it("gives up the sandbox for root only", () => {
    expect(launchArgs({ isRoot: true, softwareGpu: false })).toContain("--no-sandbox");
    expect(launchArgs({ isRoot: false, softwareGpu: false })).not.toContain("--no-sandbox");
  });

  it("takes the software adapter only when asked", () => {
    expect(launchArgs({ isRoot: false, softwareGpu: true })).toContain("--use-webgpu-adapter=swiftshader");
    expect(launchArgs({ isRoot: false, softwareGpu: false }).join()).not.toContain("swiftshader");
  });
});
