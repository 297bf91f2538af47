/**
 * What a plugin that was loaded can be asked, held against its manifest.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { ActivateReply, LoadReply } from "../rpc/protocol.ts";

/** What a plugin can be asked. */
export interface PluginSymbols {
  /** Names of its methods. */
  readonly methods: ReadonlySet<string>;
  /** Whether it says how it is. */
  readonly hasHealth: boolean;
}

/**
 * What a sandbox said that its plugin can be asked: every method that the manifest provides must be
 * there; what else there is can be called by the administrator.
 *
 * @throws {CordonError} `missing_symbols`, `protocol_violation`.
 */
export function checkSymbols(manifest: Manifest, loaded: unknown, activated: unknown): PluginSymbols {
  const { exports } = loaded as Partial<LoadReply>;
  const { methods } = activated as Partial<ActivateReply>;
  if (
    !Array.isArray(exports) || !Array.isArray(methods) || methods.some((name) => typeof name !== "string")
  ) {
    throw new CordonError("protocol_violation", "its sandbox answered with something else than its symbols");
  }
  const names = new Set(methods as string[]);
  const missing = Object.entries(manifest.provides).flatMap(([capability, { methods }]) =>
    methods.filter((method) => !names.has(method)).map((method) => `"${method}" of "${capability}"`)
  );
  if (missing.length > 0) {
    throw new CordonError(
      "missing_symbols",
      `it provides no function for ${missing.join(", ")}, which [provides] in its manifest names`,
    );
  }
  return { methods: names, hasHealth: exports.some(isHealth) };
}

function isHealth(pair: unknown): boolean {
  return Array.isArray(pair) && pair[0] === "health" && pair[1] === "function";
}
