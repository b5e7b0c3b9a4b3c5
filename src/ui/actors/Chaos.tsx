import "@mantine/core/styles/Menu.css";
import { Menu, UnstyledButton } from "@mantine/core";
import { useLive } from "../state/live.ts";
import { isOnOneThread, isUnderWay, runner, setValue } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import classes from "./actors.module.css";

const slowdowns = [2, 4, 10] as const;
const delays = [10, 50, 200] as const; // ms

/** What a person can do to one actor while it runs, and has done. One actor at a time is the straggler. */
export function Chaos({ index }: { index: number }) {
  const phase = useLive((s) => s.phase);
  const values = usePage((s) => s.config.values);
  const actors = useLive((s) => s.actorCount);
  const straggler = values.straggler === index + 1;
  const slowed = straggler && (values.slowdown as number) > 1;
  const delayed = straggler && (values.pullDelay as number) > 0;
  const working = Math.min(values.actors as number, actors);
  const slow = (slowdown: number, pullDelay: number) => {
    setValue("slowdown", slowdown);
    setValue("pullDelay", pullDelay);
    setValue("straggler", index + 1);
  };
  const rests = index + 1 > working;
  const done = rests
    ? "rests"
    : delayed
      ? `${values.pullDelay} ms late`
      : slowed
        ? `${values.slowdown} × slower`
        : null;
  const embedded = usePage((s) => s.embed !== null);
  if (embedded || isOnOneThread() || !isUnderWay(phase)) return null;
  return (
    <Menu position="bottom-end" width={220} shadow="sm" withinPortal>
      <Menu.Target>
        <UnstyledButton
          className={classes.chaos}
          data-disturbed={done !== null || undefined}
          aria-label={`Disturb actor ${index + 1}${done === null ? "" : `: ${done}`}`}
          title={done ?? undefined}
        >
          {done ?? "disturb"}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Slow it down</Menu.Label>
        {slowdowns.map((factor) => (
          <Menu.Item key={factor} onClick={() => slow(factor, 0)}>
            Unrolls take {factor} times as long
          </Menu.Item>
        ))}
        <Menu.Label>Late parameters</Menu.Label>
        {delays.map((ms) => (
          <Menu.Item key={ms} onClick={() => slow(1, ms)}>
            {ms} ms after each pull
          </Menu.Item>
        ))}
        {straggler && <Menu.Item onClick={() => setValue("straggler", 0)}>Back to normal</Menu.Item>}
        <Menu.Divider />
        <Menu.Item onClick={() => runner().killActor(index)}>Kill it: another takes its place</Menu.Item>
        {index + 1 === working && working > 1 && (
          <Menu.Item onClick={() => setValue("actors", working - 1)}>Let it rest</Menu.Item>
        )}
        {rests && (
          <Menu.Item onClick={() => setValue("actors", index + 1)}>Back to work, up to actor {index + 1}</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
