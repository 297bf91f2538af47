/**
 * What host and sandbox say to each other. Host to sandbox: `load`,
 * `activate`, `invoke [method, args]`, `events [subscription, batch, timeoutMs]`,
 * `health`, `deactivate [reason]` and the notifications `limit [event]`,
 * `unsubscribed [subscription, error]` and `ping [n]`. Sandbox to host:
 * `use [capability]`, `call [capability, method, args]`, `publish [topic, value]`,
 * `subscribe [id, pattern, options]`, `unsubscribe [id]` and the notifications
 * `log [level, message, facts]` and `pong [n]`.
 *
 * @module
 */

/** Asks the sandbox to import the plugin. */
export interface LoadRequest {
  /** URL of the main module. */
  readonly entry: string;
}

/** What the plugin's main module exports: names with `typeof`. */
export interface LoadReply {
  /** Pairs of name and type. */
  readonly exports: readonly (readonly [name: string, type: string])[];
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
