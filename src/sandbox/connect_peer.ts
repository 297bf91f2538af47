/**
 * Our end of the channel to a sandbox.
 *
 * @module
 */

import { type ByteStream, FrameChannel } from "../rpc/channel.ts";
import { type PeerOptions, RpcPeer } from "../rpc/peer.ts";

/** Our end, as a sandbox uses it. */
export type SandboxPeer = Pick<RpcPeer, "call" | "notify" | "run" | "close">;

/** Makes our end on a stream to the sandbox, which it closes. */
export type ConnectPeer = (stream: ByteStream, options: PeerOptions) => SandboxPeer;

/** Makes the usual end: what the plugin asks is answered, and nobody else sees it. */
export function connectPeer(stream: ByteStream, options: PeerOptions): SandboxPeer {
  return new RpcPeer(new FrameChannel(stream), options);
}
