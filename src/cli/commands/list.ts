/**
 * `cordon list`: the plugins and where they stand.
 *
 * @module
 */

import { openHost } from "../../host.ts";
import { type CommandContext, toHostOptions } from "../options.ts";
import { formatPlugins, hintsOf } from "../plugin_rows.ts";

/** Lists the plugins. */
export async function list(context: CommandContext): Promise<number> {
  const { output } = context;
  await using host = await openHost(toHostOptions(context));
  const plugins = host.list();
  output.document({ plugins });
  if (plugins.length === 0) output.line("There are no plugins.");
  else for (const line of formatPlugins(plugins, output)) output.line(line);
  for (const line of hintsOf(plugins, output)) output.line(line);
  return 0;
}
