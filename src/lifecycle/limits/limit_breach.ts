/**
 * A limit that was reached, and the words for it.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { formatFigure, type LimitFigure, type LimitName } from "../../sandbox/limits/limit.ts";

/** Why a plugin is stopped, with the figure. */
export interface LimitBreach extends LimitFigure {
  /** What else is known, as half a sentence. */
  readonly detail?: string;
}

const HINTS: Readonly<Record<LimitName, string>> = {
  memory: "Give it more under limits.memory, or look what it keeps: cordon logs",
  cpu: "Give it more under limits.cpu, or have the site slow it down instead of stopping it",
  responsiveness:
    "Its code has to return to the event loop now and then; limits.call_timeout allows for longer",
  descriptors: "It has to close what it opens, or needs more under limits.descriptors",
  threads: "It starts too much at once, or needs more under limits.threads",
  storage: "Free some room in its data folder, or give it more under limits.storage",
  file_size: "It has to write smaller files, or needs more under limits.file_size",
  log_rate: "See what it logs: cordon logs",
};

/** The sentence, and what to do. */
export function describeBreach(id: string, breach: LimitBreach): { message: string; hint: string } {
  const detail = breach.detail === undefined ? "" : `${breach.detail}; `;
  return {
    message: `"${id}" was stopped: ${detail}${formatFigure(breach)}`,
    hint: HINTS[breach.limit],
  };
}

/** The error for whoever waits for the plugin. */
export function toBreachError(id: string, breach: LimitBreach): CordonError {
  const { message, hint } = describeBreach(id, breach);
  const { limit, used, allowed } = breach;
  return new CordonError("limit_exceeded", message, { hint, facts: { id, limit, used, allowed } });
}
