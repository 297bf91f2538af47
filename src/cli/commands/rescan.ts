/**
 * `cordon rescan`: have the running host look at its plugin folders.
 *
 * @module
 */

import { requireRunning } from "../host_access.ts";
import type { CommandContext } from "../options.ts";
import { formatPlugins } from "../plugin_rows.ts";

/** Brings into force what came, changed or went there, and shows the plugins. */
export async function rescan(context: CommandContext): Promise<number> {
  await using host = await requireRunning(context);
  const plugins = await host.rescan();
  context.output.document({ plugins });
  for (const line of formatPlugins(plugins, context.output)) context.output.line(line);
  return 0;
}
