/**
 * Finds a Chromium that starts, or gets one. In this order:
 *   CHROMIUM_PATH, an installed Chrome or Chromium (or Edge), Playwright's own, Playwright's download, apt-get.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { bin, capture, type Outcome } from "./process.ts";

/** What the search touches of the machine. */
export interface Machine {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  isRoot: boolean;
  isExecutable(path: string): boolean;
  run(program: string, args: readonly string[], seconds: number): Outcome;
  /** Where Playwright keeps the browser it downloads, whether or not it is there. */
  playwrightPath(): string | null;
  say(line: string): void;
}

export type Found = { path: string } | { problem: string };

/** A browser, and where it usually is. */
export interface Kind {
  readonly title: string;
  /** The environment variable that names the program of one's choice. */
  readonly variable: string;
  /** What apt-get installs. */
  readonly aptPackage: string;
  /** Seconds that apt-get may take. */
  readonly limits: { readonly update: number; readonly install: number };
  /** Programs on the path of Linux and macOS, best first. */
  readonly names: readonly string[];
  /** In a folder of applications of macOS. */
  readonly macApplications: readonly string[];
  /** In a folder of programs of Windows. */
  readonly windowsPrograms: readonly string[];
  /** More paths of Linux. */
  linuxPaths(home: string | undefined): string[];
}

