/**
 * Frames over messages, for a sandbox that shares our process: the head goes
 * as text, bytes beside it, and nothing is cut or joined. A port queues without
 * bound, so each end counts what the other has not taken yet: it waits at a
 * bound itself, and does not believe that the other one does.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { Channel, OnFrame } from "./channel.ts";
import { type Frame, FrameError, MAX_FRAME_BYTES } from "./frame.ts";
import type { RenderedMessage } from "./message.ts";

/** What one end sends before it waits for the other to take it. */
const WINDOW = 1024 * 1024;
/** What may wait at an end that is told not to read on. */
const MAX_WAITING = 4 * MAX_FRAME_BYTES;
/** What a message counts beside its text and bytes. */
const MESSAGE_COST = 64;
/** Bytes from this length on are handed over instead of being copied once more. */
const TRANSFER_BYTES = 16 * 1024;
const NOTE_KINDS = ["ready", "stdout", "stderr", "exit"] as const;
const NO_BYTES = new Uint8Array(0);

/** What a worker tells beside its frames: that it is ready, what it prints, the code it ends with. */
export type NoteKind = typeof NOTE_KINDS[number];

/** How an end is connected. */
export interface PortChannelOptions {
  /** Sends a message to the other end. */
  readonly post: (message: unknown, options?: { transfer: Transferable[] }) => void;
  /** Takes notes; without it they break the protocol. */
  readonly onNote?: (kind: NoteKind, text: string) => void;
}

interface WaitingFrame {
  readonly frame: Frame;
  readonly cost: number;
}

/**
 * One end. A message is the text of a frame, `["frame", text, ...bytes]`,
 * `["note", kind, text]`, the number of what was taken, or null at the end;
 * everything else breaks the protocol.
 */
export class PortChannel implements Channel {
  readonly #options: PortChannelOptions;
  readonly #ended = Promise.withResolvers<unknown>();
  #onFrame: OnFrame | undefined;
  /** Frames that wait for the receiver, oldest first. */
  #waiting: WaitingFrame[] = [];
  #waitingCost = 0;
  #isHeld = false;
  #isEnding = false;
  /** Cost of what was taken and not told yet. */
  #taken = 0;
  /** Cost of what the other end has not told to have taken. */
  #sent = 0;
  #drained: PromiseWithResolvers<void> | undefined;
  #closed: { readonly reason: unknown } | undefined;

  /** @param options How this end is connected. */
  constructor(options: PortChannelOptions) {
    this.#options = options;
  }

