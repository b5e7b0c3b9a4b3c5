/** Looks for the crossover on a thread of its own, as the learner has. */
import { expose } from "comlink";
import { type MeasureGrid, measureGrid } from "./crossover.ts";
import { learning } from "./learning.ts";

const measure: MeasureGrid = (grid, say) => measureGrid(learning, grid, say);

expose(measure);
