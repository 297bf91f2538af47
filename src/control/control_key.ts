/**
 * The key of a control socket, in a file beside it. Who may read the file may
 * steer the host; who can merely connect may not.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { Handler } from "../rpc/incoming_calls.ts";

/** The method by which a client shows the key. */
export const ENTER = "enter";

/** Path of the file with the key of a socket. */
export function keyPath(socket: string): string {
  return `${socket}.key`;
}

/** Makes a new key for a socket and writes it where its owner alone reads it. */
export function writeKey(socket: string): string {
  const key = crypto.getRandomValues(new Uint8Array(32)).toHex();
  const path = keyPath(socket);
  const next = `${path}.new`;
  Deno.writeTextFileSync(next, key, { mode: 0o600 });
  Deno.renameSync(next, path);
  return key;
}

/**
 * The same handlers for a client that has shown the key, and one to show it.
 *
 * @param onEnter Answers a client that has shown it, with what it offers to speak.
 */
export function requireKey(
  key: string,
  handlers: ReadonlyMap<string, Handler>,
  onEnter: (offer: unknown) => unknown,
): Map<string, Handler> {
  let isShown = false;
  const guarded = new Map<string, Handler>();
  for (const [name, handler] of handlers) {
    guarded.set(name, (params, context) => {
      if (isShown) return handler(params, context);
      throw new CordonError("not_permitted", "Cannot steer the host: the key of its socket was not shown", {
        hint: "The key is in the data folder, readable to the host's user",
      });
    });
  }
  guarded.set(ENTER, ([shown, offer]) => {
    if (shown !== key) throw new CordonError("not_permitted", "Cannot steer the host: that is not its key");
    isShown = true;
    return onEnter(offer);
  });
  return guarded;
}
