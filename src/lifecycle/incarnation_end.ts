/**
 * How an incarnation that served has ended, and the words for it.
 *
 * @module
 */

import type { SandboxExit } from "../sandbox/sandbox.ts";
import type { Incarnation } from "./incarnation.ts";
import { describeBreach, type LimitBreach } from "./limits/limit_breach.ts";

/** Why the host ended an incarnation that nobody asked it to end: a limit, or its health. */
export interface IncarnationFault {
  /** The limit that it was stopped for. */
  readonly breach?: LimitBreach | undefined;
  /** Why it was stopped for its health, as half a sentence. */
  readonly illness?: string | undefined;
}

/** How an incarnation that served has ended. */
export interface IncarnationEnd extends IncarnationFault {
  /** How its sandbox ended. */
  readonly exit: SandboxExit;
  /** What ended. */
  readonly incarnation: Incarnation;
  /** Whether somebody stopped it. */
  readonly wasAsked: boolean;
}

/** The sentence for an end that nobody asked for, and what to do. */
export function describeEnd(
  id: string,
  { exit, breach, illness }: IncarnationFault & { readonly exit?: SandboxExit },
): { message: string; hint: string } {
  if (breach !== undefined) return describeBreach(id, breach);
  const hint = `See what it printed: cordon logs ${id}`;
  if (illness !== undefined) return { message: `"${id}" was stopped: ${illness}`, hint };
  if (exit?.reason !== undefined) return { message: `"${id}" was ended: ${exit.reason}`, hint };
  const how = exit?.signal === undefined ? `code ${exit?.code}` : `signal ${exit.signal}`;
  return { message: `"${id}" ended by itself with ${how}`, hint };
}
