/**
 * A channel whose messages are seen on the way, both ways, as they travel.
 *
 * @module
 */

import type { Channel, OnFrame } from "../rpc/channel.ts";
import type { RenderedMessage } from "../rpc/message.ts";

/** Who listens. */
export interface Tap {
  /** Whether it still does. */
  readonly isOpen: boolean;
  /** Takes a message: who gets it, its text, its raw bytes. It must not throw. */
  take(to: "plugin" | "host", head: string, tail: readonly Uint8Array[]): void;
}

/** The host's end of a channel that is listened to. */
export class TappedChannel implements Channel {
  readonly #channel: Channel;
  readonly #tap: Tap;

  /**
   * @param channel The channel itself.
   * @param tap Told of each message that was sent or has arrived.
   */
  constructor(channel: Channel, tap: Tap) {
    this.#channel = channel;
    this.#tap = tap;
  }

  /** Whether it has ended. */
  get isClosed(): boolean {
    return this.#channel.isClosed;
  }

  /** Settles when more may be sent. */
  get drained(): Promise<void> | undefined {
    return this.#channel.drained;
  }

  /** Sends a message. */
  post(message: RenderedMessage, check?: (bytes: number) => void): number {
    const length = this.#channel.post(message, check);
    if (this.#tap.isOpen) this.#tap.take("plugin", message.head, message.attachments);
    return length;
  }

  /** Hands each frame over. */
  receive(onFrame: OnFrame): Promise<unknown> {
    return this.#channel.receive((frame) => {
      if (this.#tap.isOpen) {
        this.#tap.take("host", frame.head, frame.tail.byteLength === 0 ? [] : [frame.tail]);
      }
      return onFrame(frame);
    });
  }

  /** Ends it. */
  close(reason?: unknown): void {
    this.#channel.close(reason);
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.close();
  }
}
