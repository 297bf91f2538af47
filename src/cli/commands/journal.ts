/**
 * `cordon journal [ID]`: what happened to plugins.
 *
 * @module
 */

import { openControl } from "../host_access.ts";
import { formatEvent } from "../journal_rows.ts";
import type { CommandContext } from "../options.ts";

const DEFAULT_LINES = 100;

/** Shows the journal. */
export async function journal(context: CommandContext, id?: string): Promise<number> {
  const { output, options, signal } = context;
  await using host = await openControl(context);
  const last = (options.lines as number | undefined) ?? DEFAULT_LINES;
  const events = await host.journal({ last, ...(id === undefined ? {} : { id }) });
  for (const event of events) {
    output.document(event);
    output.line(formatEvent(event));
  }
  if (options.follow !== true) return 0;
  const from = (events.at(-1)?.seq ?? 0) + 1;
  for await (const event of host.followJournal({ from, signal })) {
    if (id !== undefined && event.id !== id) continue;
    output.document(event);
    output.line(formatEvent(event));
  }
  signal.throwIfAborted();
  return 0;
}
