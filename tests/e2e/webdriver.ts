/** A page in WebKit, driven by WebDriver. */
import { startWebKit, type WebKit } from "../../src/cli/webkit.ts";

export interface DrivenPage {
  /** Runs a function in the page, which sees its argument and nothing around it; both ways by JSON. */
  evaluate<A, T>(work: (argument: A) => T | Promise<T>, argument: A): Promise<T>;
  goto(url: string): Promise<void>;
  /** PNG. */
  screenshot(): Promise<Buffer>;
  /** Warnings and errors of the page and its workers so far. */
  noise(): string[];
  close(): Promise<void>;
}

/** Seconds that one evaluation may take. */
const PATIENCE = 50;

/** Opens an address in a WebKit of its own. */
export async function openInWebKit(webkit: WebKit, url: string, sharesMemory: boolean): Promise<DrivenPage> {
  const driver = await startWebKit(webkit, sharesMemory);
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
    const options = {
      binary: driver.browser,
      args: ["--automation", "--enable-write-console-messages-to-stdout=true"],
    };
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options } };
    const { sessionId } = (await call("POST", "/session", { capabilities })) as { sessionId: string };
    const at = `/session/${sessionId}`;
    await call("POST", `${at}/timeouts`, { script: PATIENCE * 1000 });
    const goto = (to: string) => call("POST", `${at}/url`, { url: to });
    await goto(url);
    return {
      goto,
      async evaluate(work, argument) {
        const script = `const [argument, done] = arguments;
          Promise.resolve(argument).then(${work}).then((value) => done({ value }), (error) => done({ failed: String(error) }));`;
        const outcome = (await call("POST", `${at}/execute/async`, { script, args: [argument] })) as {
          value: never;
          failed?: string;
        };
        if (outcome.failed !== undefined) throw new Error(outcome.failed);
        return outcome.value;
      },
      screenshot: async () => Buffer.from(await call("GET", `${at}/screenshot`), "base64"),
      noise: () =>
        driver
          .output()
          .split("\n")
          .filter((line) => /CONSOLE.* (WARN|ERROR) /.test(line)),
      async close() {
        await call("DELETE", at).catch(() => {});
        await driver.close();
      },
    };
  } catch (error) {
    await driver.close();
    throw error;
  }
}
