/**
 * From the text of a manifest to a `Manifest`, or to every problem in it.
 *
 * @module
 */

import { InvalidPluginError } from "../errors.ts";
import { parseDuration, parseRate, parseShare, parseSize } from "../internal/units.ts";
import { PERMISSION_KINDS } from "../permissions/permission_set.ts";
import { checkWhole } from "./check_whole.ts";
import { readDocument } from "./document.ts";
import { MAX_MANIFEST_BYTES } from "./limits.ts";
import type { Manifest, PermissionRequest, TopicDelivery } from "./manifest.ts";
import { type ManifestDocument, manifestModel, PERMISSION_FIELDS } from "./model.ts";
import { parseStateSize } from "./model_values.ts";
import type { SharedResource } from "./shared_resource.ts";

const REFUSED_KEYS = {
  "permissions.import":
    "import is never granted: npm and jsr imports are bundled when the plugin is prepared",
};

/**
 * Parses a manifest.
 *
 * @param text Its text.
 * @param file Its path; `.json` is read as JSON, anything else as TOML.
 * @throws {InvalidPluginError} With every problem, each with its path and line.
 */
export function parseManifest(text: string, file: string): Manifest {
  const reading = readDocument(text, {
    model: manifestModel,
    isJson: file.endsWith(".json"),
    maxLength: MAX_MANIFEST_BYTES,
    purpose: "a manifest holds metadata only",
    reference: "docs/manifest.md",
    refusedKeys: REFUSED_KEYS,
    checkWhole,
  });
  if (reading.type === "read") return toManifest(reading.data);
  const name = file.split(/[/\\]/).at(-1)!;
  throw new InvalidPluginError(
    file,
    reading.problems.map((problem) => ({ file: name, ...problem })),
    reading.cause === undefined ? {} : { cause: reading.cause },
  );
}

function toManifest(document: ManifestDocument): Manifest {
  const {
    plugin,
    engines = {},
    run = {},
    requires = {},
    events = {},
    limits = {},
    health = {},
    reload = {},
  } = document;
  const { optional = {}, ...required } = requires;
  return {
    id: plugin.id,
    version: plugin.version,
    main: plugin.main,
    name: plugin.name ?? plugin.id,
    description: plugin.description ?? "",
    license: plugin.license,
    homepage: plugin.homepage,
    categories: plugin.categories ?? [],
    stage: plugin.stage ?? "stable",
    engines: { cordon: engines.cordon, deno: engines.deno },
    run: {
      mode: run.mode ?? "process",
      phase: run.phase ?? "services",
      activate: run.activate ?? ["startup"],
      idleStopMs: run.idle_stop === undefined ? undefined : parseDuration(run.idle_stop),
    },
    permissions: toRequests(document),
    requires: required as Record<string, string>,
    optional,
    conflicts: document.conflicts ?? {},
    provides: document.provides ?? {},
    uses: Object.fromEntries(
      Object.entries(document.uses ?? {}).map(([name, use]) => [
        name,
        typeof use === "string"
          ? { version: use, optional: false }
          : { ...use, optional: use.optional ?? false },
      ]),
    ),
    events: {
      publishes: events.publishes ?? [],
      subscribes: events.subscribes ?? [],
      topics: Object.fromEntries(
        Object.entries(events.topics ?? {}).map(([topic, delivery]) => [topic, toDelivery(delivery)]),
      ),
    },
    resources: Object.fromEntries(
      Object.entries(document.resources ?? {}).map(([name, written]) => [name, toSharedResource(written)]),
    ),
    limits: {
      memoryBytes: limits.memory === undefined ? undefined : parseSize(limits.memory),
      cpuShare: limits.cpu === undefined ? undefined : parseShare(limits.cpu),
      callTimeoutMs: parseDuration(limits.call_timeout ?? "5s"),
      startTimeoutMs: parseDuration(limits.start_timeout ?? "10s"),
      storageBytes: limits.storage === undefined ? undefined : parseSize(limits.storage),
      fileBytes: limits.file_size === undefined ? undefined : parseSize(limits.file_size),
      descriptors: limits.descriptors,
      threads: limits.threads,
      logRate: parseRate(limits.log_rate ?? "200/s"),
      streamIdleMs: parseDuration(limits.stream_idle ?? "5m"),
    },
    health: {
      intervalMs: parseDuration(health.interval ?? "15s"),
      timeoutMs: parseDuration(health.timeout ?? "3s"),
      restart: health.restart ?? "on-failure",
      backoffMs: [parseDuration(health.backoff?.[0] ?? "1s"), parseDuration(health.backoff?.[1] ?? "1m")],
      maxRestarts: parseRate(health.max_restarts ?? "5/10m"),
      failures: health.failures ?? 3,
      lagMs: parseDuration(health.lag ?? "1s"),
      errorRate: parseShare(health.error_rate ?? "50%"),
      dependency: health.dependency ?? "wait",
    },
    reload: {
      state: reload.state ?? "none",
      exclusive: reload.exclusive ?? false,
      drainMs: parseDuration(reload.drain ?? "5s"),
      unfinished: reload.unfinished ?? "finish",
      timeoutMs: parseDuration(reload.timeout ?? "2s"),
      stateBytes: parseStateSize(reload.state_size ?? "8MiB"),
      stateSchema: reload.state_schema,
      trialMs: parseDuration(reload.trial ?? "60s"),
      trialCrashes: reload.trial_crashes ?? 0,
    },
    config: document.config && {
      schema: document.config.schema,
      version: document.config.version ?? 1,
      secrets: document.config.secrets ?? [],
    },
    ui: document.ui,
  };
}

function toSharedResource(
  written: NonNullable<ManifestDocument["resources"]>[string],
): SharedResource {
  if (written === "lock") return { kind: "lock" };
  if (written === "counter") return { kind: "counter", access: "write" };
  switch (written.kind) {
    case "lock":
    case "semaphore":
      return written;
    case "counter":
      return { kind: "counter", access: written.access ?? "write" };
    case "cache":
    case "blob":
      return { kind: written.kind, maxBytes: parseSize(written.max), access: written.access ?? "write" };
    default:
      return written satisfies never;
  }
}

function toDelivery(
  { delivery, retain = false, keep = {} }: NonNullable<
    NonNullable<ManifestDocument["events"]>["topics"]
  >[string],
): TopicDelivery {
  if (delivery !== "at-least-once") return { retain, keep: undefined };
  const { events = 10_000, age = "7d", size = "64MiB" } = keep;
  return { retain, keep: { maxEvents: events, maxAgeMs: parseDuration(age), maxBytes: parseSize(size) } };
}

function toRequests({ permissions = {} }: ManifestDocument): PermissionRequest[] {
  return PERMISSION_KINDS.flatMap((kind) =>
    (permissions[kind] ?? []).map((entry) => ({
      kind,
      // The model holds one list of strings under the kind's own key.
      values: (entry as Record<string, unknown>)[PERMISSION_FIELDS[kind]] as string[],
      reason: entry.reason as string | undefined,
      optional: entry.optional as boolean | undefined ?? false,
    }))
  );
}
