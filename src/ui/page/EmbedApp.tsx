import { VisuallyHidden } from "@mantine/core";
import { useEffect } from "react";
import { algorithms } from "../../algorithms/index.ts";
import { Actors } from "../actors/Actors.tsx";
import { runAddress } from "../address/url.ts";
import { Curves } from "../charts/Curves.tsx";
import { Boundary } from "../faults/Boundary.tsx";
import { readGhost } from "../share/ghost.ts";
import type { Embed } from "../state/embed.ts";
import { followRunner } from "../state/live.ts";
import { usePage } from "../state/store.ts";
import { Readouts } from "../topbar/Readouts.tsx";
import { RunButtons } from "../topbar/RunButtons.tsx";
import topbar from "../topbar/topbar.module.css";
import { Announcer } from "./Announcer.tsx";
import { Cards, Notices } from "./Notices.tsx";
import { OneThread } from "./OneThread.tsx";

/** Cartpool in a frame of another page or a slide. */
export function EmbedApp({ show }: { show: Embed }) {
  const config = usePage((s) => s.config);
  useEffect(followRunner, []);
  useEffect(() => readGhost(location.hash, usePage.getState().config), []);
  const address = runAddress(config, `${location.origin}${location.pathname}`) + location.hash;
  return (
    <div className="page embed">
      <header className={topbar.bar}>
        <VisuallyHidden component="h1">Cartpool</VisuallyHidden>
        <div className={topbar.row}>
          <Boundary of="the buttons">
            <RunButtons />
          </Boundary>
          <span className="what">{`${algorithms[config.algo].title} on ${config.env}`}</span>
          <a href={address} target="_blank" rel="noreferrer">
            Open in Cartpool
          </a>
        </div>
        {show.includes("numbers") && (
          <div className={topbar.numbers}>
            <Boundary of="the numbers">
              <Readouts />
            </Boundary>
          </div>
        )}
      </header>
      <Boundary of="the notice of one thread">
        <OneThread />
      </Boundary>
      <Notices />
      <main className="embedded" data-columns={show.includes("curve") && show.includes("actors") ? 2 : 1}>
        {show.includes("curve") && (
          <Boundary of="the curves">
            <Curves />
          </Boundary>
        )}
        {show.includes("actors") && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
          <div className="column" tabIndex={0}>
            <Boundary of="the actors">
              <Actors />
            </Boundary>
          </div>
        )}
      </main>
      <Cards />
      <Boundary of="the announcer">
        <Announcer />
      </Boundary>
    </div>
  );
}
