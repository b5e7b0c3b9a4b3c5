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

function compile(text: string, relaxed: boolean): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "cartpool-kernels-"));
  try {
    const input = join(folder, "kernels.ts");
    const output = join(folder, "kernels.wasm");
    const flag = "const RELAXED: bool = false;";
    if (!text.includes(flag)) throw new Error(`the kernels do not declare "${flag}"`);
    writeFileSync(input, relaxed ? text.replace(flag, flag.replace("false", "true")) : text);
    const features = ["simd", "threads", ...(relaxed ? ["relaxed-simd"] : [])];
    const memory = ["--sharedMemory", "--importMemory", "--initialMemory", "1", "--maximumMemory", String(PAGES)];
    const options = ["-O3", "--noAssert", "--runtime", "stub", "--enable", features.join(","), ...memory];
    execFileSync(process.execPath, [bin("assemblyscript/bin/asc.js"), input, ...options, "-o", output], {
      stdio: "inherit",
    });
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const simdModule = "src/nn/simd/kernels.generated.ts";

/** What is compiled, and the first line of its module, which names it by a hash. */
function sourceOf({ assemblyScript }: Printed): { text: string; head: string } {
  const text = `${readFileSync(source, "utf8")}\n${assemblyScript}`;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return {
    text,
    head: `/** WebAssembly as base64, by npm run kernels from kernels.as.ts and the row functions: ${hash}. */`,
  };
}

/** The generated modules' texts by path. */
export function generate(): Record<string, string> {
  const printed = printAll();
  const { text, head } = sourceOf(printed);
  const line = (name: string, bytes: Buffer) => `export const ${name} =\n  "${bytes.toString("base64")}";\n`;
  const modules = line("reproducible", compile(text, false)) + line("fastest", compile(text, true));
  return { [simdModule]: `${head}\n${modules}`, ...printed.modules };
}

/** Throws where a generated module is not what its sources say, or a row function is outside of what can be printed. Compiles nothing. */
export function checkGenerated(): void {
  const printed = printAll();
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const stale = Object.entries(printed.modules).flatMap(([path, text]) => (read(path) === text ? [] : [path]));
  if (!read(simdModule).startsWith(sourceOf(printed).head)) stale.push(simdModule);
  if (stale.length > 0) throw new Error(`${stale.join(", ")} is older than its sources: npm run kernels`);
}

if (isMain(import.meta.url))
  for (const [path, text] of Object.entries(generate())) writeFileSync(join(root, path), text);
