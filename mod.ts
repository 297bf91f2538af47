/**
 * Cordon runs plugins that nobody had to trust: each in its own Deno sandbox
 * with exactly the permissions that its manifest asks for and an administrator
 * grants.
 *
 * @example Run a folder of plugins and call one
 * ```ts no-eval
 * import { openHost } from "@cordon/cordon";
 *
 * await using host = await openHost({ plugins: ["./plugins"], data: "./.cordon" });
 * await host.start();
 * const hits = await host.call("search", "query", ["sandbox"]);
 * console.log(hits);
 * ```
 *
 * @module
 */

export { CordonError, type CordonErrorOptions, InvalidPluginError, type Problem } from "./src/errors.ts";
export { openHost, PluginHost } from "./src/host.ts";
export type { HostCallOptions, HostOptions } from "./src/lifecycle/host_options.ts";
export type { CapabilityDirectory } from "./src/lifecycle/capabilities/capability_directory.ts";
export type {
  CapabilityConsumer,
  CapabilityInfo,
  CapabilityOffer,
  PreferenceReason,
} from "./src/lifecycle/capabilities/capability_info.ts";
export type { CapabilityTypes } from "./src/lifecycle/capabilities/capability_types.ts";
export type { ContractComparison, ContractSummary } from "./src/lifecycle/capabilities/contract_summary.ts";
export type { PluginInfo, PluginSummary } from "./src/lifecycle/plugin_summary.ts";
export type { PlannedRestart } from "./src/lifecycle/plugin_table.ts";
export type { KeptVersion } from "./src/lifecycle/versions/kept_version.ts";
export type { RolledBack } from "./src/lifecycle/versions/rolled_back.ts";
export type { VersionRecord, VersionVerdict } from "./src/store/version_records.ts";
export type { RecordedCall, RecordingSummary, RecordOptions } from "./src/lifecycle/recordings/recordings.ts";
export type { RecorderReport } from "./src/recording/recorder.ts";
export type { RecordingEnd } from "./src/recording/recording.ts";
export type { LimitPolicy, SiteLimits } from "./src/lifecycle/limits/plugin_limits.ts";
export type {
  ResourceHolder,
  ResourceSummary,
  ResourceWaiter,
} from "./src/bus/resources/resource_summary.ts";
export type { ResourceAccess, ResourceKind, SharedResource } from "./src/manifest/shared_resource.ts";
export type { CrashReport } from "./src/lifecycle/crashes/crash_report.ts";
export type { LogRecord } from "./src/internal/log_record.ts";
export type { LastLine } from "./src/lifecycle/crashes/last_lines.ts";
export type { CrashError, SourcePlace } from "./src/lifecycle/crashes/plugin_stack.ts";
export type { LimitBreach } from "./src/lifecycle/limits/limit_breach.ts";
export type { LimitState } from "./src/lifecycle/limits/limit_state.ts";
export type { HealthState } from "./src/lifecycle/health/health_state.ts";
export type { HealthChange, HealthCheck, HealthFinding } from "./src/lifecycle/health/health_record.ts";
export type { HealthReport, HealthStatus } from "./src/sdk/health.ts";
export type { PluginMetrics } from "./src/lifecycle/telemetry/plugin_metrics.ts";
export type { HostEvent } from "./src/bus/event_stream.ts";
export type { EventOrigin, EventStart, Overflow, SubscribeOptions } from "./src/sdk/events.ts";
export type { RequestVariable } from "./src/lifecycle/consent/admission.ts";
export type { PendingVersion, PluginConsent } from "./src/lifecycle/consent/consent.ts";
export type { GrantMode } from "./src/lifecycle/consent/plugin_request.ts";
export { readSiteFile } from "./src/lifecycle/consent/site_file.ts";
export type { SiteOptions } from "./src/lifecycle/consent/site_model.ts";
export type { Consents, RevokeChoice } from "./src/lifecycle/consent/consents.ts";
export type { BlockReason, PluginState } from "./src/lifecycle/state.ts";
export type {
  Manifest,
  PermissionRequest,
  Phase,
  ProvidedCapability,
  RunMode,
  TopicDelivery,
  UsedCapability,
} from "./src/manifest/manifest.ts";
export type { GrantChoice } from "./src/permissions/grant_choice.ts";
export type { Policy } from "./src/permissions/policy.ts";
export type { Exposure, ExposureLevel, ExposureReason } from "./src/permissions/exposure.ts";
export type { RequestOutcome, RequestVerdict } from "./src/permissions/request_verdict.ts";
export type {
  Permission,
  PermissionDiff,
  PermissionKind,
  PermissionSet,
} from "./src/permissions/permission_set.ts";
export type { Rate } from "./src/internal/units.ts";
export type { Enforcement, LimitMethod } from "./src/sandbox/limits/enforcement.ts";
export type { LimitFigure, LimitName, LimitUnit } from "./src/sandbox/limits/limit.ts";
export type { KillRung, SandboxExit, Tier } from "./src/sandbox/sandbox.ts";
export type { DependencyGraph } from "./src/solver/graph.ts";
export type { GraphEdge, GraphProblem } from "./src/solver/graph_node.ts";
export type { Journal, JournalEvent, JournalQuery } from "./src/store/journal.ts";
