/**
 * What can be asked of a host, in this process or in another: commands talk to
 * this and do not know which it is.
 *
 * @module
 */

import type { CapabilityInfo } from "../lifecycle/capabilities/capability_info.ts";
import type { ResourceSummary } from "../bus/resources/resource_summary.ts";
import type { RevokeChoice } from "../lifecycle/consent/consents.ts";
import type { CrashReport } from "../lifecycle/crashes/crash_report.ts";
import type { PluginMetrics } from "../lifecycle/telemetry/plugin_metrics.ts";
import type { PluginInfo, PluginSummary } from "../lifecycle/plugin_summary.ts";
import type { KeptVersion } from "../lifecycle/versions/kept_version.ts";
import type { RecordingSummary, RecordOptions } from "../lifecycle/recordings/recordings.ts";
import type { GrantChoice } from "../permissions/grant_choice.ts";
import type { GraphEdge, GraphProblem } from "../solver/graph_node.ts";
import type { JournalEvent, JournalQuery } from "../store/journal.ts";

/** A dependency graph as plain data. */
export interface GraphDocument {
  /** Levels that start one after the other, each with its phase. */
  readonly stages: readonly { readonly phase: string; readonly ids: readonly string[] }[];
  /** Who waits for whom. */
  readonly edges: readonly GraphEdge[];
  /** Why plugins cannot start, by id. */
  readonly problems: Readonly<Record<string, readonly GraphProblem[]>>;
  /** Which plugin provides each capability. */
  readonly providers: Readonly<Record<string, string>>;
  /** Which plugin provides what each plugin uses: by the id of the latter, then by capability. */
  readonly bindings: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What accompanies a call. */
export interface ControlCallOptions {
  /** Milliseconds until it fails. */
  readonly timeoutMs?: number;
  /** Cancels it. */
  readonly signal?: AbortSignal;
}

/** A host that can be asked and steered. */
export interface HostControl extends AsyncDisposable {
  /** Whether the host runs in another process. */
  readonly isRemote: boolean;
  /** Every plugin, by id. */
  list(): Promise<readonly PluginSummary[]>;
  /** What each plugin does and uses, by id. */
  metrics(): Promise<readonly PluginMetrics[]>;
  /** The last crashes of a plugin, or of all, the newest first. */
  crashes(id?: string): Promise<readonly CrashReport[]>;
  /** Everything about one plugin. */
  info(id: string): Promise<PluginInfo>;
  /** The things that plugins share, by name. */
  resources(): Promise<readonly ResourceSummary[]>;
  /** The dependency graph. */
  graph(): Promise<GraphDocument>;
  /** Every capability, by name. */
  capabilities(): Promise<readonly CapabilityInfo[]>;
  /** Has a plugin provide a capability to everybody who uses it; undefined takes that back. */
  prefer(capability: string, id: string | undefined): Promise<CapabilityInfo>;
  /** Calls a method of a plugin or capability. */
  call(
    target: string,
    method: string,
    args: readonly unknown[],
    options?: ControlCallOptions,
  ): Promise<unknown>;
  /** Starts a plugin with what it needs. */
  start(id: string): Promise<PluginSummary>;
  /** Stops a plugin, and those that need it. */
  stop(id: string): Promise<PluginSummary>;
  /** Stops a plugin and starts it again, with those that need it. */
  restart(id: string): Promise<PluginSummary>;
  /** Lets the version in a plugin's folder take over; by force, even if it was rolled back from. */
  reload(id: string, options?: { readonly force?: boolean }): Promise<PluginSummary>;
  /** Lets an earlier version of a plugin take over. */
  rollback(id: string, options?: { readonly to?: string }): Promise<PluginSummary>;
  /** The versions that a plugin can go back to, and those that it was rolled back from. */
  versions(id: string): Promise<readonly KeptVersion[]>;
  /** Looks at every plugin folder: what came, changed or went there does so in the host. */
  rescan(): Promise<readonly PluginSummary[]>;
  /** Records a plugin from a start of its own on; the signal ends the recording. */
  record(id: string, options: RecordOptions & { readonly signal: AbortSignal }): Promise<RecordingSummary>;
  /** Grants a plugin what was chosen of what it asks for. */
  grant(id: string, choice: GrantChoice): Promise<PluginInfo>;
  /** Takes back what was granted to a plugin; undefined for one that is not there any more. */
  revoke(id: string, choice: RevokeChoice): Promise<PluginInfo | undefined>;
  /** What happened. */
  journal(query: JournalQuery): Promise<readonly JournalEvent[]>;
  /** What happens from now on, or from a position. */
  followJournal(
    options: { readonly from?: number; readonly signal: AbortSignal },
  ): AsyncIterable<JournalEvent>;
}
