/**
 * A page in a browser that no driver knows. The host puts a script into the page, which asks for one expression at a
 * time, imports it as a module (the page's policy forbids to evaluate text), and posts what it is worth.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { openFirefox } from "../../src/cli/firefox.ts";
import { host, isolationHeaders, SCRIPT } from "./host.ts";

const errands = async () => {
  for (;;) {
    const response = await fetch("/errand");
    if (!response.ok) return;
    const { id } = await response.json();
    let outcome: { value: unknown } | { error: string };
    try {
      outcome = { value: await (await import(`/errands/${id}.js`)).default() };
    } catch (error) {
      outcome = { error: String(error) };
    }
    await fetch("/errand", { method: "POST", body: JSON.stringify({ id, ...outcome }) });
  }
};

interface Errand {
  readonly id: number;
  readonly expression: string;
  readonly done: (value: unknown) => void;
  readonly failed: (error: Error) => void;
}

export interface RemotePage {
  readonly url: string;
  /** Runs a function in the page, which sees its argument and nothing around it; both ways by JSON. */
  evaluate<A, T>(work: (argument: A) => T | Promise<T>, argument: A, seconds?: number): Promise<T>;
  /** What Firefox and the page's console have printed so far. */
  output(): string;
  /** From now on the host answers with nothing but errands. */
  refuse(): void;
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  return body;
}

/** Opens the built page in a Firefox, with a run query. */
export async function openRemotely(firefoxPath: string, query = ""): Promise<RemotePage> {
  /** At most one at a time. */
  let errand: Errand | null = null;
  let asking: ServerResponse | null = null;
  let last = 0;
  let refuses = false;

  const hand = () => {
    if (!errand || !asking) return;
    asking.setHeader("content-type", "application/json");
    asking.end(JSON.stringify({ id: errand.id }));
    asking = null;
  };
  const take = (text: string) => {
    const { id, value, error } = JSON.parse(text);
    if (!errand || errand.id !== id) return;
    const { done, failed } = errand;
    errand = null;
    if (error === undefined) done(value);
    else failed(new Error(error));
  };
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (errand && request.url === `/errands/${errand.id}.js`) {
      response.writeHead(200, { "content-type": "text/javascript" });
      response.end(`export default () => ${errand.expression};`);
      return true;
    }
    if (request.url !== "/errand") {
      if (!refuses || request.url === SCRIPT) return false;
      request.socket.destroy();
      return true;
    }
    if (request.method === "POST")
      bodyOf(request).then((text) => {
        response.writeHead(204).end();
        take(text);
      });
    else {
      asking = response;
      hand();
    }
    return true;
  };

  const { server, url } = await host({ headers: isolationHeaders(), answer, script: `(${errands})();` });
  const firefox = openFirefox(firefoxPath, query ? `${url}?${query}` : url);
  let closed = false;
  firefox.ended.then((code) => {
    if (!closed) errand?.failed(new Error(`Firefox ended with status ${code}:\n${firefox.output()}`));
  });
  return {
    url,
    output: firefox.output,
    refuse() {
      refuses = true;
    },
    evaluate: <A, T>(work: (argument: A) => T | Promise<T>, argument: A, seconds = 150) =>
      new Promise<T>((done, fail) => {
        const timer = setTimeout(() => {
          errand = null;
          fail(new Error(`no answer from Firefox in ${seconds} s; it printed:\n${firefox.output()}`));
        }, seconds * 1000);
        const settle =
          <V>(how: (value: V) => void) =>
          (value: V) => {
            clearTimeout(timer);
            how(value);
          };
        const expression = `(${work})(${JSON.stringify(argument) ?? ""})`;
        errand = { id: ++last, expression, done: settle(done as (value: unknown) => void), failed: settle(fail) };
        hand();
      }),
    async close() {
      closed = true;
      await firefox.close();
      server.close();
      server.closeAllConnections();
    },
  };
}
