/**
 * Streams to and from other plugins, with a checksum at their end; some are
 * given up midway.
 *
 * @module
 */

import type { Others } from "./answers.ts";
import { below, checksum, someBytes, someText } from "./checksum.ts";
import { type Notes, wrong } from "./notes.ts";

/** Chance of being given up midway. */
const GIVEN_UP = 0.25;

/** Sends and reads streams. */
export class Streams {
  readonly #others: Others;
  readonly #notes: Notes;
  /** Sources that were begun and have not ended. */
  open = 0;

  constructor(others: Others, notes: Notes) {
    this.#others = others;
    this.#notes = notes;
  }

  /** Gives bytes, then their checksum. */
  bytes(count: number, size: number): AsyncIterable<unknown> {
    return this.#give(count, () => someBytes(size), checksum);
  }

  /** Gives objects, then their checksum. */
  items(count: number): AsyncIterable<unknown> {
    const make = (at: number) => ({ at, text: someText(300) });
    return this.#give(count, make, ({ at, text }, before) => checksum(`${at} ${text}`, before));
  }

  /** Reads a stream to its end, or so many chunks of it. */
  async swallow(
    stream: AsyncIterable<unknown>,
    most: number,
  ): Promise<{ readonly sum: number } | { readonly stopped: true }> {
    const read = await readSome(stream, most);
    return read === undefined ? { stopped: true } : { sum: read.sum };
  }

  /** Reads one that another plugin gives. */
  async readOne(): Promise<void> {
    const { handle } = this.#others.pick();
    const isBytes = below(2) === 0;
    const count = 1 + below(isBytes ? 24 : 200);
    const stream = isBytes ? await handle.bytes(count, below(100_000)) : await handle.items(count);
    const most = Math.random() < GIVEN_UP ? below(count) : Number.MAX_SAFE_INTEGER;
    const read = await readSome(stream, most);
    if (read !== undefined) this.#notes.write("done", `${isBytes ? "bytes" : "items"} ${read.bytes}`);
    else this.#notes.write("done", "left");
  }

  /** Gives one to another plugin. */
  async giveOne(): Promise<void> {
    const { handle } = this.#others.pick();
    let [sum, bytes] = [checksum(""), 0];
    const note = (chunk: Uint8Array<ArrayBuffer>, before: number) => {
      bytes += chunk.byteLength;
      return sum = checksum(chunk, before);
    };
    const count = 1 + below(24);
    const most = Math.random() < GIVEN_UP ? below(count) : Number.MAX_SAFE_INTEGER;
    const answer = await handle.swallow(this.#give(count, () => someBytes(50_000), note), most);
    if ("stopped" in answer) this.#notes.write("done", "left");
    else if (answer.sum !== sum) throw wrong("stream", { answer, sum, bytes });
    else this.#notes.write("done", `given ${bytes}`);
  }

  async *#give<Item>(
    count: number,
    make: (at: number) => Item,
    sumUp: (item: Item, before: number) => number,
  ): AsyncGenerator<unknown> {
    this.open++;
    try {
      let sum = checksum("");
      for (let at = 0; at < count; at++) {
        const item = make(at);
        sum = sumUp(item, sum);
        yield item;
      }
      yield { sum };
    } finally {
      this.open--;
    }
  }
}

/** Reads a stream and compares its checksum; undefined for one that was left before its end. */
async function readSome(
  stream: AsyncIterable<unknown>,
  most: number,
): Promise<{ readonly sum: number; readonly bytes: number } | undefined> {
  let [sum, bytes, items] = [checksum(""), 0, 0];
  let end: number | undefined;
  for await (const item of stream) {
    if (items++ >= most) return undefined;
    if (end !== undefined) throw wrong("stream", { after: "its end" });
    if (item instanceof Uint8Array) {
      sum = checksum(item, sum);
      bytes += item.byteLength;
    } else {
      const { sum: last, at, text } = item as { sum?: number; at: number; text: string };
      end = last;
      if (last === undefined) sum = checksum(`${at} ${text}`, sum);
    }
  }
  if (end !== sum) throw wrong("stream", { end, sum, bytes });
  return { sum, bytes };
}
