/**
 * Finds a Firefox that starts, or installs one, and opens an address in it. In this order:
 *   FIREFOX_PATH, an installed Firefox, apt-get.
 *
 * Nothing here drives it: Playwright knows only its own patched Firefox, so a page has to report back by itself.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Found, findBrowser, install, type Kind, type Machine } from "./browser.ts";

const firefox: Kind = {
  title: "Firefox",
  variable: "FIREFOX_PATH",
  aptPackage: "firefox-esr",
  limits: { update: 60, install: 300 },
  names: ["firefox", "firefox-esr", "firefox-developer-edition"],
  macApplications: [
    "Firefox.app/Contents/MacOS/firefox",
    "Firefox Developer Edition.app/Contents/MacOS/firefox",
    "Firefox Nightly.app/Contents/MacOS/firefox",
  ],
  windowsPrograms: ["Mozilla Firefox\\firefox.exe", "Firefox Developer Edition\\firefox.exe"],
  linuxPaths: () => ["/usr/lib/firefox-esr/firefox-esr", "/usr/lib/firefox/firefox", "/opt/firefox/firefox"],
};

/** A Firefox that is already there; null if none is. Throws where FIREFOX_PATH names one that does not start. */
export const findFirefox = (machine: Machine): string | null => findBrowser(machine, firefox);

/** A Firefox that starts, installed where there is none. */
export function getFirefox(machine: Machine): Found {
  try {
    const there = findFirefox(machine);
    if (there) return { path: there };
  } catch (error) {
    return { problem: (error as Error).message };
  }
  const found = install(machine, firefox);
  if ("path" in found) return found;
  return {
    problem: `No Firefox was found, and ${found.problem}. Install Firefox, or set FIREFOX_PATH to the program.`,
  };
}

/** No first-run page, question, update or message home; what pages and workers say on the console goes to stdout. */
const preferences: Readonly<Record<string, boolean | number | string>> = {
  "app.normandy.enabled": false,
  "app.shield.optoutstudies.enabled": false,
  "app.update.auto": false,
  "app.update.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.dom.window.dump.enabled": true,
  "browser.newtabpage.enabled": false,
  "browser.region.network.url": "",
  "browser.safebrowsing.downloads.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.search.update": false,
  "browser.sessionstore.resume_from_crash": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "browser.startup.page": 0,
  "datareporting.healthreport.uploadEnabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "datareporting.policy.dataSubmissionPolicyBypassNotification": true,
  "devtools.console.stdout.content": true,
  "extensions.getAddons.cache.enabled": false,
  "extensions.systemAddon.update.enabled": false,
  "extensions.update.enabled": false,
  "media.gmp-manager.updateEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.prefetch-next": false,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
  "toolkit.telemetry.enabled": false,
  "toolkit.telemetry.reportingpolicy.firstRun": false,
  "toolkit.telemetry.server": "",
  "toolkit.telemetry.unified": false,
};

/** A fresh profile. Firefox from a snap can write nowhere but below its own folder. */
function makeProfile(): string {
  const snap = join(homedir(), "snap/firefox/common");
  const folder = mkdtempSync(join(existsSync(snap) ? snap : tmpdir(), "cartpool-firefox-"));
  const lines = Object.entries(preferences).map(([key, value]) => `user_pref("${key}", ${JSON.stringify(value)});\n`);
  writeFileSync(join(folder, "user.js"), lines.join(""));
  return folder;
}

export interface Firefox {
  /** What it has printed so far. */
  output(): string;
  /** Settles when it has ended, by itself or because it was closed; its exit status, null where it was killed or never started. */
  readonly ended: Promise<number | null>;
  /** Ends it with all its processes and removes its profile. */
  close(): Promise<void>;
}

/** Starts it without a window, in a process group of its own. */
export function openFirefox(program: string, url: string): Firefox {
  const profile = makeProfile();
  const child = spawn(program, ["--headless", "--no-remote", "--profile", profile, url], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    // Without the second, a release keeps to Mozilla's server of settings, whatever the profile says.
    env: { ...process.env, MOZ_CRASHREPORTER_DISABLE: "1", MOZ_REMOTE_SETTINGS_DEVTOOLS: "1" },
  });
  let output = "";
  const listen = (stream: NodeJS.ReadableStream) => stream.setEncoding("utf8").on("data", (text) => (output += text));
  listen(child.stdout);
  listen(child.stderr);
  const ended = new Promise<number | null>((done) => {
    child.on("exit", done);
    child.on("error", (error) => {
      output += `${error.message}\n`;
      done(null);
    });
  });
  const kill = (signal: NodeJS.Signals) => {
    try {
      // Windows has no process groups; there the first process ends the others.
      if (child.pid) process.kill(process.platform === "win32" ? child.pid : -child.pid, signal);
    } catch {
      // All of it has ended.
    }
  };
  const atExit = () => kill("SIGKILL");
  process.once("exit", atExit);
  return {
    output: () => output,
    ended,
    async close() {
      kill("SIGTERM");
      await Promise.race([ended, sleep(3000, undefined, { ref: false })]);
      kill("SIGKILL");
      await ended;
      process.off("exit", atExit);
      rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
