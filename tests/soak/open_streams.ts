/**
 * Counts the streams that a host carries. Imported by programs under test
 * only: it changes what the host is built on.
 *
 * @module
 */

import { RpcPeer } from "../../src/rpc/peer.ts";

/** Watches the connections that are made from now on. */
export function watchPeers(): { openStreams: () => number; count: () => number } {
  const peers = new Set<RpcPeer>();
  const { run } = RpcPeer.prototype;
  RpcPeer.prototype.run = async function () {
    peers.add(this);
    try {
      return await run.call(this);
    } finally {
      // One with streams that it should have ended stays to be counted.
      if (this.openStreams === 0) peers.delete(this);
    }
  };
  return {
    openStreams: () => [...peers].reduce((sum, { openStreams }) => sum + openStreams, 0),
    count: () => peers.size,
  };
}