  /** Whether the channel has ended. */
  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Settles when more may be sent; undefined when that is now. */
  get drained(): Promise<void> | undefined {
    if (this.#sent < WINDOW || this.#closed !== undefined) return undefined;
    return (this.#drained ??= Promise.withResolvers()).promise;
  }

  /** Takes a message of the other end, whatever it is. */
  take(message: unknown): void {
    if (this.#closed !== undefined) return;
    try {
      this.#accept(message);
    } catch (error) {
      this.close(error);
    }
  }

  /** Sends one message. */
  post({ head, attachments }: RenderedMessage, check?: (bytes: number) => void): number {
    if (this.#closed !== undefined) {
      throw new CordonError("channel_closed", "Cannot send: the channel is closed", {
        cause: this.#closed.reason,
      });
    }
    let length = head.length;
    for (const bytes of attachments) length += bytes.byteLength;
    checkLength(length);
    check?.(length);
    this.#sent += costOf(length);
    if (this.#sent > MAX_WAITING) {
      const error = new CordonError(
        "not_reading",
        `Cannot send: ${this.#sent} bytes wait because the far end does not read`,
      );
      this.close(error);
      throw error;
    }
    if (attachments.length === 0) {
      this.#options.post(head);
    } else {
      // Copies: what they were cut from may be written to again, and belongs to the caller.
      const copies = attachments.map((bytes) => bytes.slice());
      const transfer = copies.filter(({ byteLength }) => byteLength >= TRANSFER_BYTES).map(({ buffer }) =>
        buffer
      );
      this.#options.post(["frame", head, ...copies], { transfer });
    }
    return length;
  }

  /** Sends a note at once; false if the other end has no room for it. */
  note(kind: NoteKind, text: string): boolean {
    if (this.#closed !== undefined || this.#sent >= WINDOW) return false;
    this.#sent += costOf(text.length);
    this.#options.post(["note", kind, text]);
    return true;
  }

  /** Hands each frame over in order, until the end. */
  receive(onFrame: OnFrame): Promise<unknown> {
    this.#onFrame = onFrame;
    this.#advance();
    return this.#ended.promise;
  }

  /** Ends the channel for good. */
  close(reason?: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = { reason };
    this.#waiting = [];
    this.#drained?.resolve();
    this.#options.post(null);
    this.#ended.resolve(reason);
  }

  /** Closes the channel. */
  [Symbol.dispose](): void {
    this.close();
  }

  #accept(message: unknown): void {
    if (typeof message === "string") return this.#acceptFrame(message, []);
    if (typeof message === "number") return this.#acceptTaken(message);
    if (message === null) return this.#acceptEnd();
    const [kind, ...parts] = Array.isArray(message) ? message : [];
    if (kind === "frame") this.#acceptFrame(parts.shift(), parts);
    else if (kind === "note") this.#acceptNote(parts);
    else throw new FrameError("Cannot read: a message is of no known kind");
  }

  #acceptFrame(head: unknown, parts: readonly unknown[]): void {
    // Shared memory could change under our hands.
    const areBytes = parts.every((part) => part instanceof Uint8Array && part.buffer instanceof ArrayBuffer);
    if (typeof head !== "string" || !areBytes) {
      throw new FrameError("Cannot read: a message is no frame");
    }
    const tail = join(parts as readonly Uint8Array[]);
    const byteLength = head.length + tail.byteLength;
    checkLength(byteLength);
    const cost = costOf(byteLength);
    this.#waitingCost += cost;
    if (this.#waitingCost > MAX_WAITING) {
      throw new FrameError(`Cannot read: more than ${MAX_WAITING} bytes were sent unasked`);
    }
    this.#waiting.push({ frame: { head, tail, byteLength }, cost });
    this.#advance();
  }

  #acceptTaken(cost: number): void {
    if (!Number.isSafeInteger(cost) || cost <= 0 || cost > this.#sent) {
      throw new FrameError("Cannot read: the other end took what was not sent");
    }
    this.#sent -= cost;
    if (this.#sent >= WINDOW) return;
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  #acceptNote([kind, text, ...more]: readonly unknown[]): void {
    const known = NOTE_KINDS.find((name) => name === kind);
    const { onNote } = this.#options;
    if (known === undefined || typeof text !== "string" || more.length > 0 || onNote === undefined) {
      throw new FrameError("Cannot read: a note is of no known kind");
    }
    checkLength(text.length);
    this.#tell(costOf(text.length));
    onNote(known, text);
  }

  /** What came before the end is still handed over. */
  #acceptEnd(): void {
    this.#isEnding = true;
    if (this.#waiting.length === 0) this.close();
  }

  /** Hands over what waits, as long as the receiver takes it. */
  #advance(): void {
    const onFrame = this.#onFrame;
    if (onFrame === undefined || this.#isHeld || this.#closed !== undefined) return;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#waitingCost -= next.cost;
      this.#tell(next.cost);
      let held: void | Promise<void>;
      try {
        held = onFrame(next.frame);
      } catch (error) {
        return this.close(error);
      }
      if (this.#closed !== undefined) return;
      if (held !== undefined) return void this.#wait(held);
    }
    if (this.#isEnding) this.close();
  }

  async #wait(held: Promise<void>): Promise<void> {
    this.#isHeld = true;
    try {
      await held;
      this.#isHeld = false;
      this.#advance();
    } catch (error) {
      this.close(error);
    }
  }

  /** Tells the other end what was taken, a quarter of the window at a time. */
  #tell(cost: number): void {
    this.#taken += cost;
    if (this.#taken < WINDOW / 4 || this.#closed !== undefined) return;
    this.#options.post(this.#taken);
    this.#taken = 0;
  }
}

function costOf(length: number): number {
  return length + MESSAGE_COST;
}

function checkLength(length: number): void {
  if (length > MAX_FRAME_BYTES) {
    throw new FrameError(`Cannot carry a message of ${length} bytes: the bound is ${MAX_FRAME_BYTES}`);
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length < 2) return parts[0] ?? NO_BYTES;
  const joined = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.byteLength;
  }
  return joined;
}
