import { CloseButton } from "@mantine/core";
import { useState } from "react";
import { isOnOneThread } from "../state/session.ts";
import { usePage } from "../state/store.ts";

/** That there is one thread only, and what that means here. */
export function OneThread() {
  const embedded = usePage((s) => s.embed !== null);
  const [dismissed, setDismissed] = useState(false);
  if (!isOnOneThread() || dismissed) return null;
  if (embedded)
    return (
      <p className="strip" role="note">
        This page gets no shared memory here, so all actors take turns on one thread.
      </p>
    );
  return (
    <aside className="strip" aria-label="One thread">
      <p role="note">
        <strong>
          This browser does not let the page share memory with its threads, so all actors take turns on one.
        </strong>{" "}
        Runs are slower and have the same bits. Lanes, slow or killed actors, other engines and the benchmark need
        threads: a current Chrome, Edge, Firefox or Safari has them.
      </p>
      <CloseButton size="sm" aria-label="Dismiss the note on threads" onClick={() => setDismissed(true)} />
    </aside>
  );
}
