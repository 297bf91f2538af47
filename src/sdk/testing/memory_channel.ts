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
  const run = createCarrier();
  const near: PortChannel = new PortChannel({ post: (message) => run(() => far.take(message)) });
  const far: PortChannel = new PortChannel({ post: (message) => run(() => near.take(message)) });
  return [near, far];
}

/**
 * Does things one after the other, after what runs now. Whoever does them has waited from the first, and not
 * because of the sender: what a message sets off is no part of the call in which it was sent.
 */
function createCarrier(): (work: () => void) => void {
  let waiting: (() => void)[] = [];
  let wake = Promise.withResolvers<void>();
  const carry = async () => {
    for (;;) {
      await wake.promise;
      wake = Promise.withResolvers();
      const works = waiting;
      waiting = [];
      for (const work of works) work();
    }
  };
  void carry();
  return (work) => {
    waiting.push(work);
    wake.resolve();
  };
}
