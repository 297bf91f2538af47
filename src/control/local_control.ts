/**
 * Control of a host in this process.
 *
 * @module
 */

import type { PluginHost } from "../host.ts";
import type { CapabilityInfo } from "../lifecycle/capabilities/capability_info.ts";
import type { ResourceSummary } from "../bus/resources/resource_summary.ts";
import type { RevokeChoice } from "../lifecycle/consent/consents.ts";
import type { CrashReport } from "../lifecycle/crashes/crash_report.ts";
import type { PluginMetrics } from "../lifecycle/telemetry/plugin_metrics.ts";
import type { PluginInfo, PluginSummary } from "../lifecycle/plugin_summary.ts";
import type { KeptVersion } from "../lifecycle/versions/kept_version.ts";
import type { RecordingSummary, RecordOptions } from "../lifecycle/recordings/recordings.ts";
import type { GrantChoice } from "../permissions/grant_choice.ts";
import { PHASES } from "../manifest/manifest.ts";
import type { JournalEvent, JournalQuery } from "../store/journal.ts";
import type { ControlCallOptions, GraphDocument, HostControl } from "./control.ts";

/** Steers a host in this process; the host is its owner's to close. */
export class LocalControl implements HostControl {
  readonly isRemote = false;
  readonly #host: PluginHost;

  /** @param host The host. */
  constructor(host: PluginHost) {
    this.#host = host;
  }

  list(): Promise<readonly PluginSummary[]> {
    return Promise.resolve(this.#host.list());
  }

  metrics(): Promise<readonly PluginMetrics[]> {
    return Promise.resolve(this.#host.metrics());
  }

  crashes(id?: string): Promise<readonly CrashReport[]> {
    return Promise.resolve(this.#host.crashes(id));
  }

  async info(id: string): Promise<PluginInfo> {
    return await this.#host.info(id);
  }

  resources(): Promise<readonly ResourceSummary[]> {
    return Promise.resolve(this.#host.resources());
  }

  graph(): Promise<GraphDocument> {
    const { stages, edges, problems, providers, bindings } = this.#host.graph;
    return Promise.resolve({
      stages: stages.map(({ phase, ids }) => ({ phase: PHASES[phase]!, ids })),
      edges,
      problems: Object.fromEntries(problems),
      providers: Object.fromEntries(providers),
      bindings: Object.fromEntries([...bindings].map(([id, own]) => [id, Object.fromEntries(own)])),
    });
  }

  async capabilities(): Promise<readonly CapabilityInfo[]> {
    return await this.#host.capabilities.list();
  }

  async prefer(capability: string, id: string | undefined): Promise<CapabilityInfo> {
    const { capabilities } = this.#host;
    return await (id === undefined ? capabilities.clear(capability) : capabilities.prefer(capability, id));
  }

  call(
    target: string,
    method: string,
    args: readonly unknown[],
    options?: ControlCallOptions,
  ): Promise<unknown> {
    return this.#host.call(target, method, args, options);
  }

  async start(id: string): Promise<PluginSummary> {
    await this.#host.startPlugin(id);
    return this.#host.info(id);
  }

  async stop(id: string): Promise<PluginSummary> {
    await this.#host.stopPlugin(id);
    return this.#host.info(id);
  }

  async restart(id: string): Promise<PluginSummary> {
    await this.#host.restartPlugin(id);
    return this.#host.info(id);
  }

  async reload(id: string, options?: { readonly force?: boolean }): Promise<PluginSummary> {
    return await this.#host.reload(id, options);
  }

  async rollback(id: string, options?: { readonly to?: string }): Promise<PluginSummary> {
    return await this.#host.rollback(id, options);
  }

  async versions(id: string): Promise<readonly KeptVersion[]> {
    return await this.#host.versions(id);
  }

  rescan(): Promise<readonly PluginSummary[]> {
    return this.#host.rescan();
  }

  record(id: string, options: RecordOptions & { readonly signal: AbortSignal }): Promise<RecordingSummary> {
    return this.#host.record(id, options);
  }

  async grant(id: string, choice: GrantChoice): Promise<PluginInfo> {
    await this.#host.consents.grant(id, choice);
    return this.#host.info(id);
  }

  async revoke(id: string, choice: RevokeChoice): Promise<PluginInfo | undefined> {
    await this.#host.consents.revoke(id, choice);
    const isThere = this.#host.list().some((plugin) => plugin.id === id);
    return isThere ? this.#host.info(id) : undefined;
  }

  journal(query: JournalQuery): Promise<readonly JournalEvent[]> {
    return Promise.resolve(this.#host.journal.list(query));
  }

  followJournal(
    options: { readonly from?: number; readonly signal: AbortSignal },
  ): AsyncIterable<JournalEvent> {
    return this.#host.journal.follow(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#host[Symbol.asyncDispose]();
  }
}
