/** Prints every row function of src/algorithms. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { algorithms } from "../../algorithms/index.ts";
import type { OutputGradient } from "../../nn/gradient.ts";
import { root } from "../process.ts";
import { printAssemblyScript } from "./assemblyscript.ts";
import { type Index, type Row, rowsOf, usesOf } from "./subset.ts";
import { printWgsl } from "./wgsl.ts";

const folder = "src/algorithms";

export interface Printed {
  /** Kernels, to stand behind nn/simd/kernels.as.ts. */
  readonly assemblyScript: string;
  /** Generated modules by path. */
  readonly modules: Readonly<Record<string, string>>;
}

/** Throws where what a row function reads or writes is not declared beside it. */
export function checkNames({ file, body }: Row, { id, outputs, fields, hp, stats }: OutputGradient): void {
  const names = Object.keys(fields);
  const single = names.filter((name) => fields[name] === 1);
  const wide = names.filter((name) => fields[name] !== 1);
  for (const name of wide)
    if (!outputs.includes(fields[name] as string))
      throw new Error(`${file}: ${id} declares ${name} as wide as ${fields[name]}, which is no output of it`);
  const declared = { z: outputs, d: outputs, length: outputs, x: single, "x[]": wide, hp, stat: stats };
  const uses = usesOf(body);
  for (const { of, name } of uses)
    if (!(declared[of] as readonly string[]).includes(name))
      throw new Error(`${file}: ${id} names ${of}.${name}, which it does not declare`);
  for (const of of ["d", "stat"] as const)
    for (const name of declared[of])
      if (!uses.some((use) => use.written && use.of === of && use.name === name))
        throw new Error(`${file}: ${id} never writes ${of}.${name}`);
}

const lengthOf = (length: Index): string =>
  length.kind === "length" ? `"${length.output}"` : String(length.kind === "integer" && length.value);

export function printAll(): Printed {
  const rows = readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .flatMap((name) => {
      const read = (path: string) => readFileSync(join(root, folder, path), "utf8");
      return rowsOf(`${folder}/${name}`, read(name), read);
    });
  const gradients = new Map<string, OutputGradient>(
    Object.values(algorithms).flatMap(({ losses }) =>
      Object.values(losses).map(({ outputGradient: of }) => [of.id, of] as const),
    ),
  );
  const all = [...gradients.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((gradient) => {
      const own = rows.filter(({ id }) => id === gradient.id);
      if (own.length !== 1) throw new Error(`${own.length} row functions of ${folder} are called ${gradient.id}`);
      checkNames(own[0], gradient);
      return { row: own[0], gradient };
    });
  const entries = (text: (of: (typeof all)[number]) => string) =>
    all.map((of) => `  ${of.gradient.id}: ${text(of)},\n`).join("");
  return {
    assemblyScript: all.map(({ row, gradient }) => printAssemblyScript(row, gradient)).join("\n"),
    modules: {
      "src/nn/simd/rows.generated.ts": `/** Scratch arrays of the row functions, by npm run kernels: outputs that they are as long as, or numbers. */\nexport const scratchOf: Readonly<Record<string, readonly (string | number)[]>> = {\n${entries(({ row }) => `[${row.scratch.map(({ length }) => lengthOf(length)).join(", ")}]`)}};\n`,
      "src/nn/tfjs/rows.generated.ts": `/** Row functions as WGSL, by npm run kernels. */\nexport const wgslOf: Readonly<Record<string, string>> = {\n${entries(({ row, gradient }) => `\`\n${printWgsl(row, gradient.stats)}\``)}};\n`,
    },
  };
}
