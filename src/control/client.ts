/**
 * Control of a host in another process.
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
import { FrameChannel } from "../rpc/channel.ts";
import { PROTOCOL, readChoice } from "../rpc/handshake.ts";
import { RpcPeer } from "../rpc/peer.ts";
import type { JournalEvent, JournalQuery } from "../store/journal.ts";
import type { ControlCallOptions, GraphDocument, HostControl } from "./control.ts";
import { ENTER, keyPath } from "./control_key.ts";
import { controlPath } from "./server.ts";

/** Milliseconds in which a host answers what needs no plugin. */
const ANSWER_MS = 5_000;

/**
 * Connects to the host that runs on a data folder.
 *
 * @returns Undefined when none answers there.
 */
export async function connectControl(dataDir: string): Promise<HostControl | undefined> {
  try {
    const path = controlPath(dataDir);
    // First: both at once would take a descriptor more.
    const key = await Deno.readTextFile(keyPath(path));
    const connection = await Deno.connect({ transport: "unix", path });
    const control = new RemoteControl(connection);
    try {
      await control.enter(key);
      return control;
    } catch (error) {
      await control[Symbol.asyncDispose]();
      throw error;
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused) {
      return undefined;
    }
    throw error;
  }
}

class RemoteControl implements HostControl {
  readonly isRemote = true;
  readonly #peer: RpcPeer;
  readonly #running: Promise<unknown>;
  #onEvent: ((event: JournalEvent) => void) | undefined;

  constructor(connection: Deno.UnixConn) {
    this.#peer = new RpcPeer(new FrameChannel(connection), {
      trustCodes: true,
      notifications: new Map([["event", ([event]) => this.#onEvent?.(event as JournalEvent)]]),
    });
    this.#running = this.#peer.run();
  }

  /** Shows the key of the socket, and agrees on what both ends speak. */
  async enter(key: string): Promise<void> {
    this.#peer.agree(readChoice(await this.#ask(ENTER, key, PROTOCOL)));
  }

  list(): Promise<readonly PluginSummary[]> {
    return this.#ask("list");
  }

  metrics(): Promise<readonly PluginMetrics[]> {
    return this.#ask("metrics");
  }

  crashes(id?: string): Promise<readonly CrashReport[]> {
    return this.#ask("crashes", id ?? null);
  }

  info(id: string): Promise<PluginInfo> {
    return this.#ask("info", id);
  }

  resources(): Promise<readonly ResourceSummary[]> {
    return this.#ask("resources");
  }

  graph(): Promise<GraphDocument> {
    return this.#ask("graph");
  }

  capabilities(): Promise<readonly CapabilityInfo[]> {
    return this.#ask("capabilities");
  }

  prefer(capability: string, id: string | undefined): Promise<CapabilityInfo> {
    return this.#peer.call("prefer", [capability, id ?? null]) as Promise<CapabilityInfo>;
  }

  call(
    target: string,
    method: string,
    args: readonly unknown[],
    options: ControlCallOptions = {},
  ): Promise<unknown> {
    return this.#peer.call("call", [target, method, args], { ...options, subject: method });
  }

  start(id: string): Promise<PluginSummary> {
    return this.#peer.call("start", [id]) as Promise<PluginSummary>;
  }

  stop(id: string): Promise<PluginSummary> {
    return this.#peer.call("stop", [id]) as Promise<PluginSummary>;
  }

  restart(id: string): Promise<PluginSummary> {
    return this.#peer.call("restart", [id]) as Promise<PluginSummary>;
  }

  reload(id: string, options: { readonly force?: boolean } = {}): Promise<PluginSummary> {
    return this.#peer.call("reload", [id, { ...options }]) as Promise<PluginSummary>;
  }

  rollback(id: string, options: { readonly to?: string } = {}): Promise<PluginSummary> {
    return this.#peer.call("rollback", [id, { ...options }]) as Promise<PluginSummary>;
  }

  versions(id: string): Promise<readonly KeptVersion[]> {
    return this.#ask("versions", id);
  }

  rescan(): Promise<readonly PluginSummary[]> {
    return this.#peer.call("rescan", []) as Promise<readonly PluginSummary[]>;
  }

  async record(
    id: string,
    { signal, ...options }: RecordOptions & { readonly signal: AbortSignal },
  ): Promise<RecordingSummary> {
    signal.throwIfAborted();
    // A host that is gone has ended it as well.
    const end = () => void this.#peer.call("endRecording", []).catch(() => {});
    signal.addEventListener("abort", end, { once: true });
    try {
      return await this.#peer.call("record", [id, options]) as RecordingSummary;
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  grant(id: string, choice: GrantChoice): Promise<PluginInfo> {
    return this.#peer.call("grant", [id, { ...choice }]) as Promise<PluginInfo>;
  }

  async revoke(id: string, choice: RevokeChoice): Promise<PluginInfo | undefined> {
    return (await this.#peer.call("revoke", [id, { ...choice }]) as PluginInfo | null) ?? undefined;
  }

  journal(query: JournalQuery): Promise<readonly JournalEvent[]> {
    return this.#ask("journal", query);
  }

  async *followJournal(
    { from, signal }: { from?: number; signal: AbortSignal },
  ): AsyncGenerator<JournalEvent> {
    const queue: JournalEvent[] = [];
    let wake = Promise.withResolvers<void>();
    let isOver = false;
    this.#onEvent = (event) => {
      queue.push(event);
      wake.resolve();
    };
    const over = () => {
      isOver = true;
      wake.resolve();
    };
    this.#peer.call("follow", [from ?? null], { signal }).then(over, over);
    while (!isOver || queue.length > 0) {
      const event = queue.shift();
      if (event !== undefined) {
        yield event;
        continue;
      }
      await wake.promise;
      wake = Promise.withResolvers();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#peer.close();
    await this.#running;
  }

  #ask<Answer>(method: string, ...params: unknown[]): Promise<Answer> {
    return this.#peer.call(method, params, { timeoutMs: ANSWER_MS }) as Promise<Answer>;
  }
}
