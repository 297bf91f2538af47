/**
 * The host a command talks to: the one that runs on the data folder, else one
 * opened for the command.
 *
 * @module
 */

import type { HostControl } from "../control/control.ts";
import { connectControl } from "../control/client.ts";
import { LocalControl } from "../control/local_control.ts";
import { CordonError } from "../errors.ts";
import { openHost } from "../host.ts";
import type { HostOptions } from "../lifecycle/host_options.ts";
import { type CommandContext, dataDir, toHostOptions } from "./options.ts";

/** Connects to the running host of the data folder, or opens one for as long as the command takes. */
export async function openControl(
  context: CommandContext,
  more: Partial<HostOptions> = {},
): Promise<HostControl> {
  const running = await connectControl(dataDir(context));
  if (running !== undefined) return running;
  return new LocalControl(await openHost({ ...toHostOptions(context), ...more }));
}

/**
 * Connects to the running host of the data folder.
 *
 * @throws {CordonError} `not_running`.
 */
export async function requireRunning(context: CommandContext): Promise<HostControl> {
  const data = dataDir(context);
  const running = await connectControl(data);
  if (running !== undefined) return running;
  throw new CordonError("not_running", `Cannot steer a host: none runs on the data folder "${data}"`, {
    hint: "Start one with cordon run, or name its folder with --data",
  });
}
