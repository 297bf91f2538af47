/**
 * What host and sandbox say to each other. Host to sandbox: `load`,
 * `activate`, `invoke [method, args, caller, capability]`, `event [subscription, value, origin]`,
 * `health`, `deactivate [reason]` and the notifications `limit [event]` and
 * `ping [n]`. Sandbox to host: `use [capability]`,
 * `call [capability, method, args]`, `publish [topic, value]`,
 * `subscribe [id, pattern]`, `unsubscribe [id]` and the notifications
 * `log [level, message, facts]` and `pong [n]`.
 *
 * @module
 */

import type { ProtocolChoice, ProtocolOffer } from "./handshake.ts";

/** Asks the sandbox to import the plugin. */
export interface LoadRequest {
  /** URL of the main module. */
  readonly entry: string;
  /** What the host speaks. */
  readonly protocol: ProtocolOffer;
}

/** What the plugin's main module exports: names with `typeof`. */
export interface LoadReply {
  /** Pairs of name and type. */
  readonly exports: readonly (readonly [name: string, type: string])[];
  /** What the sandbox chose of the host's offer. */
  readonly protocol: ProtocolChoice;
}

/** Facts that the plugin's context is made of. */
export interface ActivateRequest {
  readonly id: string;
  readonly version: string;
  readonly config: Record<string, unknown>;
  readonly vars: Record<string, string>;
  readonly data: string;
  /** Patterns that the manifest allows to listen to. */
  readonly subscribes: readonly string[];
}

/** What the plugin can be asked. */
export interface ActivateReply {
  /** Names of its methods. */
  readonly methods: readonly string[];
}

/** What the sandbox learns about a capability it uses. */
export interface UseReply {
  /** Names of its methods. */
  readonly methods: readonly string[];
}

/** Levels of log records, in rising order. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** The weight of a log record. */
export type LogLevel = typeof LOG_LEVELS[number];
