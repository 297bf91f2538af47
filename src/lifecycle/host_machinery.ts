/**
 * The parts of a host that act: they start, stop, call, carry, decide and
 * watch, on what its other parts know.
 *
 * @module
 */

import { EventBus } from "../bus/event_bus.ts";
import { SharedResources } from "../bus/resources/shared_resources.ts";
import { LogStore } from "../store/log_store.ts";
import { CallStarts } from "./capabilities/call_starts.ts";
import { CapabilityDirectory } from "./capabilities/capability_directory.ts";
import { Conductor } from "./conductor.ts";
import { Consents } from "./consent/consents.ts";
import { EventStarts } from "./events/event_starts.ts";
import { HealthMonitor } from "./health/health_monitor.ts";
import { HostCalls } from "./host_calls.ts";
import type { HostParts } from "./host_parts.ts";
import { IdleWatch } from "./idle/idle_watch.ts";
import { isSupervised } from "./consent/plugin_request.ts";
import { Recordings } from "./recordings/recordings.ts";
import { PluginRunner } from "./runner.ts";
import { type Draft, Takeover } from "./takeover.ts";
import { Telemetry } from "./telemetry/telemetry.ts";

/** What acts in a host. */
export interface HostMachinery {
  readonly logs: LogStore;
  readonly events: EventBus;
  readonly eventStarts: EventStarts;
  readonly callStarts: CallStarts;
  readonly resources: SharedResources;
  readonly telemetry: Telemetry;
  readonly recordings: Recordings;
  readonly runner: PluginRunner;
  readonly conductor: Conductor;
  readonly calls: HostCalls;
  readonly takeover: Takeover;
  readonly consents: Consents;
  readonly directory: CapabilityDirectory;
}

/**
 * Builds them on what a host knows.
 *
 * @param parts What that is.
 * @param bringIn Lets a version that waited take over.
 */
export function buildMachinery(
  parts: HostParts,
  bringIn: (version: Draft) => Promise<void>,
): HostMachinery {
  const { options, folders, registry, table, resolution, verdicts, book, choices, limits } = parts;
  const tell = (message: string) => options.onNotice?.(message);
  const logs = new LogStore(folders.data, tell);
  const resources = new SharedResources();
  const events = new EventBus({
    store: registry.events,
    note: (type, facts, id) => registry.note(type, facts, id),
  });
  const telemetry = new Telemetry({ table, limits });
  const recordings = new Recordings(registry);
  const isIncompatible = (consumer: string, provider: string, capability: string) =>
    resolution.explainMismatch(table.require(consumer), table.require(provider), capability);
  const health = new HealthMonitor({ table, telemetry });
  const runner = new PluginRunner({
    ...parts,
    telemetry,
    health,
    events,
    resources,
    isIncompatible,
    log: (record) => logs.append(record),
    learning: options.learning,
    isSupervised: (id) => isSupervised(id, { policy: options.policy ?? {}, grants: book.grants }),
    heldFor: (id) => eventStarts.heldFor(id),
    onEnd: (entry, { exit, incarnation, wasAsked }) => {
      if (!wasAsked) incarnation.witness.report({ phase: "run", message: entry.detail.message!, exit });
      takeover.takeUpPending(entry);
    },
    onNotice: tell,
    peers: options.replaying ?? recordings,
  });
  const conductor = new Conductor({
    table,
    resolution,
    runner,
    concurrency: options.concurrency ?? 2 * navigator.hardwareConcurrency,
    signal: options.signal,
  });
  const eventStarts: EventStarts = new EventStarts({ table, conductor, registry, events });
  const { capabilities } = parts;
  const callStarts = new CallStarts({ table, conductor, resolution, capabilities, isIncompatible });
  const reading = { registry, workDir: folders.work, signal: options.signal };
  const shared = { table, book, registry, resolution, verdicts, conductor };
  const takeover: Takeover = new Takeover({ ...shared, runner, reading });
  // A recording says itself when its plugin ends.
  if (options.replaying === undefined) {
    new IdleWatch({ table, runner, resolution, events, takeover, onNotice: tell });
  }
  const consents = new Consents({ ...shared, takeover, bringIn, grant: options.grant ?? "stored" });
  const directory = new CapabilityDirectory({
    ...shared,
    takeover,
    choices,
    capabilities,
  });
  return {
    logs,
    events,
    eventStarts,
    callStarts,
    resources,
    telemetry,
    recordings,
    runner,
    conductor,
    calls: new HostCalls({ table, resolution, conductor }),
    takeover,
    consents,
    directory,
  };
}
