/**
 * What host and sandbox say to each other. Host to sandbox: `load`,
 * `activate`, `invoke [method, args, caller, capability]`,
 * `events [subscription, batch, timeoutMs]`,
 * `health`, `exportState [maxBytes]`, `importState [state, from]`, `deactivate [reason]` and the notifications `limit [event]`,
 * `unsubscribed [subscription, error]`, `capability [name, state]` and `ping [n]`. Sandbox to host: `use [capability]`,
 * `call [capability, method, args]`, `publish [topic, value]`,
 * `subscribe [id, pattern, options]`, `unsubscribe [id]`, for shared things
 * `acquire [id, kind, name, permits, waitMs, leaseMs, holding]`, `renew [id, leaseMs]`,
 * `release [id]`, `lostLeases []`, `count [name, operation, a, b]`,
 * `cache [name, operation, key, value, ttlMs]`, `blobOpen [id, name, leaseMs]`,
 * `blobRead [id, offset, length]`, `blobWrite [id, name, size, bytes, leaseMs]`,
 * `blobAppend [id, bytes]`, and the notifications
 * `log [level, message, facts]`, `unsent [why]` and `pong [n]`.
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

/** What the plugin hands to its next version; nothing where it has none. */
export interface StateReply {
  readonly state?: unknown;
}

/** What the plugin can be asked. */
export interface ActivateReply {
  /** Names of its methods. */
  readonly methods: readonly string[];
}

/**
 * What the sandbox is told about a capability it uses: before `use` is
 * answered, and whenever somebody else serves it.
 */
export interface CapabilityReport {
  /** Who serves it; null while nobody does. */
  readonly provider: { readonly id: string; readonly version: string } | null;
  /** Names of its methods. */
  readonly methods: readonly string[];
}

/** What the sandbox learns about a lease that it took. */
export interface LeaseReply {
  /** Higher than that of every lease before. */
  readonly token: number;
}

/** A lease that ended by itself: the number that the sandbox gave it, and why, as one sentence. */
export type LostLease = readonly [id: number, message: string];

/** Bytes of a blob that travel in one message at most. */
export const BLOB_CHUNK_BYTES: number = 4 * 2 ** 20;

/**
 * Events for one subscription, each with its origin: a list, or its JSON where
 * there are no bytes in them. With a time limit the events are kept: each is
 * taken within it, or the batch ends there.
 */
export type EventsRequest = readonly [
  subscription: number,
  batch: string | readonly (readonly [value: unknown, origin: unknown])[],
  timeoutMs: number | null,
];

/** What came of a batch of events. */
export interface EventsReply {
  /** How many the subscription had, from the first on. */
  readonly taken: number;
  /** What the handler threw, by the event's place in the batch. */
  readonly errors: readonly (readonly [index: number, message: string])[];
}

/** Levels of log records, in rising order. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** The weight of a log record. */
export type LogLevel = typeof LOG_LEVELS[number];
