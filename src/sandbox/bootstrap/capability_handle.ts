/**
 * What `ctx.use()` gives: the methods of a capability, and whether it is there,
 * as the host told last.
 *
 * @module
 */

import type { CapabilityReport } from "../../rpc/protocol.ts";
import type { CapabilityHandle, CapabilityState } from "../../sdk/capabilities.ts";

/** Calls one of the capability's methods. */
export type CallMethod = (method: string, args: readonly unknown[]) => Promise<unknown>;

/** A handle, and the way to change what it shows. */
export class LiveHandle {
  readonly #call: CallMethod;
  readonly #handlers = new Set<(state: CapabilityState) => unknown>();
  #state: CapabilityState = Object.freeze({ available: false, provider: undefined });

  /** The handle itself. Its methods are its only enumerable properties. */
  readonly face: Record<string, unknown>;

  /** @param call Calls a method, whoever provides it then. */
  constructor(call: CallMethod) {
    this.#call = call;
    const onChange: CapabilityHandle["onChange"] = (handler) => {
      if (typeof handler !== "function") {
        throw new TypeError("Cannot tell of changes: the handler is no function");
      }
      this.#handlers.add(handler);
      return () => void this.#handlers.delete(handler);
    };
    this.face = Object.create(null, {
      available: { get: () => this.#state.available },
      provider: { get: () => this.#state.provider },
      onChange: { value: onChange },
    });
  }

  /** Shows what the host reports, and tells the plugin of it. */
  update({ provider, methods }: CapabilityReport): void {
    this.#state = Object.freeze({
      available: provider !== null,
      provider: provider === null ? undefined : Object.freeze(provider),
    });
    // While nobody provides it the methods stay, and fail as calls that nobody takes.
    if (provider !== null) this.#setMethods(methods);
    for (const handler of this.#handlers) {
      // What a handler throws is an unhandled rejection, not the channel's end.
      void new Promise((resolve) => resolve(handler(this.#state)));
    }
  }

  /** Tells nobody any more. */
  close(): void {
    this.#handlers.clear();
  }

  #setMethods(methods: readonly string[]): void {
    // A plugin that froze its handle keeps the methods it has: the attempt fails without throwing.
    for (const name of Object.keys(this.face)) {
      if (!methods.includes(name)) Reflect.deleteProperty(this.face, name);
    }
    for (const name of methods) {
      if (name in this.face) continue;
      const value = (...args: unknown[]) => this.#call(name, args);
      Reflect.defineProperty(this.face, name, { value, enumerable: true, configurable: true });
    }
  }
}
