/**
 * Streams that the plugin sends: it numbers them anew in every run, and is let
 * send as far as it was then.
 *
 * @module
 */

import type { Message } from "../rpc/message.ts";
import { listStreams } from "./recorded_stream.ts";
import type { Step } from "./steps.ts";

/** A stream of the plugin in both runs. */
interface PluginStream {
  readonly recorded: number;
  readonly now: number;
  /** By how much the frames of its values are longer than they were. */
  growth: number;
}

/** A value of a stream, or its end. */
type ValueMessage = Extract<Message, { type: "chunk" | "end" }>;
/** What the reader of a stream says. */
type ReaderMessage = Extract<Message, { type: "credit" | "drop" }>;

/** The streams of the plugin. */
export class PluginStreams {
  readonly #send: (message: Message) => void;
  /** Those whose values are compared, by their number now. */
  readonly #read = new Map<number, PluginStream>();
  readonly #recorded = new Map<number, PluginStream>();
  /** What the readers of those said that have not come yet, by their number then. */
  readonly #early = new Map<number, ReaderMessage[]>();

  /** @param send Sends a message. */
  constructor(send: (message: Message) => void) {
    this.#send = send;
  }

  /** A message has come: its streams are those of the recorded one, and others are read by nobody. */
  open(message: Message, step: Step | undefined): void {
    const then = step === undefined ? undefined : listStreams(step.message);
    for (const [path, now] of listStreams(message)) {
      const recorded = then?.get(path);
      if (recorded === undefined) this.#send({ type: "drop", stream: now, reason: "nobody reads it" });
      else this.#pair({ recorded, now, growth: 0 });
    }
  }

  /** A value by the number that its stream had then; undefined for one that is not read, or not any more. */
  toRecorded(message: ValueMessage): ValueMessage | undefined {
    const stream = this.#read.get(message.stream);
    return stream && { ...message, stream: stream.recorded };
  }

  /** A value has come that is as long as this more than it was. */
  measure(now: number, growth: number): void {
    const stream = this.#read.get(now);
    if (stream !== undefined) stream.growth += growth;
  }

  /** A value is waited for: it may be sent, though those before it were longer than they were. */
  allow(recorded: number): void {
    const stream = this.#recorded.get(recorded);
    if (stream === undefined || stream.growth <= 0) return;
    this.#send({ type: "credit", stream: stream.now, bytes: stream.growth });
    stream.growth = 0;
  }

  /** Says what the reader of a stream said then. */
  take(message: ReaderMessage): void {
    const stream = this.#recorded.get(message.stream);
    if (stream !== undefined) return this.#tell(stream, message);
    // Whoever brings it is not compared, and may come later.
    const early = this.#early.get(message.stream);
    if (early === undefined) this.#early.set(message.stream, [message]);
    else early.push(message);
  }

  #pair(stream: PluginStream): void {
    this.#read.set(stream.now, stream);
    this.#recorded.set(stream.recorded, stream);
    const early = this.#early.get(stream.recorded) ?? [];
    this.#early.delete(stream.recorded);
    for (const message of early) this.#tell(stream, message);
  }

  #tell({ now }: PluginStream, message: ReaderMessage): void {
    this.#send({ ...message, stream: now });
    // What is on its way was made before the plugin heard of it: more or less of it than then.
    if (message.type === "drop") this.#read.delete(now);
  }
}
