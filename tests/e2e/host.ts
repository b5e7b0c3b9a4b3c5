/** A host of the built page that a test can bend: with or without headers, with answers of its own. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { headersFor, readHeaders } from "../../src/cli/headers.ts";

const dist = fileURLToPath(new URL("../../dist", import.meta.url));
/** Where the script for the page is. */
export const SCRIPT = "/test-script.js";
const types: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/** What the file _headers of the built page asks of a host for the page. */
export const isolationHeaders = (): Record<string, string> => headersFor(readHeaders(dist), "/");

export interface HostOptions {
  /** Sent with every response. */
  headers?: Record<string, string>;
  /** What is served; without it, dist. */
  folder?(request: IncomingMessage): string;
  /** True where it has answered the request. */
  answer?(request: IncomingMessage, response: ServerResponse): boolean;
  /** Runs in the page before everything else, as a file: the page allows no script in its text. */
  script?: string;
}

/** Serves dist on a free port. */
export function host({
  headers = {},
  folder = () => dist,
  answer,
  script,
}: HostOptions = {}): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (answer?.(request, response)) return;
    if (script && request.url === SCRIPT) {
      response.writeHead(200, { "content-type": "text/javascript" }).end(script);
      return;
    }
    const path = normalize(new URL(request.url ?? "/", "http://host").pathname);
    const served = folder(request);
    const file = join(served, path.endsWith("/") ? `${path}index.html` : path);
    if (!file.startsWith(served) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const bytes = readFileSync(file);
    const withScript = script && file.endsWith("index.html");
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
    response.end(withScript ? bytes.toString().replace("<head>", `<head><script src="${SCRIPT}"></script>`) : bytes);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address() as { port: number };
      resolve({ server, url: `http://127.0.0.1:${address.port}/` });
    });
  });
}
