/**
 * `cordon why ID`: why a plugin is in the state it is in.
 *
 * @module
 */

import { sanitizeText } from "../../internal/sanitize_text.ts";
import { explainPlugin } from "../../lifecycle/explain.ts";
import { openControl } from "../host_access.ts";
import { formatEvent, formatTime } from "../journal_rows.ts";
import type { CommandContext } from "../options.ts";

/** Explains a plugin. */
export async function why(context: CommandContext, id = ""): Promise<number> {
  const { output } = context;
  await using host = await openControl(context);
  const [plugin, plugins, graph, events, crashes] = await Promise.all([
    host.info(id),
    host.list(),
    host.graph(),
    host.journal({ id, last: 200 }),
    host.crashes(id),
  ]);
  const explanation = explainPlugin({ plugin, plugins, edges: graph.edges, events, crashes });
  output.document(explanation);
  const since = explanation.since === undefined ? "" : ` since ${formatTime(explanation.since)}`;
  output.line(
    `${output.style("bold", sanitizeText(plugin.id))} is ${output.style("bold", explanation.state)}${since}`,
  );
  output.line(sanitizeText(explanation.summary));
  if (explanation.evidence.length > 0) output.line();
  for (const line of explanation.evidence) output.line(`  - ${sanitizeText(line)}`);
  if (explanation.events.length > 0) output.line();
  for (const event of explanation.events) {
    const { message, ...facts } = event.facts;
    // Once is enough.
    const shown = message === explanation.summary ? { ...event, facts } : event;
    output.line(output.style("dim", `  ${formatEvent(shown)}`));
  }
  if (explanation.remedy !== undefined) {
    output.line();
    output.line(`What would change it: ${output.style("cyan", sanitizeText(explanation.remedy))}`);
  }
  if (!host.isRemote) output.notice("No host runs on this data folder: this is what it would find now.");
  return 0;
}
