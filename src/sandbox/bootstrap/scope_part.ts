/**
 * One part of a plugin's context, and what the host asks of that part.
 *
 * @module
 */

import type { Handler } from "../../rpc/incoming_calls.ts";
import type { NotificationHandler, RpcPeer } from "../../rpc/peer.ts";

/** The host, as far as the context needs it. */
export type Host = Pick<RpcPeer, "call" | "notify">;

/** A part of the context. */
export interface ScopePart {
  /** What the host asks of it, by name. */
  readonly handlers?: Readonly<Record<string, Handler>>;
  /** What the host tells it, by name. */
  readonly notifications?: Readonly<Record<string, NotificationHandler>>;
  /** Ends it when the plugin stops, and why that is. */
  close?(reason: string): void;
}
