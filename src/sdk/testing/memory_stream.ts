/**
 * Two ends of a byte stream in one memory. Nothing here sets a timer: what is
 * tested may hold time still.
 *
 * @module
 */

import type { ByteStream } from "../../rpc/channel.ts";
import { PortStream } from "../../rpc/port_stream.ts";

/** What one read takes at most: fewer frames than those after which a channel waits for a turn of the event loop. */
const READ_BYTES = 4096;

/** Makes the two ends: what is written to one is read from the other, which is waited for where it does not read. */
export function createStreamPair(): [ByteStream, ByteStream] {
  const near: PortStream = new PortStream({ post: (message) => far.take(message) });
  const far: PortStream = new PortStream({ post: (message) => near.take(message) });
  return [readInParts(near), readInParts(far)];
}

function readInParts(stream: PortStream): ByteStream {
  return {
    read: (into) => stream.read(into.subarray(0, READ_BYTES)),
    write: (from) => stream.write(from),
    close: () => stream.close(),
  };
}
