/**
 * Who provides what, right now, and the check that stands before every call
 * between plugins.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { PeerCallOptions } from "../rpc/peer.ts";

/** Calls a method of one plugin. */
export type Invoke = (
  method: string,
  args: readonly unknown[],
  options?: PeerCallOptions,
) => Promise<unknown>;

/** A running provider of a capability. */
export interface Provider {
  /** Plugin id. */
  readonly id: string;
  /** Methods of the capability. */
  readonly methods: ReadonlySet<string>;
  /** Calls one of them. */
  readonly invoke: Invoke;
  /** Why its contract does not fit what a plugin was written against; undefined where it does. */
  readonly isIncompatible?: (consumer: string) => string | undefined;
}

/** What a caller declared in its manifest. */
export interface Caller {
  /** Plugin id. */
  readonly id: string;
  /** Capabilities it uses, by name. */
  readonly uses: Readonly<Record<string, unknown>>;
}

/** One call of a capability's method. */
export interface CapabilityCall {
  /** Its name. */
  readonly method: string;
  /** Its arguments. */
  readonly args: readonly unknown[];
  /** Deadline and signal. */
  readonly options?: PeerCallOptions;
}

/** The capabilities of the running plugins. */
export class Capabilities {
  readonly #providers = new Map<string, Provider>();

  /** Announces a provider; one announced before under the name gives way. */
  announce(name: string, provider: Provider): void {
    this.#providers.set(name, provider);
  }

  /** Withdraws everything that a plugin provides. */
  withdraw(id: string): void {
    for (const [name, provider] of this.#providers) if (provider.id === id) this.#providers.delete(name);
  }

  /** The provider of a capability. */
  find(name: string): Provider | undefined {
    return this.#providers.get(name);
  }

  /**
   * The provider of a capability that `caller` declared.
   *
   * @throws {CordonError} `not_declared` or `capability_unavailable`.
   */
  require(caller: Caller, name: string): Provider {
    if (!Object.hasOwn(caller.uses, name)) {
      throw new CordonError(
        "not_declared",
        `Cannot use "${name}": "${caller.id}" does not name it under [uses] in its manifest`,
      );
    }
    const provider = this.#providers.get(name);
    if (provider === undefined) {
      throw new CordonError("capability_unavailable", `Cannot use "${name}": nothing that runs provides it`);
    }
    const mismatch = provider.isIncompatible?.(caller.id);
    if (mismatch !== undefined) {
      const message =
        `Cannot use "${name}": "${caller.id}" was written against another contract than that of ` +
        `"${provider.id}": ${mismatch}`;
      throw new CordonError("capability_unavailable", message);
    }
    return provider;
  }

  /**
   * Calls a method for a plugin.
   *
   * @throws {CordonError} As {@linkcode Capabilities.require}, or `method_not_found`.
   */
  async call(caller: Caller, name: string, { method, args, options }: CapabilityCall): Promise<unknown> {
    const provider = this.require(caller, name);
    if (!provider.methods.has(method)) {
      throw new CordonError(
        "method_not_found",
        `Cannot call "${method}" of "${name}": it has no such method`,
      );
    }
    return await provider.invoke(method, args, options);
  }
}
