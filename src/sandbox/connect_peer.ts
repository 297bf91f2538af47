/**
 * Our end of the channel to a sandbox.
 *
 * @module
 */

import type { Channel } from "../rpc/channel.ts";
import { type PeerOptions, RpcPeer } from "../rpc/peer.ts";

/** Our end, as a sandbox uses it. */
export type SandboxPeer = Pick<RpcPeer, "agree" | "call" | "close" | "notify" | "originOf" | "run">;

/** Makes our end on a channel to the sandbox, which it closes. */
export type ConnectPeer = (channel: Channel, options: PeerOptions) => SandboxPeer;

/** Makes the usual end: what the plugin asks is answered, and nobody else sees it. */
export function connectPeer(channel: Channel, options: PeerOptions): SandboxPeer {
  return new RpcPeer(channel, options);
}
