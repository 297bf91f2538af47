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
import { openHost, type PluginHost } from "../host.ts";
import type { HostOptions } from "../lifecycle/host_options.ts";
import { waitVisibly } from "./progress.ts";
import { type CommandContext, dataDir, toHostOptions } from "./options.ts";

/** Connects to the running host of the data folder, or opens one for as long as the command takes. */
export async function openControl(
  context: CommandContext,
  more: Partial<HostOptions> = {},
): Promise<HostControl> {
  const running = await connectControl(dataDir(context));
  if (running !== undefined) return running;
  const opening = openHost({ ...toHostOptions(context), ...more });
  return new LocalControl(
    await waitVisibly(opening, { output: context.output, text: "Reading the plugins" }),
  );
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
  throw new CordonError("not_running", `Cannot reach a host: none runs on the data folder "${data}"`, {
    hint: "Start one with cordon run, or name its folder with --data",
  });
}

/**
 * Opens a host that runs nothing, as if everything plugins ask for were granted. The data folder
 * remembers what was read before; one that cannot be had is no reason not to look.
 */
export async function openForLooking(
  given: HostOptions,
): Promise<{ host: PluginHost } & AsyncDisposable> {
  const options: HostOptions = { ...given, grant: "requested", lookOnly: true };
  try {
    const host = await openHost(options);
    return { host, [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() };
  } catch (error) {
    if (!(error instanceof CordonError) || !["data_in_use", "not_writable"].includes(error.code)) throw error;
  }
  const data = await Deno.makeTempDir({ prefix: "cordon-look-" });
  const host = await openHost({ ...options, data });
  return {
    host,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await Deno.remove(data, { recursive: true });
    },
  };
}
