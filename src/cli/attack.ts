/** The attack at full size: npm run attack. `--help` says what it does. */
import { parseArgs } from "node:util";
import { bin, root, runAsScript, show } from "./process.ts";

const usage = `usage: npm run attack -- [unit] [e2e] [arguments for the last one]
  unit   100,000 hostile links, 2,000 hashes, 500 files, 2,000 records of the browser's store (tests/attack)
  e2e    in Chromium: 60 kills of actors, learner and evaluator, two graphics devices lost, 60 files and 60 links
         (tests/e2e/attack.spec.ts)

Nothing may hang, nothing may be lost, every refusal names its reason. npm test holds the same attacks at a small size.
Every attack is seeded: one that succeeds says its number, and does so again. It takes about a quarter of an hour.`;

const files = { unit: "tests/attack", e2e: "tests/e2e/attack.spec.ts" } as const;
type Step = keyof typeof files;

const isStep = (word: string): word is Step => Object.hasOwn(files, word);

runAsScript(import.meta.url, async () => {
  const args = process.argv.slice(2);
  const { values } = parseArgs({ args, options: { help: { type: "boolean" } }, strict: false });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const end = args.findIndex((arg) => !isStep(arg));
  const named = args.slice(0, end < 0 ? args.length : end).filter(isStep);
  const steps = named.length > 0 ? named : (Object.keys(files) as Step[]);
  let status = 0;
  for (const [i, step] of steps.entries()) {
    const rest = i === steps.length - 1 ? args.slice(named.length) : [];
    const script = [bin("tsx/dist/cli.mjs"), `${root}/src/cli/test.ts`, step, files[step], ...rest];
    const { code } = await show(process.execPath, script, { CARTPOOL_ATTACK: "full" });
    if (code !== 0) status = 1;
  }
  return status;
});
