/** A page in WebKit, driven by WebDriver. */
import { startWebKit, type WebKit } from "../../src/cli/webkit.ts";
import { host, isolationHeaders } from "./host.ts";

/** Notes what the page says on the console, and what nobody catches there or in its workers: WebDriver does not tell. */
function listen(): void {
  const heard: string[] = [];
  Object.assign(window, { heard });
  for (const level of ["warn", "error"] as const) {
    const say = console[level];
    console[level] = (...what: unknown[]) => {
      heard.push(`${level}: ${what.join(" ")}`);
      say(...what);
    };
  }
  addEventListener("error", (event) => heard.push(`uncaught: ${event.message}`));
  addEventListener("unhandledrejection", ({ reason }) => heard.push(`uncaught: ${reason}`));
}

export interface DrivenPage {
  /** Runs a function in the page, which sees its argument and nothing around it; both ways by JSON. */
  evaluate<A, T>(work: (argument: A) => T | Promise<T>, argument: A): Promise<T>;
  /** PNG. */
  screenshot(): Promise<Buffer>;
  /** Warnings and errors of the page so far. */
  noise(): Promise<string[]>;
  close(): Promise<void>;
}

/** Seconds that one evaluation may take. */
const PATIENCE = 150;

/** Opens the built page with a run query in a WebKit of its own. */
export async function openInWebKit(webkit: WebKit, query: string, sharesMemory: boolean): Promise<DrivenPage> {
  const driver = await startWebKit(webkit, sharesMemory);
  const { server, url } = await host({ headers: isolationHeaders(), script: `(${listen})();` });
  const end = async () => {
    await driver.close();
    server.close();
    server.closeAllConnections();
  };
  const call = async (method: string, path: string, body?: unknown) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${driver.url}${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const { value } = (await answer.json()) as { value: { error?: string; message?: string } | null };
    if (value?.error) throw new Error(`${value.error}: ${value.message}; WebKit printed:\n${driver.output()}`);
    return value as never;
  };
  try {
    const options = { binary: webkit.browser, args: ["--automation"] };
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
    const { sessionId } = (await call("POST", "/session", { capabilities })) as { sessionId: string };
    const at = `/session/${sessionId}`;
    await call("POST", `${at}/timeouts`, { script: PATIENCE * 1000 });
    await call("POST", `${at}/url`, { url: `${url}?${query}` });
    const evaluate: DrivenPage["evaluate"] = async (work, argument) => {
      const script = `const [argument, done] = arguments;
          Promise.resolve(argument).then(${work}).then((value) => done({ value }), (error) => done({ failed: String(error) }));`;
      const outcome = (await call("POST", `${at}/execute/async`, { script, args: [argument] })) as {
        value: never;
        failed?: string;
      };
      if (outcome.failed !== undefined) throw new Error(outcome.failed);
      return outcome.value;
    };
    return {
      evaluate,
      screenshot: async () => Buffer.from(await call("GET", `${at}/screenshot`), "base64"),
      noise: () => evaluate(() => (window as unknown as { heard: string[] }).heard, null),
      async close() {
        await call("DELETE", at).catch(() => {});
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}
