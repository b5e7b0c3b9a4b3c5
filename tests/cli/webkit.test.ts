import { describe, expect, it } from "vitest";
import { findWebKit } from "../../src/cli/webkit.ts";
import { machine } from "./machine.ts";

const debian = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
const env = { PATH: "/usr/bin:/custom/bin" };
const found = (working: string[], of: Record<string, string> = {}) =>
  findWebKit(machine({ working, env: { ...env, ...of } }).fake);

describe("findWebKit", () => {
  it("takes what the path and the usual places have, with a screen of its own", () => {
    expect(found(["/custom/bin/WebKitWebDriver", debian, "/usr/bin/Xvfb"])).toEqual({
      driver: "/custom/bin/WebKitWebDriver",
      browser: debian,
      xvfb: "/usr/bin/Xvfb",
    });
  });

  it("takes the programs that are named", () => {
    const of = { WEBKIT_DRIVER_PATH: "/mine/driver", MINIBROWSER_PATH: "/mine/browser", DISPLAY: ":0" };
    expect(found(["/mine/driver", "/mine/browser", "/usr/bin/WebKitWebDriver", debian], of)).toEqual({
      driver: "/mine/driver",
      browser: "/mine/browser",
      xvfb: null,
    });
  });

  it("is null where driver, browser or a screen is missing, and on other systems", () => {
    const all = ["/usr/bin/WebKitWebDriver", debian, "/usr/bin/Xvfb"];
    for (const missing of all) expect(found(all.filter((path) => path !== missing)), missing).toBeNull();
    expect(found(all, { MINIBROWSER_PATH: "/nowhere" })).toBeNull();
    expect(findWebKit(machine({ platform: "darwin", working: all, env }).fake)).toBeNull();
  });

  it("runs no program and installs nothing", () => {
    const { fake, commands } = machine();
    expect(findWebKit(fake)).toBeNull();
    expect(commands).toEqual([]);
  });
});
