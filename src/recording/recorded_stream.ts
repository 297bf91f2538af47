/**
 * Streams in recorded messages.
 *
 * @module
 */

import { MAX_DEPTH } from "../rpc/carried_value.ts";
import type { Message } from "../rpc/message.ts";

/** What stands in a message for a stream: its values are messages of their own. */
export class RecordedStream {
  /** Its number; each end numbers those that it sends, anew in every run. */
  readonly id: number;

  /** @param id Its number. */
  constructor(id: number) {
    this.id = id;
  }

  /** As reports show it. */
  toJSON(): string {
    return "(stream)";
  }
}

/** Numbers of the streams in a message, by the way to each. */
export function listStreams(message: Message): Map<string, number> {
  const found = new Map<string, number>();
  const look = (value: unknown, path: readonly string[]) => {
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
    if (value instanceof RecordedStream) found.set(JSON.stringify(path), value.id);
    else if (path.length <= MAX_DEPTH) {
      for (const [key, item] of Object.entries(value)) look(item, [...path, key]);
    }
  };
  if (message.type === "call") look(message.params, ["params"]);
  else if (message.type === "result") look(message.value, ["value"]);
  return found;
}
