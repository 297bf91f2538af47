/**
 * Two ends of a channel in one memory. Nothing here sets a timer: what is
 * tested may hold time still.
 *
 * @module
 */

import type { Channel } from "../../rpc/channel.ts";
import { PortChannel } from "../../rpc/port_channel.ts";

/** Makes the two ends: what is sent at one arrives at the other, as a copy and after what runs now. */
export function createChannelPair(): [Channel, Channel] {
  const near: PortChannel = new PortChannel({ post: (message) => queueMicrotask(() => far.take(message)) });
  const far: PortChannel = new PortChannel({ post: (message) => queueMicrotask(() => near.take(message)) });
  return [near, far];
}
