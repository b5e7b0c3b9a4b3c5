/** Whose curves are drawn behind the live one: kept with the preferences. */
import { MOST_SHOWN } from "../state/preferences.ts";
import { usePage } from "../state/store.ts";

const shown = (): readonly string[] => usePage.getState().preferences.shown;

export const isShown = (id: string): boolean => shown().includes(id);

/** Puts a run's curve on the chart, in the place of the first one where there are too many; or takes it away. */
export function toggleShown(id: string): void {
  const remove = isShown(id);
  usePage.getState().prefer(({ shown: ids }) => {
    const others = ids.filter((one) => one !== id);
    return { shown: remove ? others : [...others, id].slice(-MOST_SHOWN) };
  });
}
