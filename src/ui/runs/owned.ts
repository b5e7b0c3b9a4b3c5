/** Whether a run is under way in another tab. */

/** The name of the lock that the tab of a run holds. */
const lockOf = (id: string): string => `cartpool run ${id}`;

export async function isOwnedElsewhere(id: string): Promise<boolean> {
  if (!navigator.locks) return false;
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === lockOf(id));
}
