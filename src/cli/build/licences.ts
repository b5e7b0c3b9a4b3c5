/** Writes dist/licenses.txt: whose work is in the page besides its own, and under which terms. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { root } from "../process.ts";

interface Package {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  readonly author: string;
  /** The text that the package brings; null where it brings none. */
  readonly text: string | null;
}

/** What is compiled into the page without being one of its modules: the standard library of the kernels' compiler. */
const compiledIn = ["assemblyscript"];

/** The folder of the package that a module is part of; null for the page's own modules. */
export function packageFolder(id: string): string | null {
  const path = id.replace(/^\0/, "").split("?")[0];
  const at = path.lastIndexOf("node_modules/");
  if (at < 0) return null;
  const inside = path.slice(at + "node_modules/".length).split("/");
  const name = inside.slice(0, inside[0].startsWith("@") ? 2 : 1).join("/");
  return name === "" ? null : path.slice(0, at) + join("node_modules", name);
}

const words = (author: unknown): string =>
  typeof author === "string" ? author : ((author as { name?: string } | undefined)?.name ?? "");

export function readPackage(folder: string): Package {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((name) => /^(licen[sc]e|copying)/i.test(name));
  return {
    name: about.name,
    version: about.version,
    license: typeof about.license === "string" ? about.license : "",
    author: words(about.author),
    text: file ? readFileSync(join(folder, file), "utf8").trim() : null,
  };
}

/** One section a text of a licence, below the packages that bring it; at the end those that bring none. */
export function licencesText(packages: readonly Package[]): string {
  const heads = new Map<string, string[]>();
  for (const { name, version, license, author, text } of packages) {
    const head = `${name} ${version}${license ? ` (${license})` : ""}${author ? `, by ${author}` : ""}`;
    const under = text ?? `${license || "Its package names no licence"}. The texts of common licences stand above.`;
    heads.set(under, [...(heads.get(under) ?? []), head]);
  }
  const sections = [...heads].map(([text, of]) => `${of.join("\n")}\n\n${text}`);
  const line = `\n\n${"-".repeat(80)}\n\n`;
  return ["Cartpool contains the work of others, under these terms.", ...sections].join(line).concat("\n");
}

const folders = new Set<string>();

function note(id: string): void {
  const folder = packageFolder(id);
  if (folder) folders.add(folder);
}

/** Notes what a bundle is made of. */
const collect: Pick<Plugin, "generateBundle"> = {
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle))
      for (const id of file.type === "chunk" ? file.moduleIds : file.originalFileNames) note(id);
  },
};

/** For the bundles of the threads, which are made apart. */
export const licencesOfThread = (): Plugin => ({ name: "cartpool:licences-of-thread", apply: "build", ...collect });

/** For the page, which is complete once its threads are. */
export const licences = (): Plugin => ({
  name: "cartpool:licences",
  apply: "build",
  generateBundle: {
    order: "post",
    handler(...of) {
      (collect.generateBundle as (...of: unknown[]) => void).apply(this, of);
      for (const name of compiledIn) folders.add(join(root, "node_modules", name));
      const packages = [...folders].filter((folder) => existsSync(join(folder, "package.json"))).map(readPackage);
      const named = new Map(packages.map((one) => [`${one.name} ${one.version}`, one]));
      const others = [...named.values()].sort((a, b) => a.name.localeCompare(b.name));
      const without = others.filter(({ text }) => text === null);
      const all = [readPackage(root), ...others.filter(({ text }) => text !== null), ...without];
      this.emitFile({ type: "asset", fileName: "licenses.txt", source: licencesText(all) });
    },
  },
});
