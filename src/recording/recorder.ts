/**
 * Writes down what a plugin and its host send each other. It never harms the
 * plugin: what cannot be written, or would make the recording too large, ends
 * the recording and nothing else.
 *
 * @module
 */

import { errorMessage } from "../errors.ts";
import type { Message } from "../rpc/message.ts";
import { listStreams } from "./recorded_stream.ts";
import { messageOf, type RecordingEnd, type RecordingHead } from "./recording.ts";
import { isTooHeavy } from "../rpc/weight.ts";
import { createReplacer, HIDDEN, mapTexts } from "./text_values.ts";

/** Kept free for the line that ends it. */
const END_BYTES = 256;

const encoder = new TextEncoder();

/** Where a recording goes. */
export interface RecordingSink {
  /** Writes at the end. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends it. */
  close(): void;
}

/** How a recording is made. */
export interface RecorderOptions {
  /** Most bytes of it. */
  readonly maxBytes: number;
  /** Ends it once the plugin has answered so many calls, with the streams of its answers. @default {no bound} */
  readonly maxAnswers?: number;
}

/** What became of a recording. */
export interface RecorderReport {
  /** Frames in it. */
  readonly messages: number;
  /** Its length. */
  readonly bytes: number;
  /** Why it ended. */
  readonly end: RecordingEnd["end"];
  /** What could not be written. */
  readonly failure: string | undefined;
}

/** Records one incarnation of one plugin. */
export class Recorder {
  readonly #sink: RecordingSink;
  readonly #maxAnswers: number;
  readonly #over = Promise.withResolvers<void>();
  #room: number;
  #hide: ((text: string) => string) | undefined;
  #began: number | undefined;
  #queue: Uint8Array[] = [];
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #messages = 0;
  #bytes = 0;
  /** Calls of its methods that are not answered yet; kept where answers are counted. */
  readonly #asked = new Set<number>();
  /** Streams that answers brought and that go on, each with all of its answer. */
  readonly #streaming = new Map<number, Set<number>>();
  #answers = 0;
  #end: RecordingEnd["end"] | undefined;
  #failure: string | undefined;

  /**
   * @param sink Where it goes; the recorder closes it.
   * @param options Bounds.
   */
  constructor(sink: RecordingSink, { maxBytes, maxAnswers = Infinity }: RecorderOptions) {
    this.#sink = sink;
    this.#room = maxBytes - END_BYTES;
    this.#maxAnswers = maxAnswers;
  }

  /** Settles when it ended by itself: enough was answered, it is too large, or it cannot be written. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Whether the plugin was there to be recorded. */
  get hasBegun(): boolean {
    return this.#began !== undefined;
  }

  /** Whether it takes frames. */
  get isOpen(): boolean {
    return this.hasBegun && this.#end === undefined;
  }

  /** Writes the first line. `secrets` are texts that must not stand in the recording. */
  begin(head: RecordingHead, secrets: readonly string[]): void {
    this.#began = performance.now();
    if (secrets.length > 0) {
      this.#hide = createReplacer(new Map(secrets.map((secret) => [secret, HIDDEN])));
    }
    this.#line(JSON.stringify(head));
  }

  /** Takes a frame that was sent. */
  take(to: "plugin" | "host", text: string, bytes: readonly Uint8Array[]): void {
    if (!this.isOpen) return;
    // Refused unread: to read it here would take the host as long as it was spared.
    if (isTooHeavy(text)) return this.#stop("size");
    const tail = joinBytes(bytes);
    let message: Message;
    try {
      message = messageOf(text, tail);
    } catch {
      // None of ours: the plugin's channel is about to be closed for it.
      return;
    }
    if (isProbe(message)) return;
    // Rendered anew: what a plugin sends may hold line breaks, or forge a line.
    const head: unknown = JSON.parse(text);
    const line = JSON.stringify({
      at: this.#now(),
      to,
      head: this.#hide === undefined ? head : mapTexts(head, this.#hide),
      ...(tail.byteLength === 0 ? {} : { tail: tail.toBase64() }),
    });
    if (!this.#line(line)) return this.#stop("size");
    this.#messages++;
    this.#countAnswer(to, message);
  }

  #countAnswer(to: "plugin" | "host", message: Message): void {
    if (this.#maxAnswers === Infinity) return;
    // Its reader has enough of it.
    if (to === "plugin" && message.type === "drop") return this.#endStream(message.stream);
    if (to === "plugin") {
      if (message.type === "call" && message.method === "invoke") this.#asked.add(message.id);
    } else if (message.type === "end") this.#endStream(message.stream);
    else if (message.type === "result" || message.type === "error") {
      if (!this.#asked.delete(message.id)) return;
      const streams = new Set(listStreams(message).values());
      for (const stream of streams) this.#streaming.set(stream, streams);
      if (streams.size === 0) this.#endAnswer();
    }
  }

  #endStream(stream: number): void {
    const streams = this.#streaming.get(stream);
    this.#streaming.delete(stream);
    if (streams?.delete(stream) && streams.size === 0) this.#endAnswer();
  }

  #endAnswer(): void {
    if (++this.#answers >= this.#maxAnswers) this.#over.resolve();
  }

  /** Ends it, and waits until it is written. */
  async end(
    reason: "asked" | "exited",
    exit: { readonly code?: number; readonly signal?: string } = {},
  ): Promise<RecorderReport> {
    if (this.#end === undefined) {
      const { code, signal } = exit;
      this.#close({ at: this.#now(), end: reason, code, signal });
    }
    await this.#writing;
    this.#sink.close();
    return { messages: this.#messages, bytes: this.#bytes, end: this.#end!, failure: this.#failure };
  }

  #stop(reason: "size"): void {
    this.#close({ at: this.#now(), end: reason });
    this.#over.resolve();
  }

  #close(end: RecordingEnd): void {
    this.#room = END_BYTES;
    if (this.hasBegun) this.#line(JSON.stringify(end));
    this.#end = end.end;
  }

  #now(): number {
    return Math.round((performance.now() - (this.#began ?? 0)) * 1000) / 1000;
  }

  /** Writes a line if there is room for it. */
  #line(text: string): boolean {
    const bytes = encoder.encode(`${text}\n`);
    if (bytes.length > this.#room) return false;
    this.#room -= bytes.length;
    this.#bytes += bytes.length;
    this.#queue.push(bytes);
    if (!this.#isWriting) this.#writing = this.#flush();
    return true;
  }

  async #flush(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#queue.length > 0) {
        const bytes = joinBytes(this.#queue);
        this.#queue = [];
        await this.#sink.write(bytes);
      }
    } catch (error) {
      // A full disk ends the recording; the plugin goes on.
      this.#queue = [];
      this.#end = "failed";
      this.#failure = errorMessage(error);
      this.#over.resolve();
    } finally {
      this.#isWriting = false;
    }
  }
}

/** Signs of life that the host asks for by a timer: no part of what the plugin does. */
function isProbe(message: Message): boolean {
  return message.type === "notify" && (message.method === "ping" || message.method === "pong");
}

function joinBytes(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const joined = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.byteLength;
  }
  return joined;
}
