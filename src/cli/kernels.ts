/** Compiles the SIMD kernels into src/nn/simd/kernels.generated.ts: npm run kernels. A test holds the file to its source. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bin, isMain } from "./process.ts";

const source = fileURLToPath(new URL("../nn/simd/kernels.as.ts", import.meta.url));
const target = fileURLToPath(new URL("../nn/simd/kernels.generated.ts", import.meta.url));

/** 64 KiB pages; the largest memory that a WebAssembly module of 32-bit addresses can import. */
const PAGES = 65_536;

function compile(relaxed: boolean): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "cartpool-kernels-"));
  try {
    const input = join(folder, "kernels.ts");
    const output = join(folder, "kernels.wasm");
    const text = readFileSync(source, "utf8");
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

/** The generated module's text. */
export function generate(): string {
  const line = (name: string, bytes: Buffer) => `export const ${name} =\n  "${bytes.toString("base64")}";\n`;
  return `/** Compiled from kernels.as.ts by npm run kernels: WebAssembly, as base64. */\n${line("reproducible", compile(false))}${line("fastest", compile(true))}`;
}

export const generatedFile = target;

if (isMain(import.meta.url)) writeFileSync(target, generate());
