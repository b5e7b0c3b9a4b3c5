/** A fault of the page in words: for whoever meets it, and for a report. */
import { NotFetched } from "./part.tsx";
import type { Reason } from "./release.ts";

export interface Fault {
  readonly error: unknown;
  /** Where in the page it was met, as React tells it. */
  readonly components: string;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const capital = (text: string) => text[0].toUpperCase() + text.slice(1);

const KEPT = "The run goes on and is kept.";

/** What has happened and what to do. @param name of the part, such as "the actors" */
export function faultWords(name: string, error: unknown, reason: Reason | null): { title: string; text: string } {
  if (!(error instanceof NotFetched))
    return { title: `${capital(name)} met an error`, text: `${messageOf(error) || "It has no message"}. ${KEPT}` };
  const title = `${capital(name)} could not be fetched`;
  if (reason === "newer")
    return { title, text: `A newer version of this page has been published. Reload to get it. ${KEPT}` };
  if (reason === "offline") return { title, text: `There is no connection. Try again when there is one. ${KEPT}` };
  return { title, text: `Try again; where that does not help, reload: the run is kept first. ${KEPT}` };
}

/** All that a report needs. */
export function reportOn(
  name: string,
  { error, components }: Fault,
  about: { release: string; browser: string; query: string },
): string {
  return [
    `Cartpool: ${name} met an error`,
    messageOf(error),
    `Version: ${about.release}`,
    `Browser: ${about.browser}`,
    `Run: ${about.query || "the defaults"}`,
    ...(error instanceof Error && error.stack ? ["", error.stack] : []),
    ...(components ? ["", "Components:", components.trim()] : []),
  ].join("\n");
}
