/** From where the run under way went on. */
import { create } from "zustand";
import { onNewRun } from "../state/session.ts";

interface GoneOn {
  readonly envSteps: number;
  readonly updates: number;
  /** Env-steps of the record that got further and stays as it is; null: there is none. */
  readonly further: number | null;
}

/** From where the run under way went on, until a new one begins or a person has read it. */
export const useGoneOn = create<{ from: GoneOn | null }>()(() => ({ from: null }));
export const dismissGoneOn = (): void => useGoneOn.setState({ from: null });
onNewRun(dismissGoneOn);
