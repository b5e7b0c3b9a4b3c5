/** A run of the library as files. Every function returns null, or a sentence that says why there is no file. */

import { toLayersModel, toSafetensors } from "../../nn/export/weights.ts";
import { hashOf } from "../../runtime/seen/moment.ts";
import { policyMetadata } from "../../runtime/seen/policy.ts";
import { configOf } from "./configOf.ts";
import { fileName, runFileName } from "./fileName.ts";
import { chartPng, chartSvg } from "./image.ts";
import { useLibrary, wholeRun } from "./library.ts";
import type { Caption } from "./picture.ts";
import { MOST_BYTES, networkOf, type Recording, toCsv, toJson, type Weights } from "./recording.ts";
import { handOver, type SavedFile } from "./save.ts";
import { updateOf } from "./whole.ts";

const JSON_TYPE = "application/json";
const BYTES_TYPE = "application/octet-stream";

const nameOf = (run: Recording, ending: string, name = run.name) =>
  runFileName({ ...run, name }, useLibrary.getState().runs, ending);

/** A run and its weights, of one moment: the list may be a save behind. Throws why there are none. */
async function wholeOf({
  id,
}: Recording): Promise<{ run: Recording; weights: Weights & { parameters: Float32Array } }> {
  const kept = await wholeRun(id);
  if (!kept) throw new Error("this run has been deleted in another tab");
  const { run, weights } = kept;
  if (!weights?.parameters)
    throw new Error("this run has no weights; it was imported without them, or it ended too early");
  if (weights.parameters.length !== networkOf(run).size) throw new Error("its weights are not those of its network");
  return { run, weights: { ...weights, parameters: weights.parameters } };
}

const makers = {
  json: {
    what: "The run",
    make: (run) => [{ name: nameOf(run, "json"), content: toJson(run), type: JSON_TYPE }],
  },
  whole: {
    what: "The run with its weights",
    async make(listed) {
      const { run, weights } = await wholeOf(listed);
      const content = toJson(run, weights);
      if (content.length > MOST_BYTES)
        throw new Error(`the file would be larger than the ${MOST_BYTES / 2 ** 20} MB that are read again`);
      return [{ name: nameOf(run, "json"), content, type: JSON_TYPE }];
    },
  },
  csv: {
    what: "The curves",
    make: (run) => [{ name: nameOf(run, "csv"), content: toCsv(run), type: "text/csv" }],
  },
  safetensors: {
    what: "The weights",
    async make(listed) {
      const { run, weights } = await wholeOf(listed);
      const { parameters } = weights;
      const metadata = policyMetadata(configOf(run), run.query, updateOf(run, weights), parameters);
      const content = toSafetensors(networkOf(run), parameters, metadata);
      return [{ name: nameOf(run, "safetensors"), content, type: BYTES_TYPE }];
    },
  },
  /** Two files that find each other by name: it says whose weights they are, and which, by their hash. */
  model: {
    what: "The model",
    async make(listed) {
      const { run, weights } = await wholeOf(listed);
      const { parameters } = weights;
      const stem = nameOf(run, hashOf(parameters));
      const beside = `${stem}.weights.bin`;
      const { model, weights: content } = toLayersModel(networkOf(run), parameters, beside);
      return [
        { name: `${stem}.model.json`, content: JSON.stringify(model), type: JSON_TYPE },
        { name: beside, content: content.buffer, type: BYTES_TYPE },
      ];
    },
  },
} satisfies Record<
  string,
  { what: string; make(run: Recording): readonly SavedFile[] | Promise<readonly SavedFile[]> }
>;

export const exportRun = (run: Recording, as: keyof typeof makers): Promise<string | null> =>
  handOver(makers[as].what, () => makers[as].make(run));

/** The reward curve as it stands on the page. */
export const exportChart = (as: "svg" | "png", caption: Caption): Promise<string | null> =>
  handOver(`The chart as ${as.toUpperCase()}`, async () =>
    as === "svg"
      ? [{ name: fileName("curve", as), content: chartSvg(caption).text, type: "image/svg+xml" }]
      : [{ name: fileName("curve", as), content: await chartPng(caption), type: "image/png" }],
  );
