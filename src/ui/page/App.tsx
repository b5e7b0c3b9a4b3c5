import { Tabs } from "@mantine/core";
import { type MouseEvent, useCallback, useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { Actors } from "../actors/Actors.tsx";
import { followAddress } from "../address/address.ts";
import { Curves } from "../charts/Curves.tsx";
import { Parameters } from "../controls/Parameters.tsx";
import { Boundary } from "../faults/Boundary.tsx";
import { OpenLesson } from "../lessons/OpenLesson.tsx";
import { followRunner } from "../state/live.ts";
import type { Preferences } from "../state/preferences.ts";
import { runner } from "../state/session.ts";
import { usePage } from "../state/store.ts";
import { System } from "../topbar/System.tsx";
import { TopBar } from "../topbar/TopBar.tsx";
import { Announcer } from "./Announcer.tsx";
import { Footer } from "./Footer.tsx";
import { Cards, Notices } from "./Notices.tsx";
import { useNarrow } from "./narrow.ts";
import { OneThread } from "./OneThread.tsx";
import { useKeys } from "./useKeys.ts";

/** What the top bar shows of the parameters. */
const inTopBar = ["seed", "pace"];
const inNarrowTopBar = ["pace"];
const WARM_DELAY = 400; // ms after the last change

const CURVES = "curves";

/** Past the parameters, for the keyboard. No fragment: that of the address belongs to a shared run. */
function Skip() {
  const prefer = usePage((s) => s.prefer);
  const skip = (event: MouseEvent) => {
    event.preventDefault();
    flushSync(() => prefer({ tab: "curves" }));
    document.getElementById(CURVES)?.focus();
  };
  return (
    <a className="skip" href={`#${CURVES}`} onClick={skip}>
      Skip to the curves
    </a>
  );
}

function Wide() {
  return (
    <main className="columns">
      <div className="column">
        <Boundary of="the parameters">
          <Parameters elsewhere={inTopBar} />
        </Boundary>
      </div>
      <div id={CURVES} tabIndex={-1} className="column bordered stacked">
        <OpenLesson />
        <Boundary of="the curves">
          <Curves />
        </Boundary>
      </div>
      {/* Scrolls with many actors and has nothing else to focus. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div className="column bordered" tabIndex={0}>
        <Boundary of="the actors">
          <Actors />
        </Boundary>
      </div>
    </main>
  );
}

function Narrow() {
  const tab = usePage((s) => s.preferences.tab);
  const prefer = usePage((s) => s.prefer);
  return (
    <main className="columns">
      <OpenLesson />
      <Tabs
        className="tabs"
        value={tab}
        onChange={(next) => next && prefer({ tab: next as Preferences["tab"] })}
        keepMounted={false}
      >
        <Tabs.List grow>
          <Tabs.Tab value="parameters">Parameters</Tabs.Tab>
          <Tabs.Tab value="curves">Curves</Tabs.Tab>
          <Tabs.Tab value="actors">Actors</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="parameters" className="column">
          <div className="system">
            <Boundary of="the choice of system">
              <System />
            </Boundary>
          </div>
          <Boundary of="the parameters">
            <Parameters elsewhere={inNarrowTopBar} />
          </Boundary>
        </Tabs.Panel>
        <Tabs.Panel value="curves" className="column" tabIndex={0}>
          <div id={CURVES} tabIndex={-1}>
            <Boundary of="the curves">
              <Curves />
            </Boundary>
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="actors" className="column" tabIndex={0}>
          <Boundary of="the actors">
            <Actors />
          </Boundary>
        </Tabs.Panel>
      </Tabs>
    </main>
  );
}

/** Loads what a run of the shown configuration needs, before Train is pressed. */
function useWarmth(): void {
  const config = usePage((s) => s.config);
  useEffect(() => {
    const timer = setTimeout(() => runner().snapshot().phase === "idle" && runner().warm(config), WARM_DELAY);
    return () => clearTimeout(timer);
  }, [config]);
}

export function App() {
  const narrow = useNarrow();
  const [help, setHelp] = useState(false);
  useEffect(followRunner, []);
  useEffect(followAddress, []);
  useWarmth();
  useKeys(useCallback(() => setHelp(true), []));
  return (
    <div className="page">
      <Skip />
      <Boundary of="the top bar">
        <TopBar narrow={narrow} helpOpened={help} onHelp={setHelp} />
      </Boundary>
      <Boundary of="the notice of one thread">
        <OneThread />
      </Boundary>
      <Notices />
      {narrow ? <Narrow /> : <Wide />}
      <Cards />
      <Boundary of="the footer">
        <Footer />
      </Boundary>
      <Boundary of="the announcer">
        <Announcer />
      </Boundary>
    </div>
  );
}
