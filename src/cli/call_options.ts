/**
 * Options that make a plugin do something: calls, and for how long.
 *
 * @module
 */

import { CordonError, errorMessage } from "../errors.ts";
import { parseDuration } from "../internal/units.ts";

/** A call of one of its methods. */
export interface PluginCall {
  /** Name of the method. */
  readonly method: string;
  /** Its arguments. */
  readonly args: readonly unknown[];
}

/**
 * The calls that `--call` names, in their order.
 *
 * @throws {CordonError} `usage`.
 */
export function parseCalls(option: unknown): PluginCall[] {
  return ((option as string[] | undefined) ?? []).map(parseCall);
}

/**
 * Milliseconds that an option names; undefined where it is not given.
 *
 * @throws {CordonError} `usage`.
 */
export function tryParseDuration(option: unknown, example: string): number | undefined {
  if (option === undefined) return undefined;
  try {
    return parseDuration(option as string);
  } catch (cause) {
    throw new CordonError("usage", errorMessage(cause), { hint: `For example ${example}`, cause });
  }
}

/** `METHOD JSON...`, the values with white space between them. */
function parseCall(text: string): PluginCall {
  const [method = "", ...pieces] = text.trim().split(/(\s+)/);
  const args: unknown[] = [];
  let pending = "";
  for (const piece of pieces) {
    // Values hold white space themselves: each ends where it first is JSON.
    pending = (pending + piece).trimStart();
    const value = tryParseJson(pending);
    if (value === undefined) continue;
    args.push(value.json);
    pending = "";
  }
  if (method !== "" && pending === "") return { method, args };
  throw new CordonError("usage", `Cannot read --call "${text}": expected a method and JSON values`, {
    hint: `For example --call 'query "sandbox" {"limit": 3}'`,
  });
}

function tryParseJson(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    // Not yet, or not at all: the caller tells.
    return undefined;
  }
}
