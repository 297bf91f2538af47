/**
 * What the parts of a host do when it starts, stops and closes, in their order.
 *
 * @module
 */

import type { HostMachinery } from "./host_machinery.ts";
import type { HostParts } from "./host_parts.ts";
import type { PluginReplay } from "./recordings/replaying.ts";

/** Starts every plugin that is to run from the first. */
export async function startAll({ table }: HostParts, machinery: HostMachinery): Promise<void> {
  const { supervisor, callStarts, conductor, eventStarts, versions } = machinery;
  supervisor.begin();
  callStarts.begin();
  const starting = conductor.startAll();
  eventStarts.begin();
  versions.tellEarlier(table.list());
  await starting;
}

/** Stops every plugin; nothing starts one meanwhile. */
export async function stopAll(
  { supervisor, eventStarts, conductor }: HostMachinery,
  reason: string,
): Promise<void> {
  await supervisor.pause();
  await eventStarts.end();
  await conductor.stopAll(reason);
  supervisor.resume();
}

/** Runs the plugin of a recording alone against it. */
export async function replayAlone(
  { options: { replaying }, table, folders }: HostParts,
  { conductor }: HostMachinery,
): Promise<PluginReplay> {
  const entry = table.require(replaying!.id);
  if (entry.admitted === undefined) throw table.refusal(entry);
  try {
    const start = () => conductor.startAlone(entry);
    return await replaying!.run(entry, { folders: folders.ofPlugin(entry.id), start });
  } finally {
    await conductor.stopAlone(entry, "the replay is over");
  }
}

/** Lets go of everything, once every plugin has stopped and no version takes over any more. */
export async function closeAll(parts: HostParts, machinery: HostMachinery): Promise<void> {
  await machinery.versions[Symbol.asyncDispose]();
  machinery.events[Symbol.dispose]();
  await parts.sandboxes[Symbol.asyncDispose]();
  await parts.limits[Symbol.asyncDispose]();
  machinery.telemetry[Symbol.dispose]();
  await machinery.logs[Symbol.asyncDispose]();
  parts.registry[Symbol.dispose]();
  await parts.folders[Symbol.asyncDispose]();
}