const chromium: Kind = {
  title: "Chromium",
  variable: "CHROMIUM_PATH",
  aptPackage: "chromium",
  limits: { update: 180, install: 600 },
  names: [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "google-chrome-beta",
    "google-chrome-unstable",
    "microsoft-edge-stable",
    "microsoft-edge",
  ],
  macApplications: [
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Google Chrome Canary.app/Contents/MacOS/Google Chrome Canary",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ],
  windowsPrograms: [
    "Google\\Chrome\\Application\\chrome.exe",
    "Chromium\\Application\\chrome.exe",
    "Microsoft\\Edge\\Application\\msedge.exe",
  ],
  linuxPaths: (home) => [
    "/usr/lib/chromium/chromium",
    "/usr/lib64/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
    ...(home ? [join(home, ".local/bin/chromium"), join(home, ".local/bin/google-chrome")] : []),
    ...["com.google.Chrome", "org.chromium.Chromium"].map((id) => `/var/lib/flatpak/exports/bin/${id}`),
  ],
};

const linuxFolders = ["/usr/bin", "/usr/local/bin", "/snap/bin"];

/** Every place where an installed browser usually is, best first. */
export function installedCandidates({ platform, env }: Pick<Machine, "platform" | "env">, kind = chromium): string[] {
  if (platform === "win32") {
    const folders = [env.ProgramFiles, env["ProgramFiles(x86)"], env.LOCALAPPDATA].filter((folder) => folder);
    return kind.windowsPrograms.flatMap((program) => folders.map((folder) => `${folder}\\${program}`));
  }
  const onPath = (env.PATH ?? "").split(delimiter).filter((folder) => folder);
  const folders = [...new Set([...onPath, ...linuxFolders, "/opt/homebrew/bin"])];
  const fromNames = kind.names.flatMap((name) => folders.map((folder) => join(folder, name)));
  if (platform === "darwin") {
    const homes = ["/Applications", ...(env.HOME ? [join(env.HOME, "Applications")] : [])];
    return [...kind.macApplications.flatMap((app) => homes.map((home) => join(home, app))), ...fromNames];
  }
  return [...fromNames, ...kind.linuxPaths(env.HOME)];
}

/** A file may be there and yet not start: a placeholder of a package manager, a download that lacks libraries. */
function starts(machine: Machine, path: string): boolean {
  if (!machine.isExecutable(path)) return false;
  // Chrome for Windows opens a window rather than print its version.
  return machine.platform === "win32" || machine.run(path, ["--version"], 20).code === 0;
}

/** A browser that is already there; null if none is. Throws where the kind's variable names one that does not start. */
export function findBrowser(machine: Machine, kind = chromium): string | null {
  const chosen = machine.env[kind.variable];
  if (chosen) {
    if (starts(machine, chosen)) return chosen;
    throw new Error(`${kind.variable} is "${chosen}", which is no browser that starts`);
  }
  const own = kind === chromium ? machine.playwrightPath() : null;
  const candidates = [...installedCandidates(machine, kind), ...(own ? [own] : [])];
  return candidates.find((path) => starts(machine, path)) ?? null;
}

/** Seconds that Playwright's download may take. */
const DOWNLOAD_LIMIT = 75;

function download(machine: Machine): Found {
  machine.say("No Chrome or Chromium found: downloading Chromium with Playwright");
  const cli = bin("@playwright/test/cli.js");
  // The full browser: its headless shell may lack WebGPU.
  const { code } = machine.run(process.execPath, [cli, "install", "--no-shell", "chromium"], DOWNLOAD_LIMIT);
  const path = machine.playwrightPath();
  if (path && starts(machine, path)) return { path };
  return {
    problem:
      code === 0
        ? "Playwright's Chromium does not start (system libraries are missing: npx playwright install-deps chromium)"
        : "Playwright's download of Chromium failed or took too long",
  };
}

/** Installs a browser with apt-get, where this machine has it and lets us. */
export function install(machine: Machine, kind = chromium): Found {
  const prefix = machine.isRoot ? [] : ["sudo", "-n"];
  const run = (seconds: number, ...command: string[]) => {
    const [program, ...args] = [...prefix, ...command];
    return machine.run(program, args, seconds);
  };
  if (machine.platform !== "linux" || machine.run("apt-get", ["--version"], 10).code !== 0)
    return { problem: "apt-get is not on this machine" };
  if (run(10, "true").code !== 0) return { problem: "apt-get needs root, or sudo without a password" };
  machine.say(`Installing ${kind.title} with apt-get`);
  const update = run(kind.limits.update, "apt-get", "update", "-qq");
  const { code, output } = run(kind.limits.install, "apt-get", "install", "-y", "-qq", kind.aptPackage);
  const path = findBrowser(machine, kind);
  if (path) return { path };
  if (code === 0) return { problem: `apt-get installed ${kind.aptPackage}, but it does not start` };
  const last = (text: string) => text.trim().split("\n").at(-1) ?? "";
  return { problem: `apt-get install ${kind.aptPackage} failed: ${last(output) || last(update.output)}` };
}

/** A browser that starts, got from the network where there is none. */
export function getBrowser(machine: Machine): Found {
  let there: string | null;
  try {
    there = findBrowser(machine);
  } catch (error) {
    return { problem: (error as Error).message };
  }
  if (there) return { path: there };
  const problems: string[] = [];
  for (const way of [download, install]) {
    const found = way(machine);
    if ("path" in found) return found;
    problems.push(found.problem);
  }
  return {
    problem: [
      "A real browser is needed and none was found.",
      ...problems.map((problem) => `  ${problem}`),
      "Install Chrome or Chromium, or set CHROMIUM_PATH to the program.",
    ].join("\n"),
  };
}

export interface LaunchOptions {
  isRoot: boolean;
  /** WebGPU on the processor (SwiftShader): the same adapter on every machine. */
  softwareGpu: boolean;
}

/** Switches that Chromium is started with. */
export const launchArgs = ({ isRoot, softwareGpu }: LaunchOptions): string[] => [
  // Chromium's sandbox refuses to start as root.
  ...(isRoot ? ["--no-sandbox"] : []),
  "--enable-unsafe-webgpu",
  ...(softwareGpu ? ["--use-webgpu-adapter=swiftshader"] : []),
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** This machine. playwrightPath: chromium.executablePath of Playwright. */
export const thisMachine = (playwrightPath: () => string): Machine => ({
  platform: process.platform,
  env: process.env,
  isRoot: process.getuid?.() === 0,
  isExecutable,
  run: capture,
  playwrightPath() {
    try {
      return playwrightPath() || null;
    } catch {
      return null;
    }
  },
  say: (line) => console.error(line),
});
