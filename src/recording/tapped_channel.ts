/**
 * A channel whose frames are seen on the way, both ways, as they travel.
 *
 * @module
 */

import { type ByteStream, FrameChannel } from "../rpc/channel.ts";
import { type Frame, PREFIX_BYTES } from "../rpc/frame.ts";

/** Who listens. */
export interface Tap {
  /** Whether it still does. */
  readonly isOpen: boolean;
  /** Takes a frame: who gets it, the text of its head, its raw bytes. It must not throw. */
  take(to: "plugin" | "host", head: string, tail: readonly Uint8Array[]): void;
}

const decoder = new TextDecoder();

/** The host's end of a channel that is listened to. */
export class TappedChannel extends FrameChannel {
  readonly #tap: Tap;

  /**
   * @param stream The byte stream; the channel closes it.
   * @param tap Told of each frame that was sent or has arrived.
   */
  constructor(stream: ByteStream, tap: Tap) {
    super(stream);
    this.#tap = tap;
  }

  override send(chunks: readonly Uint8Array[]): void {
    super.send(chunks);
    if (!this.#tap.isOpen) return;
    this.#tap.take("plugin", decoder.decode(chunks[0]!.subarray(PREFIX_BYTES)), chunks.slice(1));
  }

  override receive(onFrame: (frame: Frame) => void | Promise<void>): Promise<unknown> {
    return super.receive((frame) => {
      if (this.#tap.isOpen) {
        this.#tap.take("host", frame.head, frame.tail.byteLength === 0 ? [] : [frame.tail]);
      }
      return onFrame(frame);
    });
  }
}
