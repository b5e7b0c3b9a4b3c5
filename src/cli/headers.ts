/** What public/_headers asks of a host: the one place where response headers are declared. Every server here reads it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface HeaderRule {
  /** A path of the site; * at its end stands for anything. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads the format that static hosts share: a path in a line of its own, below it its headers, indented. */
export function parseHeaders(text: string): HeaderRule[] {
  const rules: { path: string; headers: Record<string, string> }[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (!/^\s/.test(line)) {
      rules.push({ path: line.trim(), headers: {} });
      continue;
    }
    const at = line.indexOf(":");
    const rule = rules.at(-1);
    if (at < 0 || !rule) throw new Error(`_headers: "${line}" is neither a path nor one of its headers`);
    rule.headers[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return rules;
}

const matches = (rule: string, path: string): boolean =>
  rule.endsWith("*") ? path.startsWith(rule.slice(0, -1)) : path === rule;

/** The headers of a response for a path of the site, such as "/assets/index.js". */
export const headersFor = (rules: readonly HeaderRule[], path: string): Record<string, string> =>
  Object.assign({}, ...rules.filter((rule) => matches(rule.path, path)).map(({ headers }) => headers));

/** The rules of a folder that is served: public, or dist. */
export const readHeaders = (folder: string): HeaderRule[] =>
  parseHeaders(readFileSync(join(folder, "_headers"), "utf8"));
