/**
 * Our end of the channel to a sandbox.
 *
 * @module
 */

import type { CordonError } from "../errors.ts";
import type { Channel } from "../rpc/channel.ts";
import { type PeerOptions, RpcPeer } from "../rpc/peer.ts";
import { HOST_BOUNDS } from "../rpc/peer_bounds.ts";

/** Our end, as a sandbox uses it. */
export type SandboxPeer = Pick<
  RpcPeer,
  "agree" | "call" | "close" | "notify" | "openStreams" | "originOf" | "run"
>;

/** Makes our end on a channel to the sandbox, which it closes. */
export type ConnectPeer = (channel: Channel, options: PeerOptions) => SandboxPeer;

/** Makes the usual end: what the plugin asks is answered, and nobody else sees it. */
export function connectPeer(channel: Channel, options: PeerOptions): RpcPeer {
  return new RpcPeer(channel, { ...HOST_BOUNDS, ...options });
}

/** Why a plugin is ended whose connection was closed from this side; undefined where it was not. */
export function explainBreak(reason: CordonError): string | undefined {
  const isOurs = reason.code === "protocol_violation" || reason.code === "not_reading";
  return isOurs ? `its connection was closed: ${reason.message}` : undefined;
}
