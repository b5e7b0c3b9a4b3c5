import { Alert, Button } from "@mantine/core";
import { useState } from "react";
import { useLive } from "../live.ts";
import { runner } from "../session.ts";
import { currentOf, keepDeleted, leaveDeleted, retry, unkept, useLibrary } from "./library.ts";
import { type Imported, MOST_BYTES, recordingOf, toJson, weightsOf } from "./recording.ts";
import { save } from "./save.ts";

/** The run that the page's runner holds, as it stands now; null where there is none. */
async function runNow(): Promise<Imported | null> {
  const about = currentOf(useLibrary.getState());
  const checkpoint = await runner().checkpoint();
  const run = about && recordingOf(runner().snapshot(), about);
  return run && { run, weights: { parameters: weightsOf(runner()), checkpoint } };
}

/** Hands over the run of the page and every other one that is in no database, a file each. */
async function saveFiles(): Promise<void> {
  const current = await runNow().catch(() => null);
  const others = unkept().filter(({ run }) => run.id !== current?.run.id);
  for (const { run, weights } of current ? [current, ...others] : others) {
    const whole = toJson(run, weights);
    // What is larger could not be imported again.
    save(`cartpool-${run.id.slice(0, 8)}.json`, whole.length > MOST_BYTES ? toJson(run) : whole, "application/json");
  }
}

/** Runs are not kept: why, and what can be done. Gone as soon as they are. */
function Unkept({ problem }: { problem: string }) {
  const begun = useLive((s) => s.phase !== "idle");
  const [trying, setTrying] = useState(false);
  const again = async () => {
    setTrying(true);
    await retry();
    setTrying(false);
  };
  return (
    <Alert className="notice" color="orange" variant="light" role="alert" title="Runs are not kept">
      {problem}
      <div className="actions">
        <Button size="compact-xs" variant="default" loading={trying} onClick={() => void again()}>
          Try again
        </Button>
        {(begun || unkept().length > 0) && (
          <Button size="compact-xs" variant="default" onClick={() => void saveFiles()}>
            Save as a file
          </Button>
        )}
      </div>
    </Alert>
  );
}

/** The run under way was deleted by somebody else. */
function Deleted() {
  return (
    <Alert className="notice" color="orange" variant="light" role="alert" title="The run of this tab was deleted">
      It was deleted in another tab, or with the data of this site. It goes on here, and is not kept any more.
      <div className="actions">
        <Button size="compact-xs" variant="default" onClick={() => void keepDeleted()}>
          Keep it again
        </Button>
        <Button size="compact-xs" variant="default" onClick={leaveDeleted}>
          Leave it deleted
        </Button>
      </div>
    </Alert>
  );
}

/** What a person must know of the storage of this browser, wherever they are. */
export default function StorageCards() {
  const problem = useLibrary((s) => s.problem);
  const deleted = useLibrary((s) => s.deleted !== null);
  return (
    <>
      {problem !== null && <Unkept problem={problem} />}
      {deleted && <Deleted />}
    </>
  );
}
