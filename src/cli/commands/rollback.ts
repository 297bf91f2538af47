/**
 * `cordon rollback ID`: has the running host go back to an earlier version of
 * a plugin, or lists those that there are.
 *
 * @module
 */

import { sanitizeText } from "../../internal/sanitize_text.ts";
import type { KeptVersion } from "../../lifecycle/versions/kept_version.ts";
import { formatQuantity } from "../../sandbox/limits/limit.ts";
import { openControl, requireRunning } from "../host_access.ts";
import type { CommandContext } from "../options.ts";
import type { Output } from "../output.ts";
import { type Cell, formatTable } from "../table.ts";

/** Goes back, or lists the versions. */
export async function rollback(context: CommandContext, id = ""): Promise<number> {
  const { output, options } = context;
  if (options.list === true) return await list(context, id);
  await using host = await requireRunning(context);
  const plugin = await host.rollback(id, typeof options.to === "string" ? { to: options.to } : {});
  output.document(plugin);
  output.line(
    `${plugin.id} is ${plugin.state} in ${plugin.version}. To take the version in its folder again: ` +
      `cordon reload ${plugin.id} --force`,
  );
  return 0;
}

async function list(context: CommandContext, id: string): Promise<number> {
  const { output } = context;
  await using host = await openControl(context);
  const versions = await host.versions(id);
  output.document({ versions });
  if (versions.length === 0) output.line(`No version of ${id} is kept: one is once it runs.`);
  else for (const line of formatVersions(versions, output)) output.line(line);
  return 0;
}

function formatVersions(versions: readonly KeptVersion[], output: Output): string[] {
  const heading = ["VERSION", "HASH", "KEPT", "SIZE", "IS"]
    .map((text): Cell => ({ text, style: (plain) => output.style("dim", plain) }));
  const rows = versions.map(({ version, hash, kept, bytes, verdict, reason, isCurrent }) => [
    sanitizeText(version),
    hash.slice(0, 12),
    kept.slice(0, 19).replace("T", " "),
    verdict === "rejected" ? "-" : formatQuantity(bytes, "bytes"),
    [
      ...isCurrent ? ["current"] : [],
      verdict === "trial" ? "not through its trial" : verdict,
      ...reason === undefined ? [] : [sanitizeText(reason)],
    ].join(", "),
  ]);
  return formatTable([heading, ...rows.map((row) => row.map((text): Cell => ({ text })))], output.width);
}
