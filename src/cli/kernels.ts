/**
 * Prints the row functions of the algorithms as kernels and compiles those for the processor: npm run kernels.
 * Tests and the build hold the generated files to their sources.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Printed, printAll } from "./printer/print.ts";
import { bin, isMain, root } from "./process.ts";

const source = join(root, "src/nn/simd/kernels.as.ts");

/** 64 KiB pages; the largest memory that a WebAssembly module of 32-bit addresses can import. */
const PAGES = 65_536;

const memory = ["--sharedMemory", "--importMemory", "--initialMemory", "1", "--maximumMemory", String(PAGES)];
const options = ["-O3", "--noAssert", "--runtime", "stub", ...memory];

function compile(text: string, relaxed: boolean): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "cartpool-kernels-"));
  try {
    const input = join(folder, "kernels.ts");
    const output = join(folder, "kernels.wasm");
    const flag = "const RELAXED: bool = false;";
    if (!text.includes(flag)) throw new Error(`the kernels do not declare "${flag}"`);
    writeFileSync(input, relaxed ? text.replace(flag, flag.replace("false", "true")) : text);
    const features = ["simd", "threads", ...(relaxed ? ["relaxed-simd"] : [])];
    const all = [input, ...options, "--enable", features.join(","), "-o", output];
    execFileSync(process.execPath, [bin("assemblyscript/bin/asc.js"), ...all], { stdio: "inherit" });
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const simdModule = "src/nn/simd/kernels.generated.ts";

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);
const compilerVersion = (): string => JSON.parse(readFileSync(bin("assemblyscript/package.json"), "utf8")).version;

/** What is compiled. */
const textOf = ({ assemblyScript }: Printed) => `${readFileSync(source, "utf8")}\n${assemblyScript}`;

/** The first line of the compiled module: what it was made from, with what, and what came of it. */
const headOf = (text: string, binaries: string) =>
  `/** WebAssembly as base64, by npm run kernels: AssemblyScript ${compilerVersion()} made ${hash(binaries)} of kernels.as.ts and the row functions, ${hash(`${options} ${text}`)}. */\n`;

/** The generated modules' texts by path. */
function generate(): Record<string, string> {
  const printed = printAll();
  const text = textOf(printed);
  const line = (name: string, bytes: Buffer) => `export const ${name} =\n  "${bytes.toString("base64")}";\n`;
  const binaries = line("reproducible", compile(text, false)) + line("fastest", compile(text, true));
  return { [simdModule]: headOf(text, binaries) + binaries, ...printed.modules };
}

/**
 * Throws where a generated module is not what its sources say, or a row function is outside of what can be printed.
 * Compiles nothing: what was compiled names its sources, its compiler and itself by hashes.
 */
export function checkGenerated(read = (path: string) => readFileSync(join(root, path), "utf8")): void {
  const printed = printAll();
  const compiled = read(simdModule);
  const binaries = compiled.slice(compiled.indexOf("\n") + 1);
  const modules = { [simdModule]: headOf(textOf(printed), binaries) + binaries, ...printed.modules };
  const stale = Object.entries(modules).flatMap(([path, text]) => (read(path) === text ? [] : [path]));
  if (stale.length > 0) throw new Error(`${stale.join(", ")} is older than its sources: npm run kernels`);
}

if (isMain(import.meta.url))
  for (const [path, text] of Object.entries(generate())) writeFileSync(join(root, path), text);
