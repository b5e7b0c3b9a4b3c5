/** What the page itself knows: the configuration that the controls show, and how a person likes to look at a run. */
import { create } from "zustand";
import type { ParamValue } from "../../core/params.ts";
import { defaultConfig, type RunConfig, switchTo, withValues } from "../../runtime/plan/config.ts";
import { decodeAddress, type UrlProblem, withoutTracking } from "../address/url.ts";
import type { LessonId } from "../lessons/titles.ts";
import type { Embed } from "./embed.ts";
import { facts, type Preferences, storedPreferences } from "./preferences.ts";

interface PageState {
  /** What the next Train starts; its live values are those of the running run. Always legal. */
  config: RunConfig;
  /** The lesson that is open beside the run. */
  lesson: LessonId | null;
  /** What a frame shows; null: the whole page. */
  embed: Embed | null;
  urlProblems: readonly UrlProblem[];
  preferences: Preferences;
  setConfig(config: RunConfig): void;
  setValue(key: string, value: ParamValue): void;
  switchTo(to: Parameters<typeof switchTo>[1]): void;
  setLesson(lesson: LessonId | null): void;
  /** A change to the preferences of this tab and, field by field, to those that are stored; as a function, to each of them. */
  prefer(change: Partial<Preferences> | ((now: Preferences) => Partial<Preferences>)): void;
  dismissUrlProblems(): void;
}

/** The configuration of an address. A first visit without one starts slowly enough to be watched. */
function opened(preferences: Preferences): Pick<PageState, "config" | "lesson" | "embed" | "urlProblems"> {
  const query = typeof location === "undefined" ? "" : withoutTracking(location.search);
  if (query.length <= 1) {
    const config = defaultConfig();
    const shown = preferences.hasTrained ? config : withValues(config, { pace: "watchable" });
    return { config: shown, lesson: null, embed: null, urlProblems: [] };
  }
  const { config, lesson, embed, problems } = decodeAddress(query);
  return { config, lesson, embed, urlProblems: problems };
}

const preferences = storedPreferences.read();

export const usePage = create<PageState>()((set) => ({
  ...opened(preferences),
  preferences,
  setConfig: (config) => set({ config }),
  setValue: (key, value) => set(({ config }) => ({ config: withValues(config, { [key]: value }) })),
  setLesson: (lesson) => set({ lesson }),
  switchTo: (to) => set(({ config }) => ({ config: switchTo(config, to) })),
  prefer: (change) => {
    const changed = (of: Preferences) => ({ ...of, ...(typeof change === "function" ? change(of) : change) });
    const kept = storedPreferences.change(changed);
    set(({ preferences }) => ({ preferences: { ...changed(preferences), ...facts(kept) } }));
  },
  dismissUrlProblems: () => set({ urlProblems: [] }),
}));

storedPreferences.follow((kept) =>
  usePage.setState(({ preferences }) => ({ preferences: { ...preferences, ...facts(kept) } })),
);
