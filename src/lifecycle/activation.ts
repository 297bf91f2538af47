/**
 * What starts a plugin, as its manifest says.
 *
 * @module
 */

import type { Manifest } from "../manifest/manifest.ts";

/** How `run.activate` names an event. */
const ON_EVENT = "on:event:";

/** Whether it starts with the host. */
export function startsWithHost({ run }: Manifest): boolean {
  return run.activate.includes("startup");
}

/** Whether a call starts it, whoever calls: nobody has to start it before. */
export function startsOnCall({ run }: Manifest): boolean {
  return run.activate.includes("on:call");
}

/** Patterns of the events that start it. */
export function listStartingEvents({ run }: Manifest): string[] {
  return run.activate.filter((way) => way.startsWith(ON_EVENT)).map((way) => way.slice(ON_EVENT.length));
}
