/**
 * The manifest as the rest of Cordon sees it: defaults filled in, units
 * turned into milliseconds, bytes and fractions.
 *
 * @module
 */

import type { Rate } from "../internal/units.ts";
import type { PermissionKind } from "../permissions/permission_set.ts";
import type { SharedResource } from "./shared_resource.ts";

/** How strong the boundary around a plugin is asked to be. */
export type RunMode = "process" | "worker";

/** A coarse step of starting; stages of the dependency graph order what is inside it. */
export type Phase = "boot" | "system" | "services" | "application";

/** The phases in their order. */
export const PHASES: readonly Phase[] = ["boot", "system", "services", "application"];

/** One `[[permissions.<kind>]]` entry. */
export interface PermissionRequest {
  /** Kind of permission. */
  readonly kind: PermissionKind;
  /** Values as written, with `$PLUGIN` and `${variables}`. */
  readonly values: readonly string[];
  /** What the author says it is for. */
  readonly reason: string | undefined;
  /** Whether the plugin starts without it. */
  readonly optional: boolean;
}

/** A capability that a plugin provides. */
export interface ProvidedCapability {
  /** Version of the capability. */
  readonly version: string;
  /** Names of its methods. */
  readonly methods: readonly string[];
  /** Those that may be called again where it is not known whether they were carried out. */
  readonly idempotent?: readonly string[];
  /** File of its contract, inside the plugin's folder. */
  readonly contract?: string;
}

/** A capability that a plugin uses. */
export interface UsedCapability {
  /** Range of versions. */
  readonly version: string;
  /** Whether the plugin starts without it. */
  readonly optional: boolean;
  /** File of the contract that the plugin was written against, inside its folder. */
  readonly contract?: string;
}

/** How the events of a topic are delivered. */
export interface TopicDelivery {
  /** Whether later subscribers begin with the last event. */
  readonly retain: boolean;
  /** How long its events are kept, if they are: then each comes at least once. */
  readonly keep:
    | { readonly maxEvents: number; readonly maxAgeMs: number; readonly maxBytes: number }
    | undefined;
}

/** A validated `plugin.toml` or `plugin.json`. */
export interface Manifest {
  /** Publisher and name, such as `acme.weather`; never changes. */
  readonly id: string;
  /** Semantic version of the plugin. */
  readonly version: string;
  /** Main module, relative to the plugin's folder. */
  readonly main: string;
  /** Name shown to people. */
  readonly name: string;
  /** One sentence for people. */
  readonly description: string;
  /** SPDX expression. */
  readonly license: string | undefined;
  /** Web page of the plugin. */
  readonly homepage: string | undefined;
  /** Words to file it under. */
  readonly categories: readonly string[];
  /** Maturity. */
  readonly stage: "experimental" | "stable" | "deprecated";
  /** Versions of Cordon and Deno it runs on. */
  readonly engines: { readonly cordon: string | undefined; readonly deno: string | undefined };
  /** How and when it is started. */
  readonly run: {
    readonly mode: RunMode;
    readonly phase: Phase;
    readonly activate: readonly string[];
    readonly idleStopMs: number | undefined;
  };
  /** What it asks for. */
  readonly permissions: readonly PermissionRequest[];
  /** Plugins it cannot run without, id to range. */
  readonly requires: Readonly<Record<string, string>>;
  /** Plugins it uses when they are there, id to range. */
  readonly optional: Readonly<Record<string, string>>;
  /** Plugins it cannot run beside, id to range. */
  readonly conflicts: Readonly<Record<string, string>>;
  /** Capabilities it provides, by name. */
  readonly provides: Readonly<Record<string, ProvidedCapability>>;
  /** Capabilities it uses, by name. */
  readonly uses: Readonly<Record<string, UsedCapability>>;
  /** Topics it publishes on and patterns it listens to. */
  readonly events: {
    readonly publishes: readonly string[];
    readonly subscribes: readonly string[];
    /** By topic, where the manifest says something about it. */
    readonly topics: Readonly<Record<string, TopicDelivery>>;
  };
  /** What it shares with other plugins, by name. */
  readonly resources: Readonly<Record<string, SharedResource>>;
  /** Bounds on what it may consume. */
  readonly limits: {
    readonly memoryBytes: number | undefined;
    readonly cpuShare: number | undefined;
    readonly callTimeoutMs: number;
    readonly startTimeoutMs: number;
    readonly storageBytes: number | undefined;
    readonly fileBytes: number | undefined;
    readonly descriptors: number | undefined;
    readonly threads: number | undefined;
    readonly logRate: Rate;
    readonly streamIdleMs: number;
  };
  /** How it is watched and restarted. */
  readonly health: {
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly restart: "never" | "on-failure" | "always";
    readonly backoffMs: readonly [first: number, last: number];
    readonly maxRestarts: Rate;
    /** Checks in a row that fail before it is started again. */
    readonly failures: number;
    /** How far its event loop may be behind. */
    readonly lagMs: number;
    /** Share of its calls that may fail, 0 to 1. */
    readonly errorRate: number;
    /** What it does while a plugin that it needs is started again. */
    readonly dependency: "wait" | "degrade" | "stop";
  };
  /** How a new version takes over. */
  readonly reload: {
    readonly state: "none" | "transfer";
    readonly exclusive: boolean;
    readonly drainMs: number;
    /** What becomes of what lasts longer than that on the old version. */
    readonly unfinished: "finish" | "cancel";
    /** Longest time for each step with the state. */
    readonly timeoutMs: number;
    /** What the state may weigh. */
    readonly stateBytes: number;
    /** JSON Schema of the state, inside the folder. */
    readonly stateSchema: string | undefined;
    /** For how long a new version is on trial. */
    readonly trialMs: number;
    /** Crashes that it may have in that time. */
    readonly trialCrashes: number;
  };
  /** Its configuration, when it has one. */
  readonly config:
    | { readonly schema: string; readonly version: number; readonly secrets: readonly string[] }
    | undefined;
  /** Its part of the console, when it has one. */
  readonly ui: { readonly panel: string } | undefined;
}
