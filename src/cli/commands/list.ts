/**
 * `cordon list`: the plugins and where they stand.
 *
 * @module
 */

import { openControl } from "../host_access.ts";
import type { CommandContext } from "../options.ts";
import { formatPlugins, hintsOf } from "../plugin_rows.ts";

/** Lists the plugins. */
export async function list(context: CommandContext): Promise<number> {
  const { output } = context;
  await using host = await openControl(context);
  const plugins = await host.list();
  output.document({ plugins });
  if (plugins.length === 0) output.line("There are no plugins.");
  else for (const line of formatPlugins(plugins, output)) output.line(line);
  for (const line of hintsOf(plugins, output)) output.line(line);
  return 0;
}
