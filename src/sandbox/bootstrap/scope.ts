/**
 * The plugin's context: what `activate()` is given, put together from its parts.
 *
 * @module
 */

import type { ActivateRequest } from "../../rpc/protocol.ts";
import type { LimitEvent, PluginContext } from "../../sdk/context.ts";
import { CapabilityScope } from "./capability_scope.ts";
import { currentCall } from "./current_call.ts";
import { EventScope } from "./event_scope.ts";
import { createLog } from "./log_scope.ts";
import type { Host, ScopePart } from "./scope_part.ts";

/** Makes the context. */
export class PluginScope {
  readonly #host: Host;
  readonly #stopping = new AbortController();
  readonly #limitHandlers = new Set<(event: LimitEvent) => void>();
  readonly #events: EventScope;
  readonly #capabilities: CapabilityScope;

  /** What the host asks of the context's parts. */
  readonly parts: readonly ScopePart[];

  /** @param host The host. */
  constructor(host: Host) {
    this.#host = host;
    this.#events = new EventScope(host);
    this.#capabilities = new CapabilityScope(host);
    this.parts = [this.#events, {
      notifications: {
        // Told before the next message; what a handler throws is an unhandled rejection, not the channel's end.
        limit: ([event]) =>
          void new Promise<void>((resolve) => resolve(this.#tellLimit(event as LimitEvent))),
      },
    }];
  }

  /** Makes the context. */
  open({ id, version, config, vars, data, subscribes }: ActivateRequest): PluginContext {
    return Object.freeze({
      get currentCall() {
        return currentCall();
      },
      id,
      version,
      config: Object.freeze(config),
      vars: Object.freeze(vars),
      data,
      signal: this.#stopping.signal,
      onLimit: (handler: (event: LimitEvent) => void) => {
        this.#limitHandlers.add(handler);
        return () => void this.#limitHandlers.delete(handler);
      },
      log: createLog(this.#host),
      events: this.#events.open(subscribes),
      ...this.#capabilities.open(),
    });
  }

  /** Aborts the context's signal and ends its parts. */
  close(reason: string): void {
    for (const part of this.parts) part.close?.();
    this.#stopping.abort(new DOMException(reason, "AbortError"));
  }

  #tellLimit(event: LimitEvent): void {
    for (const handler of this.#limitHandlers) handler(event);
  }
}
