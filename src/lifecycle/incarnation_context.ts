/**
 * What a plugin that runs is connected to.
 *
 * @module
 */

import type { Capabilities } from "../bus/capabilities.ts";
import type { EventBus, Held } from "../bus/event_bus.ts";
import type { SharedResources } from "../bus/resources/shared_resources.ts";
import type { LogRecord } from "../internal/log_record.ts";
import type { Sandboxes } from "../sandbox/sandboxes.ts";
import type { SupervisionContext } from "./consent/supervised_start.ts";
import type { LimitBreach } from "./limits/limit_breach.ts";
import type { LimitWatch } from "./limits/limit_watch.ts";
import type { PeerSource } from "./recordings/peer_source.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";

/** What incarnations need of their host. */
export interface IncarnationContext extends SupervisionContext {
  readonly capabilities: Capabilities;
  readonly events: EventBus;
  readonly resources: SharedResources;
  /** Events that a plugin is started for. */
  readonly heldFor: (id: string) => Held;
  readonly log: (record: LogRecord) => void;
  readonly sandboxes: Sandboxes;
  readonly limits: LimitWatch;
  /** Watches calls, events and starts. */
  readonly telemetry: Telemetry;
  /** Makes our end of a plugin's channel, where that is not the usual one. */
  readonly peers: PeerSource;
}

/** How an incarnation is opened. */
export interface OpenOptions {
  /**
   * Whether another one of the plugin runs: what that uses is left alone, and events come to that one
   * until this one begins. @default {false}
   */
  readonly isBeside?: boolean;
  /** Told when it reached a limit while it ran; called again when that became urgent. */
  readonly onBreach: (breach: LimitBreach, options: { readonly isUrgent: boolean }) => void;
}
