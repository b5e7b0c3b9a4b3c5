/** The configuration of a run that is kept; apart from its shape, because the page needs it before any run is read. */
import type { RunConfig } from "../../runtime/plan/config.ts";
import { decodeRun } from "../address/url.ts";
import type { Recording } from "./recording.ts";

/** The configuration that a recording began with. */
export const configOf = (recording: Pick<Recording, "query">): RunConfig => decodeRun(recording.query).config;
