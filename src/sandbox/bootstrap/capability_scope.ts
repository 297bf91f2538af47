/**
 * `ctx.use` and `ctx.call`: capabilities of other plugins.
 *
 * @module
 */

import type { UseReply } from "../../rpc/protocol.ts";
import type { CallOptions, PluginContext, Remote } from "../../sdk/context.ts";
import type { Host, ScopePart } from "./scope_part.ts";

/** The capabilities that a plugin uses. */
export class CapabilityScope implements ScopePart {
  readonly #host: Host;
  readonly #handles = new Map<string, Promise<unknown>>();

  readonly handlers: NonNullable<ScopePart["handlers"]> = {};

  /** @param host The host. */
  constructor(host: Host) {
    this.#host = host;
  }

  /** Makes the part of the context. */
  open(): Pick<PluginContext, "use" | "call"> {
    const call = (
      capability: string,
      method: string,
      args: readonly unknown[] = [],
      options: CallOptions = {},
    ) => this.#host.call("call", [capability, method, args], options);
    return {
      use: <T>(capability: string) => {
        const known = this.#handles.get(capability) ?? this.#use(capability, call);
        this.#handles.set(capability, known);
        // A refusal is not kept: the capability may appear later.
        known.catch(() => this.#handles.delete(capability));
        return known as Promise<Remote<T>>;
      },
      call,
    };
  }

  async #use(capability: string, call: PluginContext["call"]): Promise<unknown> {
    const { methods } = await this.#host.call("use", [capability]) as UseReply;
    const handle = Object.create(null) as Record<string, unknown>;
    for (const method of methods) handle[method] = (...args: unknown[]) => call(capability, method, args);
    return Object.freeze(handle);
  }
}
