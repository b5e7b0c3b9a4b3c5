/** The last update of a run that stands still, and the stage of it that is looked at. */
import { useReducedMotion } from "@mantine/hooks";
import { useEffect, useState } from "react";
import type { AnyValues } from "../../core/params.ts";
import type { SystemView } from "../../runtime/seen/system.ts";
import type { UpdatePoint } from "../../runtime/seen/view.ts";
import { everyFrame } from "../state/frame.ts";
import { lastUpdate, type Round, stageNames } from "./stages.ts";

const LOOK_MS = 100;
/** Milliseconds that a stage stays lit while the walk goes on by itself. */
const STAGE_MS = 1000;

export interface Walk {
  readonly system: SystemView;
  readonly updates: number;
  /** The version that it published. */
  readonly version: number;
  /** Whether the update came of a step, and not before the run was stopped. */
  readonly stepped: boolean;
  readonly round: Round;
  /** What each actor acts with now. */
  readonly versions: readonly number[];
  readonly points: readonly UpdatePoint[];
  readonly values: AnyValues;
}

/** Null while the run goes on, and before its first update. */
export function useWalk(system: SystemView | null): Walk | null {
  const [walk, setWalk] = useState<Walk | null>(null);
  useEffect(() => {
    let seen = "";
    let pausedAt: number | null = null;
    setWalk(null);
    if (!system) return;
    return everyFrame(({ phase, updates, versions: version, updateSeries: points, actors, config }) => {
      const versions = actors.map(({ version }) => version);
      // What has been looked at already stays.
      const key = phase === "paused" ? [updates, points.length, ...versions].join() : "";
      if (key === seen) return;
      seen = key;
      pausedAt = key === "" ? null : (pausedAt ?? updates);
      const stepped = pausedAt !== null && updates > pausedAt;
      const { lanes, plan, active } = system;
      const round = key === "" ? null : lastUpdate(lanes, plan, { active, versions, version });
      setWalk(round && { system, updates, version, stepped, round, versions, points, values: config.values });
    }, LOOK_MS);
  }, [system]);
  return walk;
}

export interface Place {
  /** Index of the stage. */
  readonly at: number;
  readonly playing: boolean;
  go(stage: number): void;
}

/**
 * Where in the walk a person is. After a step it goes on by itself, until a person goes somewhere; where little motion is
 * wanted, nothing moves by itself.
 */
export function usePlace(walk: Walk | null): Place {
  const still = useReducedMotion();
  const [chosen, setChosen] = useState<{ of: number; at: number; playing: boolean } | null>(null);
  const updates = walk?.updates ?? -1;
  const begins = { at: 0, playing: walk?.stepped === true && !still };
  const { at, playing } = chosen?.of === updates ? chosen : begins;
  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      const next = at + 1;
      setChosen({ of: updates, at: next, playing: next < stageNames.length - 1 });
    }, STAGE_MS);
    return () => clearTimeout(timer);
  }, [playing, updates, at]);
  return { at, playing, go: (stage) => setChosen({ of: updates, at: stage, playing: false }) };
}

/** What has a use for arrow keys of its own. */
const takesArrows = "input, select, textarea, [role=slider], [role=radiogroup], [role=tab], [role=menu], [role=dialog]";

/** The arrow keys go to the stage before and after, wherever on the page nobody else wants them. */
export function useStageKeys({ at, go }: Place, walking: boolean): void {
  useEffect(() => {
    if (!walking) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if (event.target instanceof Element && event.target.closest(takesArrows)) return;
      const way = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      const next = at + way;
      if (way === 0 || !(next in stageNames)) return;
      event.preventDefault();
      go(next);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  });
}
