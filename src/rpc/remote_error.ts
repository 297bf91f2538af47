/**
 * Errors across the border: rendered without our stack, rebuilt as `RemoteError`.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { isCarriable } from "./carried_value.ts";
import type { WireError } from "./message.ts";

/** Longest text that the far end is believed to mean. */
const MAX_TEXT = 8_192;
const MAX_CAUSES = 4;

/** An error that happened on the other side of the border. */
export class RemoteError extends CordonError {
  override readonly name: string = "RemoteError";
  /** Name of the error over there, such as `TypeError`. */
  readonly remoteName: string;
  /** Stack over there, when the other side gave one. */
  readonly remoteStack: string | undefined;

  /**
   * @param error The error as it travelled.
   * @param trusted Whether its code and hint are believed; a plugin's are not,
   * its code is kept as the fact `remoteCode`.
   */
  constructor(error: WireError, trusted: boolean) {
    // Every field was written by the far end, which need not have bounded it.
    const name = clipText(error.name);
    super(trusted ? clipText(error.code ?? "host_error") : "plugin_error", clipText(error.message), {
      ...(trusted && error.hint !== undefined ? { hint: clipText(error.hint) } : {}),
      facts: {
        ...(trusted ? error.facts : {}),
        name,
        ...(error.code === undefined ? {} : { remoteCode: clipText(error.code) }),
      },
      ...(error.cause === undefined ? {} : { cause: new RemoteError(error.cause, trusted) }),
    });
    this.remoteName = name;
    this.remoteStack = error.stack === undefined ? undefined : clipText(error.stack);
  }
}

/**
 * Renders anything thrown as a wire error.
 *
 * @param withStack The plugin's side sends its stack; the host never does.
 */
export function toWireError(error: unknown, withStack: boolean, depth = 0): WireError {
  if (!(error instanceof Error)) return { name: "Error", message: clipText(describe(error)) };
  const { code, hint, facts } = error as Partial<CordonError>;
  return {
    name: clipText(error instanceof RemoteError ? error.remoteName : String(error.name)),
    message: clipText(String(error.message)),
    ...(typeof code === "string" ? { code: clipText(code) } : {}),
    ...(typeof hint === "string" ? { hint: clipText(hint) } : {}),
    ...(error instanceof CordonError && facts !== undefined && canTravel(facts) ? { facts } : {}),
    ...(withStack && typeof error.stack === "string" ? { stack: clipText(error.stack) } : {}),
    ...(error.cause !== undefined && depth < MAX_CAUSES
      ? { cause: toWireError(error.cause, withStack, depth + 1) }
      : {}),
  };
}

function describe(thrown: unknown): string {
  try {
    return typeof thrown === "object" ? JSON.stringify(thrown) ?? String(thrown) : String(thrown);
  } catch {
    // A plugin may throw what cannot even be shown.
    return "a value that cannot be shown";
  }
}

/** A message is closed by what it cannot carry; an error goes without such facts. */
function canTravel(facts: unknown): boolean {
  try {
    return isCarriable(facts, MAX_CAUSES + 3) && JSON.stringify(facts).length <= MAX_TEXT;
  } catch {
    // A toJSON of its own may throw.
    return false;
  }
}

/** A text of the far end, cut where it is too long to be handed on. */
export function clipText(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)} [cut]`;
}
