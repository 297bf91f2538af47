/**
 * `ctx.use` and `ctx.call`: capabilities of other plugins.
 *
 * @module
 */

import type { CapabilityReport } from "../../rpc/protocol.ts";
import type { Capability } from "../../sdk/capabilities.ts";
import type { CallOptions, PluginContext } from "../../sdk/context.ts";
import { LiveHandle } from "./capability_handle.ts";
import { currentRequest } from "./current_call.ts";
import type { Host, ScopePart } from "./scope_part.ts";

/** A handle, and the promise of it. */
interface UsedCapability {
  readonly handle: LiveHandle;
  readonly opened: Promise<unknown>;
}

/** The capabilities that a plugin uses. */
export class CapabilityScope implements ScopePart {
  readonly #host: Host;
  readonly #used = new Map<string, UsedCapability>();

  readonly notifications: NonNullable<ScopePart["notifications"]> = {
    capability: ([name, report]) => this.#used.get(name as string)?.handle.update(report as CapabilityReport),
  };

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
      { signal, timeoutMs }: CallOptions = {},
    ) => {
      const within = currentRequest();
      return this.#host.call("call", [capability, method, args], { signal, timeoutMs, within });
    };
    return {
      use: <T>(capability: string) => this.#use(capability, call) as Promise<Capability<T>>,
      call,
    };
  }

  /** Tells of no change any more. */
  close(): void {
    for (const { handle } of this.#used.values()) handle.close();
  }

  #use(capability: string, call: PluginContext["call"]): Promise<unknown> {
    const known = this.#used.get(capability);
    if (known !== undefined) return known.opened;
    const handle = new LiveHandle((method, args) => call(capability, method, args));
    // The host reports who serves it before it answers.
    const opened = this.#host.call("use", [capability]).then(() => handle.face);
    this.#used.set(capability, { handle, opened });
    opened.catch(() => this.#used.delete(capability));
    return opened;
  }
}
