/** How a person likes to look at a run. Kept in this browser; never part of a link. */
import * as z from "zod/mini";
import { groups } from "../../core/params.ts";
import { axes } from "../charts/series.ts";
import { stored } from "./stored.ts";

export const panes = ["learning", "systems", "insides", "runs"] as const;
export const tabs = ["parameters", "curves", "actors"] as const;

/** Shares of the height that the reward curve can have. */
export const leastSplit = 0.25;
export const mostSplit = 0.8;

/** Curves of other runs behind the live one at most. */
export const MOST_SHOWN = 5;

const shape = z.object({
  axis: z.catch(z.enum(axes), "envSteps"),
  /** Memory of the smoothed curve, as a share of the visible width. */
  smoothing: z.catch(z.number().check(z.minimum(0), z.maximum(0.2)), 0.02),
  introDismissed: z.catch(z.boolean(), false),
  /** Train was pressed once: a later visit starts at full speed. */
  hasTrained: z.catch(z.boolean(), false),
  collapsed: z.catch(z.array(z.enum(groups)), []),
  /** What stands below the reward curve. */
  pane: z.catch(z.enum(panes), "learning"),
  /** Share of the height that the reward curve has; the rest is of what stands below it. */
  split: z.catch(z.number().check(z.minimum(leastSplit), z.maximum(mostSplit)), 0.54),
  tab: z.catch(z.enum(tabs), "curves"),
  /** Ids of the runs on the chart. */
  shown: z.catch(z.array(z.string().check(z.maxLength(64))).check(z.maxLength(MOST_SHOWN)), []),
});

export type Preferences = z.infer<typeof shape>;

const KEY = "cartpool:preferences";

export const defaultPreferences: Preferences = shape.parse({});

/** Whatever is stored: a broken or foreign field is its default. */
export function parsePreferences(text: string | null): Preferences {
  try {
    return shape.parse(JSON.parse(text ?? "{}"));
  } catch {
    return defaultPreferences;
  }
}

export const storedPreferences = stored(KEY, parsePreferences);

/** What holds in every tab at once. How a person looks at a run is each tab's own. */
export const facts = ({ introDismissed, hasTrained }: Preferences) => ({ introDismissed, hasTrained });
