import { Alert, Button } from "@mantine/core";
import { useState } from "react";
import { useLive } from "../state/live.ts";
import { runner } from "../state/session.ts";
import { runFileName } from "./fileName.ts";
import { currentOf, keepDeleted, leaveDeleted, retry, unkept, useLibrary } from "./library.ts";
import type { Imported } from "./reading.ts";
import { MOST_BYTES, recordingOf, toJson, weightsOf } from "./recording.ts";
import { handOver } from "./save.ts";
import { wholeAt } from "./whole.ts";

/** The run that the page's runner holds, as it stands now; null where there is none. */
async function runNow(): Promise<Imported | null> {
  const about = currentOf(useLibrary.getState());
  if (!about) return null;
  const checkpoint = await runner().checkpoint();
  const whole = checkpoint && wholeAt(runner().snapshot(), checkpoint, about);
  if (whole) return whole;
  const run = recordingOf(runner().snapshot(), about);
  return run && { run, weights: { parameters: weightsOf(runner()), checkpoint: null } };
}

/** Hands over the run of the page and every other one that is in no database, a file each. A sentence where that fails. */
const saveFiles = (): Promise<string | null> =>
  handOver("The runs", async () => {
    const current = await runNow().catch(() => null);
    const others = unkept().filter(({ run }) => run.id !== current?.run.id);
    const all = current ? [current, ...others] : others;
    return all.map(({ run, weights }) => {
      const whole = toJson(run, weights);
      // What is larger could not be imported again.
      const content = whole.length > MOST_BYTES ? toJson(run) : whole;
      return {
        name: runFileName(
          run,
          all.map((each) => each.run),
          "json",
        ),
        content,
        type: "application/json",
      };
    });
  });

/** Runs are not kept: why, and what can be done. Gone as soon as they are. */
function Unkept({ problem }: { problem: string }) {
  const begun = useLive((s) => s.phase !== "idle");
  const [trying, setTrying] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const again = async () => {
    setTrying(true);
    await retry();
    setTrying(false);
  };
  return (
    <Alert className="notice" color="orange" variant="light" role="alert" title="Runs are not kept">
      <p>{problem}</p>
      {failure !== null && <p>{failure}</p>}
      <div className="actions">
        <Button size="compact-xs" variant="default" loading={trying} onClick={() => void again()}>
          Try again
        </Button>
        {(begun || unkept().length > 0) && (
          <Button size="compact-xs" variant="default" onClick={() => void saveFiles().then(setFailure)}>
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
