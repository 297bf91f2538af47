/**
 * `cordon start|stop|restart|reload ID`: steer the running host.
 *
 * @module
 */

import type { HostControl } from "../../control/control.ts";
import { requireRunning } from "../host_access.ts";
import type { CommandContext } from "../options.ts";

/** Starts a plugin with what it needs. */
export function start(context: CommandContext, id = ""): Promise<number> {
  return steer(context, (host) => host.start(id));
}

/** Stops a plugin, and those that need it. */
export function stop(context: CommandContext, id = ""): Promise<number> {
  return steer(context, (host) => host.stop(id));
}

/** Stops a plugin and starts it again, with those that need it. */
export function restart(context: CommandContext, id = ""): Promise<number> {
  return steer(context, (host) => host.restart(id));
}

/** Lets the version in a plugin's folder take over. */
export function reload(context: CommandContext, id = ""): Promise<number> {
  return steer(context, (host) => host.reload(id, { force: context.options.force === true }));
}

async function steer(
  context: CommandContext,
  act: (host: HostControl) => ReturnType<HostControl["start"]>,
): Promise<number> {
  await using host = await requireRunning(context);
  const plugin = await act(host);
  context.output.document(plugin);
  context.output.line(
    `${plugin.id} is ${plugin.state}${plugin.pid === undefined ? "" : ` (process ${plugin.pid})`}`,
  );
  return 0;
}
