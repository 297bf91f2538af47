/**
 * Streams of values that nobody takes.
 *
 * @module
 */

import { findStreams } from "./carried_value.ts";
import { discardSource } from "./outgoing_stream.ts";

/** Has the streams in a value stop, but for those that somebody reads. */
export function discardStreams(value: unknown, reason: unknown): void {
  try {
    for (const stream of findStreams(value)) discardSource(stream, reason);
  } catch {
    // A getter of a plugin's own object may throw: what is behind it cannot be found.
  }
}
