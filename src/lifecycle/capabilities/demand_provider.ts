/**
 * A capability as a plugin provides it that has yet to start: a call waits for
 * the start, and goes on there.
 *
 * @module
 */

import type { CapabilityCallOptions, Provider } from "../../bus/provider.ts";
import { CordonError } from "../../errors.ts";
import type { PluginInstance } from "../instance.ts";

/** What it is made of. */
export interface DemandProviderContext
  extends Pick<Provider, "id" | "version" | "methods" | "idempotent" | "isIncompatible" | "hasFailed"> {
  /** Starts the plugin, for as long as the call waits. */
  readonly start: (method: string, options: CapabilityCallOptions) => Promise<Pick<PluginInstance, "exited">>;
  /** The provider that the plugin is while it runs. */
  readonly findRunning: () => Provider | undefined;
}

/** Makes the provider. */
export function createDemandProvider({ start, findRunning, ...facts }: DemandProviderContext): Provider {
  return {
    ...facts,
    isOnDemand: true,
    async invoke(method, args, options = {}) {
      const { timeoutMs = Infinity } = options;
      const dueAt = performance.now() + timeoutMs;
      const instance = await start(method, options);
      const running = findRunning();
      if (running === undefined) {
        throw new CordonError(
          "capability_unavailable",
          `Cannot call "${method}": "${facts.id}" has just ended`,
        );
      }
      try {
        return await running.invoke(method, args, {
          ...options,
          timeoutMs: Math.ceil(dueAt - performance.now()),
        });
      } catch (error) {
        const isGone = error instanceof CordonError && error.code === "channel_closed";
        // Who calls again is to find it ended: its process may take a moment longer than its connection.
        if (isGone && facts.idempotent?.has(method)) await instance.exited;
        throw error;
      }
    },
  };
}
