/** Child processes and the like, for the scripts of this folder. */
import { spawn, spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json. */
export const root = resolve(import.meta.dirname, "../..");

/** Whether the module is the script that was started, rather than imported. */
export function isMain(url: string): boolean {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === realpathSync(fileURLToPath(url));
}

/**
 * Runs `main` and ends the process with the number that it returns, else 0; with 1 and the error's words where it fails.
 * Does nothing where the module was only imported.
 */
export function runAsScript(url: string, main: () => Promise<unknown>): void {
  if (!isMain(url)) return;
  main().then(
    (status) => process.exit(typeof status === "number" ? status : 0),
    (error) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
}

export interface Outcome {
  /** null where the program could not be started, was killed or took too long. */
  code: number | null;
  /** stdout and stderr; empty where they went to the terminal. */
  output: string;
}

/** Runs a program to its end in silence, for at most so many seconds. */
export function capture(program: string, args: readonly string[], seconds: number): Outcome {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: seconds * 1000,
    killSignal: "SIGKILL",
    maxBuffer: 64 * 2 ** 20,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return { code: error ? null : status, output: `${stdout ?? ""}${stderr ?? ""}${error ? `${error.message}\n` : ""}` };
}

/** Runs a program to its end; what it prints goes to the terminal. */
export function show(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return new Promise((done) => {
    const child = spawn(program, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
    child.on("error", (error) => {
      console.error(error.message);
      done({ code: null, output: "" });
    });
    child.on("close", (code) => done({ code, output: "" }));
  });
}

/** The script that a package of node_modules runs as. */
export const bin = (path: string): string => resolve(root, "node_modules", path);

/** A port of this machine that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error(`no port in ${address}`);
      server.close(() => done(address.port));
    });
  });
}

/** The exit status of a process that a signal ended. */
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Tells when this process should end: a signal, or its parent is gone (npm passes a signal on to a shell, which keeps it
 * to itself).
 */
export function onInterrupt(end: (status: number) => void): void {
  for (const [signal, status] of Object.entries(signals)) process.on(signal, () => end(status));
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    end(signals.SIGTERM);
  }, 1000);
  watch.unref();
}
