/**
 * Finds WebKitGTK's small browser with its driver, and starts it. Nothing is installed: that takes minutes.
 *   WEBKIT_DRIVER_PATH and MINIBROWSER_PATH, else the usual places of a Linux (Debian: apt-get install webkit2gtk-driver xvfb)
 */
import { type ChildProcess, spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Machine } from "./browser.ts";
import { freePort } from "./process.ts";

export interface WebKit {
  /** WebKitWebDriver. */
  readonly driver: string;
  /** MiniBrowser. */
  readonly browser: string;
  /** The server of a screen that nobody sees; null: the screen that is there. */
  readonly xvfb: string | null;
}

export const webkitMissing =
  "no WebKitGTK with WebKitWebDriver, MiniBrowser and a screen (Xvfb) was found: apt-get install webkit2gtk-driver xvfb, or set WEBKIT_DRIVER_PATH and MINIBROWSER_PATH to the programs";

const folders = ["/usr/bin", "/usr/local/bin"];
const versions = ["webkitgtk-6.0", "webkit2gtk-4.1", "webkit2gtk-4.0"];
/** Of Debian, Fedora and Arch. */
const libraries = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/libexec", "/usr/lib"];

/** A WebKit that can be driven here, or null. */
export function findWebKit({ platform, env, isExecutable }: Machine): WebKit | null {
  if (platform !== "linux") return null;
  const onPath = [...(env.PATH ?? "").split(delimiter).filter((folder) => folder), ...folders];
  const first = (paths: readonly string[]) => paths.find(isExecutable) ?? null;
  const program = (name: string) => first(onPath.map((folder) => join(folder, name)));
  const driver = env.WEBKIT_DRIVER_PATH ?? program("WebKitWebDriver");
  const browser =
    env.MINIBROWSER_PATH ??
    first(libraries.flatMap((folder) => versions.map((version) => join(folder, version, "MiniBrowser"))));
  const xvfb = program("Xvfb");
  const hasScreen = Boolean(env.DISPLAY ?? env.WAYLAND_DISPLAY);
  if (!driver || !browser || !isExecutable(driver) || !isExecutable(browser) || !(xvfb || hasScreen)) return null;
  return { driver, browser, xvfb };
}

/** A process with all that it starts. */
interface Group {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  output(): string;
  kill(): Promise<void>;
}

function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Group {
  const child = spawn(program, args, { detached: true, stdio: ["ignore", "pipe", "pipe"], env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const ended = new Promise<void>((done) => {
    child.on("exit", () => done());
    child.on("error", (error) => {
      output += `${error.message}\n`;
      done();
    });
  });
  const signal = (name: NodeJS.Signals) => {
    try {
      if (child.pid) process.kill(-child.pid, name);
    } catch {
      // All of it has ended.
    }
  };
  const atExit = () => signal("SIGKILL");
  process.once("exit", atExit);
  return {
    child,
    ended,
    output: () => output,
    async kill() {
      signal("SIGTERM");
      await Promise.race([ended, sleep(2000, undefined, { ref: false })]);
      signal("SIGKILL");
      await ended;
      process.off("exit", atExit);
    },
  };
}

/** Milliseconds that the screen and the driver may take to be there. */
const PATIENCE = 30_000;

/** What `look` finds, asked again and again; throws where `of` ends first, or in time. */
async function soon<T>(look: () => Promise<T | null>, of: Group): Promise<T> {
  let hasEnded = false;
  of.ended.then(() => {
    hasEnded = true;
  });
  for (const end = Date.now() + PATIENCE; ; await sleep(50)) {
    const found = await look();
    if (found !== null) return found;
    if (hasEnded || Date.now() > end)
      throw new Error(`${of.child.spawnfile} does not answer; it said:\n${of.output()}`);
  }
}

export interface WebKitDriver {
  /** Where it listens. */
  readonly url: string;
  /** What it has printed so far. */
  output(): string;
  /** Ends driver, browser and screen. */
  close(): Promise<void>;
}

/**
 * Starts a driver on a free port, with a screen of its own.
 *
 * @param sharesMemory Safari lets a page share memory with its threads, and WebKitGTK only where it is told to
 */
export async function startWebKit({ driver, xvfb }: WebKit, sharesMemory: boolean): Promise<WebKitDriver> {
  const groups: Group[] = [];
  const close = async () => {
    for (const group of groups.splice(0).reverse()) await group.kill();
  };
  const env: NodeJS.ProcessEnv = { ...process.env, NO_AT_BRIDGE: "1" };
  delete env.JSC_useSharedArrayBuffer;
  if (sharesMemory) env.JSC_useSharedArrayBuffer = "1";
  try {
    if (xvfb) {
      // It finds a free number by itself and prints it.
      const screen = start(xvfb, ["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"], env);
      groups.push(screen);
      const number = await soon(async () => /^\d+\n/m.exec(screen.output())?.[0].trim() ?? null, screen);
      env.DISPLAY = `:${number}`;
      delete env.WAYLAND_DISPLAY;
    }
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const listening = start(driver, [`--port=${port}`, "--host=127.0.0.1"], env);
    groups.push(listening);
    await soon(
      () =>
        fetch(`${url}/status`).then(
          ({ ok }) => ok || null,
          () => null,
        ),
      listening,
    );
    return { url, output: listening.output, close };
  } catch (error) {
    await close();
    throw error;
  }
}
