/** For a dialog that is mounted as it opens: Mantine's own way back begins with one that was mounted before. */
import { useEffect, useState } from "react";

/** Gives the focus back to what had it, when the dialog goes. */
export function useFocusBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    },
    [before],
  );
}
