/**
 * A plugin as the outside sees it.
 *
 * @module
 */

import type { Problem } from "../errors.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { Exposure } from "../permissions/exposure.ts";
import { requestedPermissions, type RequestVerdict } from "../permissions/request_verdict.ts";
import { listPermissions, type Permission } from "../permissions/permission_set.ts";
import type { Tier } from "../sandbox/sandbox.ts";
import type { RequestVariable } from "./consent/admission.ts";
import type { ContractSummary } from "./capabilities/contract_summary.ts";
import { describeHealth, type HealthState } from "./health/health_state.ts";
import type { PendingVersion, PluginConsent } from "./consent/consent.ts";
import { scorePlugin } from "./consent/plugin_exposure.ts";
import type { PlannedRestart, PluginEntry } from "./plugin_table.ts";
import type { BlockReason, PluginState } from "./state.ts";
import { ownFolder, type RolledBack } from "./versions/rolled_back.ts";
import type { LimitState } from "./limits/limit_state.ts";

/** A plugin as `list()` shows it. */
export interface PluginSummary {
  /** Plugin id, or the folder's name where the manifest cannot be read. */
  readonly id: string;
  /** Its version, when the manifest can be read. */
  readonly version: string | undefined;
  /** Where it stands. */
  readonly state: PluginState;
  /** Since when, in this host, as an ISO 8601 date and time. */
  readonly since: string;
  /** What a blocked plugin waits for. */
  readonly reason: BlockReason | undefined;
  /** Why it stands there, as one sentence. */
  readonly message: string | undefined;
  /** What to do about it. */
  readonly hint: string | undefined;
  /** The restart that it waits for. */
  readonly restart: PlannedRestart | undefined;
  /** Process id, while it runs. */
  readonly pid: number | undefined;
  /** How strong its boundary is, while it runs. */
  readonly tier: Tier | undefined;
  /** Whether each of its checks is decided while it runs. */
  readonly supervised: boolean;
  /** How much harm what it may reach allows, 0 to 10; undefined for one that may not start. */
  readonly exposure: number | undefined;
  /** What it may reach; empty for one that may not start. */
  readonly permissions: readonly Permission[];
  /** A newer version that waits while this one runs. */
  readonly pending: PendingVersion | undefined;
  /** That it runs an earlier version than its folder holds, and why. */
  readonly rolledBack: RolledBack | undefined;
  /** Its folder. */
  readonly dir: string;
}

/** Everything about one plugin. */
export interface PluginInfo extends PluginSummary {
  /** Its manifest, when it is valid. */
  readonly manifest: Manifest | undefined;
  /** Everything wrong with it. */
  readonly problems: readonly Problem[];
  /** Optional permissions that it does without. */
  readonly withheld: readonly Permission[];
  /** What it asks for, value by value, and what came of that. */
  readonly requests: readonly RequestVerdict[];
  /** The variables in what it asks for. */
  readonly variables: readonly RequestVariable[];
  /** Its exposure if everything it asks for were granted; undefined where its manifest cannot be read. */
  readonly requestedExposure: Exposure | undefined;
  /** Its exposure if it were granted what it cannot start without and nothing else. */
  readonly requiredExposure: Exposure | undefined;
  /** What was decided about it; undefined where its manifest cannot be read. */
  readonly consent: PluginConsent | undefined;
  /** Versions seen in this data folder, each with the hash of its files, oldest first. */
  readonly versions: readonly {
    readonly version: string;
    readonly hash: string;
    readonly firstSeen: string;
  }[];
  /** What the kernel's hold on it is wider or narrower in than its permissions, while it runs. */
  readonly notes: readonly string[];
  /** How many checks supervision denied since it started; undefined where it is not supervised or does not run. */
  readonly denials: number | undefined;
  /** Which plugin provides what it uses, by capability. */
  readonly bindings: Readonly<Record<string, string>>;
  /** The contracts that its manifest names, as far as they can be read. */
  readonly contracts: readonly ContractSummary[];
  /** How it is while it runs, and what it was like before. */
  readonly health: HealthState;
  /** What it may use, and what enforces that here; empty where its manifest cannot be read. */
  readonly limits: readonly LimitState[];
  /** Methods it has, while it runs. */
  readonly methods: readonly string[];
}

/** The summary of an entry. */
export function summarizePlugin(entry: PluginEntry): PluginSummary {
  const { id, found, rolledBack, state, since, detail, instance, admitted, seen } = entry;
  return {
    id,
    version: found.manifest?.version,
    state,
    since,
    reason: detail.reason,
    message: detail.message,
    hint: detail.hint,
    restart: detail.restart,
    pid: instance?.pid,
    tier: instance?.tier,
    supervised: entry.supervision !== undefined,
    exposure: admitted === undefined ? undefined : scorePlugin(entry, admitted.permissions, seen)?.score,
    permissions: admitted === undefined ? [] : [...listPermissions(admitted.permissions)],
    pending: entry.pending && describePending(entry.pending),
    rolledBack: rolledBack && describeRolledBack(rolledBack),
    dir: ownFolder(entry),
  };
}

/** Everything about an entry. */
export function describePlugin(
  entry: PluginEntry,
  known: Pick<PluginInfo, "bindings" | "contracts" | "limits" | "versions">,
): PluginInfo {
  return {
    ...summarizePlugin(entry),
    ...known,
    manifest: entry.found.manifest,
    problems: entry.problems,
    withheld: entry.admitted?.withheld ?? [],
    requests: entry.requests,
    variables: entry.variables,
    notes: entry.instance?.notes ?? [],
    health: describeHealth(entry),
    requestedExposure: scorePlugin(entry, requestedPermissions(entry.requests)),
    requiredExposure: scorePlugin(
      entry,
      requestedPermissions(entry.requests.filter(({ optional }) => !optional)),
    ),
    consent: entry.consent,
    denials: entry.supervision?.denials,
    methods: [...entry.instance?.methods ?? []].sort(),
  };
}

function describeRolledBack({ version, reason, since }: RolledBack): RolledBack {
  return { version, reason, since };
}

function describePending({ version, reason, message, hint, diff }: PendingVersion): PendingVersion {
  return { version, reason, message, hint, diff };
}
