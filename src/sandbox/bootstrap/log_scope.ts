/**
 * `ctx.log`: records go to the host.
 *
 * @module
 */

import { LOG_LEVELS } from "../../rpc/protocol.ts";
import type { PluginLog } from "../../sdk/context.ts";
import type { Host } from "./scope_part.ts";

/** Makes a plugin's log. */
export function createLog(host: Host): PluginLog {
  const log = Object.create(null) as Record<string, unknown>;
  for (const level of LOG_LEVELS) {
    log[level] = (message: unknown, facts?: unknown) => {
      // Facts that cannot be carried must not fail the plugin; without them the record goes out.
      if (!tryNotify(host, [level, String(message), facts ?? null])) {
        tryNotify(host, [level, String(message), null]);
      }
    };
  }
  return Object.freeze(log) as unknown as PluginLog;
}

function tryNotify(host: Host, params: readonly unknown[]): boolean {
  try {
    host.notify("log", params);
    return true;
  } catch {
    // The host may be gone, too: nobody reads what a plugin says after its end.
    return false;
  }
}
