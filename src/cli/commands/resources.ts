/**
 * `cordon resources [NAME]`: what plugins share, who holds it and who waits.
 *
 * @module
 */

import type { ResourceSummary } from "../../bus/resources/resource_summary.ts";
import { CordonError } from "../../errors.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import { requireRunning } from "../host_access.ts";
import type { CommandContext } from "../options.ts";
import type { Output } from "../output.ts";
import { type Cell, formatTable } from "../table.ts";

/** Shows the shared things of the running host, or one of them. */
export async function resources(context: CommandContext, name?: string): Promise<number> {
  const { output } = context;
  await using host = await requireRunning(context);
  const all = await host.resources();
  const shown = name === undefined ? all : all.filter((resource) => resource.name === name);
  if (name !== undefined && shown.length === 0) {
    throw new CordonError("not_found", `Cannot show "${name}": no running plugin declares such a resource`, {
      hint: "See what there is: cordon resources",
    });
  }
  output.document({ resources: shown });
  if (shown.length === 0) output.line("The running plugins share nothing.");
  else for (const line of formatResources(shown, output)) output.line(line);
  return 0;
}

function formatResources(resources: readonly ResourceSummary[], output: Output): string[] {
  const heading = ["RESOURCE", "KIND", "HAS", "HELD BY", "SINCE", "ENDS IN", "WAITING"]
    .map((text): Cell => ({ text, style: (plain) => output.style("dim", plain) }));
  const rows = resources.flatMap((resource) => {
    const { name, kind, holders, waiters } = resource;
    const waiting = waiters.map(({ id, permits }) => showPermits(id, permits)).join(", ") || "-";
    const first = [sanitizeText(name), kind, showContent(resource)];
    if (holders.length === 0) return [[...first, "-", "-", "-", waiting]];
    return holders.map(({ id, permits, since, remainingMs }, index) => [
      ...index === 0 ? first : ["", "", ""],
      showPermits(id, permits),
      since.slice(11, 19),
      `${Math.ceil(remainingMs / 1_000)} s`,
      index === 0 ? waiting : "",
    ]);
  });
  return formatTable([heading, ...rows.map((row) => row.map((text): Cell => ({ text })))], output.width);
}

function showPermits(id: string, permits: number): string {
  return permits === 1 ? sanitizeText(id) : `${sanitizeText(id)} (${permits})`;
}

/** What there is of it. */
function showContent({ kind, holders, permits, value, entries, bytes, version }: ResourceSummary): string {
  switch (kind) {
    case "lock":
      return holders.length > 0 ? "taken" : "free";
    case "semaphore": {
      const taken = holders.reduce((sum, holder) => sum + holder.permits, 0);
      return `${taken} of ${permits}`;
    }
    case "counter":
      return String(value);
    case "cache":
      return `${entries} in ${bytes} B`;
    case "blob":
      return `version ${version}, ${bytes} B`;
    default:
      return kind satisfies never;
  }
}
