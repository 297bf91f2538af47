/**
 * The parts of a host that act: they start, stop, call, carry, decide and
 * watch, on what its other parts know.
 *
 * @module
 */

import { EventBus } from "../bus/event_bus.ts";
import { errorMessage } from "../errors.ts";
import { SharedResources } from "../bus/resources/shared_resources.ts";
import { LogStore } from "../store/log_store.ts";
import { CallStarts } from "./capabilities/call_starts.ts";
import { CapabilityDirectory } from "./capabilities/capability_directory.ts";
import { Conductor } from "./conductor.ts";
import { Consents } from "./consent/consents.ts";
import { EventStarts } from "./events/event_starts.ts";
import { HealthMonitor } from "./health/health_monitor.ts";
import { HostCalls } from "./host_calls.ts";
import { describeEnd } from "./incarnation_end.ts";
import type { HostParts } from "./host_parts.ts";
import { IdleWatch } from "./idle/idle_watch.ts";
import type { PluginEntry } from "./plugin_table.ts";
import { isSupervised } from "./consent/plugin_request.ts";
import { Recordings } from "./recordings/recordings.ts";
import { PluginRunner } from "./runner.ts";
import { Dependents } from "./supervision/dependents.ts";
import { Supervisor } from "./supervision/supervisor.ts";
import { type Draft, Takeover } from "./takeover.ts";
import { type RollbackDecision, VersionKeeper } from "./versions/version_keeper.ts";
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
  readonly supervisor: Supervisor;
  readonly calls: HostCalls;
  readonly takeover: Takeover;
  readonly consents: Consents;
  readonly directory: CapabilityDirectory;
  readonly versions: VersionKeeper;
}

/** Lets other versions take over. */
export interface VersionChanger {
  /** One that waited, in the turn of whoever calls. */
  reloadNow(versions: readonly Draft[]): Promise<void>;
  /** One before. */
  rollBack(entry: PluginEntry, order: RollbackDecision): Promise<void>;
}

/**
 * Builds them on what a host knows.
 *
 * @param parts What that is.
 * @param reloader Lets other versions take over, once there is one.
 */
export function buildMachinery(parts: HostParts, reloader: () => VersionChanger): HostMachinery {
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
    onServe: (entry) => versions.noteRunning(entry),
    onEnd: (entry, end) => {
      const { exit, incarnation, wasAsked } = end;
      const { message } = describeEnd(entry.id, end);
      if (!wasAsked) incarnation.witness.report({ phase: "run", message, exit });
      const decision = versions.noteEnd(entry, { crashed: !wasAsked, reason: message });
      if (decision === undefined) takeover.takeUpPending(entry);
      else void reloader().rollBack(entry, decision).catch(tellFailure);
    },
    onNotice: tell,
    peers: options.replaying ?? recordings,
    supervisor: {
      cancel: (...args) => supervisor.cancel(...args),
      noteEnd: (...args) => supervisor.noteEnd(...args),
      noteFailedStart: (...args) => supervisor.noteFailedStart(...args),
      noteRunning: (...args) => supervisor.noteRunning(...args),
    },
  });
  const tellFailure = (error: unknown) => tell(errorMessage(error));
  const reading = { registry, workDir: folders.work, signal: options.signal };
  const versions = new VersionKeeper({ store: parts.versions, registry, reading, onNotice: tell });
  const conductor: Conductor = new Conductor({
    table,
    resolution,
    runner,
    supervisor: {
      isHeld: (entry) => supervisor.isHeld(entry),
      isComing: (entry) => supervisor.isComing(entry),
      reset: (entry) => supervisor.reset(entry),
    },
    concurrency: options.concurrency ?? 2 * navigator.hardwareConcurrency,
    signal: options.signal,
  });
  const supervisor: Supervisor = new Supervisor({
    ...parts,
    conductor,
    dependents: new Dependents({ ...parts, runner }),
    onNotice: tell,
  });
  const eventStarts: EventStarts = new EventStarts({ table, conductor, registry, events });
  const { capabilities } = parts;
  const { gate } = supervisor;
  const callStarts = new CallStarts({ table, conductor, gate, resolution, capabilities, isIncompatible });
  const shared = { table, book, registry, resolution, verdicts, conductor };
  const takeover: Takeover = new Takeover({ ...shared, runner, reading, versions });
  const bringIn = (version: Draft) => reloader().reloadNow([version]);
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
    supervisor,
    calls: new HostCalls({ table, resolution, gate }),
    takeover,
    consents,
    directory,
    versions,
  };
}
