import { Anchor, Kbd, Popover } from "@mantine/core";
import { useState } from "react";
import { algorithms } from "../../algorithms/index.ts";
import { type Environment, goodReturn } from "../../envs/environment.ts";
import { envs } from "../../envs/index.ts";
import { short } from "../parts/format.ts";
import { IconButton } from "../parts/IconButton.tsx";
import { HelpIcon } from "../parts/icons.tsx";
import { usePage } from "../state/store.ts";
import classes from "./topbar.module.css";

const keys = [
  ["Space", "Train or pause"],
  ["S", "Step one update"],
  ["R", "Reset, unless it is running"],
  ["↑ ↓", "In a number: the next sensible value"],
  ["← →", (subject: string) => `On an actor’s ${subject} while it trains: push it`],
  ["?", "This help"],
] as const;

const goalOf = (environment: Environment): string =>
  environment.solvedAt === null
    ? `No return is published as solved; ${short(goodReturn(environment))} is a good one.`
    : `Solved when the mean return of 100 episodes reaches ${short(environment.solvedAt)}.`;

/** What is being learned by what, and the keys. */
export function Help({ opened, onChange }: { opened: boolean; onChange(opened: boolean): void }) {
  const algorithm = algorithms[usePage((s) => s.config.algo)];
  const environment: Environment = envs[usePage((s) => s.config.env)];
  const [id] = useState("help");
  return (
    <Popover
      width={340}
      position="bottom-end"
      withArrow
      shadow="sm"
      opened={opened}
      onChange={onChange}
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <IconButton label="Help" shortcut="?" expanded={opened} onClick={() => onChange(!opened)}>
          <HelpIcon />
        </IconButton>
      </Popover.Target>
      <Popover.Dropdown id={id} aria-label="Help" className={classes.help} tabIndex={-1} data-autofocus>
        <p>
          <strong>{algorithm.title}.</strong> {algorithm.about}{" "}
          <Anchor
            inherit
            c="var(--accent-text)"
            underline="always"
            href={algorithm.citation.url}
            target="_blank"
            rel="noreferrer"
          >
            {algorithm.citation.text}
          </Anchor>
        </p>
        <p>
          <strong>{environment.id}.</strong> <span>{environment.about}</span>
          <span>{` ${goalOf(environment)} An episode ends after ${environment.maxSteps} steps.`}</span>
        </p>
        <dl className={classes.keys}>
          {keys.map(([key, does]) => (
            <div key={key}>
              <dt>
                <Kbd size="xs">{key}</Kbd>
              </dt>
              <dd>{typeof does === "string" ? does : does(environment.subject.one)}</dd>
            </div>
          ))}
        </dl>
        <p>
          <Anchor
            inherit
            c="var(--accent-text)"
            underline="always"
            href="licenses.txt"
            target="_blank"
            rel="noreferrer"
          >
            Licences
          </Anchor>{" "}
          of the work of others in this page
        </p>
      </Popover.Dropdown>
    </Popover>
  );
}
