/**
 * One part of what a plugin may ask of the host, and what all parts share.
 * Everything that arrives here was written by the plugin: each value is
 * checked before it is used.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { RateLimiter } from "../../internal/rate_limiter.ts";
import type { Handler } from "../../rpc/incoming_calls.ts";
import type { NotificationHandler } from "../../rpc/peer.ts";

/** A part of the host as one plugin sees it; disposing it gives back what the plugin holds there. */
export interface Service extends Disposable {
  /** Requests it answers, by name. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Those of them that wait for something to happen: a plugin that only has such ones open does nothing. */
  readonly idleRequests?: readonly string[];
  /** Whether the plugin has something there, though it asks for nothing. */
  readonly isHolding?: boolean;
  /** Notifications it takes, by name. */
  readonly notifications?: Readonly<Record<string, NotificationHandler>>;
}

/** Notes what a plugin asked for and does not get; one that goes on asking is not news. */
export class Refusals {
  readonly #rate = new RateLimiter({ count: 10, periodMs: 60_000 });
  readonly #onRefusal: (message: string, code: string) => void;

  /** @param onRefusal Told of each that is news. */
  constructor(onRefusal: (message: string, code: string) => void) {
    this.#onRefusal = onRefusal;
  }

  /** Refuses something that the manifest does not name. */
  refuse(message: string): never {
    throw this.note(new CordonError("not_declared", message));
  }

  /** Notes an error, and gives it back. */
  note(error: CordonError): CordonError {
    if (this.#rate.take()) this.#onRefusal(error.message, error.code);
    return error;
  }
}

/**
 * A name that a plugin gave.
 *
 * @throws {CordonError} `invalid_input`.
 */
export function asName(value: unknown): string {
  if (typeof value === "string" && value.length <= 256) return value;
  throw new CordonError("invalid_input", "Cannot do that: a name is no text or longer than 256 characters");
}
