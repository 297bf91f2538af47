/**
 * The host's end of a channel to a plugin that is replayed.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { Channel } from "../rpc/channel.ts";
import { decodeMessage } from "../rpc/message.ts";
import type { PeerOptions } from "../rpc/peer.ts";
import { nameStream, type Recording } from "./recording.ts";
import { Replayer, type ReplayOptions } from "./replayer.ts";
import type { ReplayReport } from "./replay_report.ts";
import type { Places } from "./steps.ts";

/** Number of the call that ends the plugin, which no recording has. */
const LAST_CALL = Number.MAX_SAFE_INTEGER;

/** What a replay over a channel needs. */
export interface ReplayPeerOptions extends ReplayOptions {
  /** Folders and variables of the replay. */
  readonly here: Places;
  /** Notifications that somebody listens to besides, and when the far end may be read on. */
  readonly listening?: Pick<PeerOptions, "notifications" | "hold">;
}

/** Replays a recording to whatever is at the other end of a channel. */
export class ReplayPeer {
  readonly #channel: Channel;
  readonly #replayer: Replayer;
  readonly #listening: Pick<PeerOptions, "notifications" | "hold">;
  /** Settles when the plugin has ended what it does; undefined as long as nobody asked. */
  #deactivated: PromiseWithResolvers<void> | undefined;

  /**
   * @param channel The channel; the peer closes it.
   * @param recording The recording.
   * @param options What is compared, and where.
   * @throws {CordonError} `invalid_input` for a rule that names nothing.
   */
  constructor(channel: Channel, recording: Recording, { listening = {}, ...options }: ReplayPeerOptions) {
    this.#channel = channel;
    this.#listening = listening;
    this.#replayer = new Replayer(recording, { ...options, send: (head, tail) => this.#send(head, tail) });
  }

  /** What the replay comes to. */
  get done(): Promise<ReplayReport> {
    return this.#replayer.done;
  }

  /** Serves until the channel ends; why it ended. */
  async run(): Promise<unknown> {
    const { notifications, hold } = this.#listening;
    const reason = await this.#channel.receive((frame) => {
      const message = decodeMessage(frame, nameStream);
      if ("id" in message && message.id === LAST_CALL && message.type !== "call") {
        this.#deactivated?.resolve();
      } else this.#replayer.receive(message, frame.head.length + frame.tail.byteLength);
      if (message.type === "notify") notifications?.get(message.method)?.(message.params);
      return hold?.();
    });
    this.#over(reason);
    return reason;
  }

  /** Makes a request that is part of every start or end; others were recorded, and are made in their turn. */
  call(method: string, params: readonly unknown[]): Promise<unknown> {
    // Checks that were made while it was recorded are made again in their turn, and nobody judges the answers.
    if (method === "health") return Promise.resolve("ok");
    if (method !== "deactivate") return this.#replayer.request(method, params);
    // What it still sends is no part of the recording.
    this.#replayer.end();
    if (this.#deactivated === undefined && !this.#channel.isClosed) {
      this.#deactivated = Promise.withResolvers();
      this.#send({ type: "call", id: LAST_CALL, method, params }, new Uint8Array(0));
    }
    return this.#deactivated?.promise ?? Promise.resolve();
  }

  /** Tells the plugin something that is no part of the recording. */
  notify(method: string, params: readonly unknown[]): void {
    this.#send({ type: "notify", method, params }, new Uint8Array(0));
  }

  /** What both ends speak was recorded, and so is what they say by it. */
  agree(): void {}

  /** What a recording streams is written down, and open nowhere. */
  readonly openStreams = 0;

  /** No call is made for another: what was called was recorded. */
  originOf(): undefined {
    return undefined;
  }

  /** Ends the connection. */
  close(reason?: unknown): void {
    this.#channel.close(reason);
    this.#over(reason);
  }

  #over(reason: unknown): void {
    this.#replayer.end();
    const error = new CordonError("channel_closed", "Cannot ask the plugin to end: it is gone", {
      cause: reason,
    });
    this.#deactivated?.promise.catch(() => {});
    this.#deactivated?.reject(error);
  }

  #send(head: unknown, tail: Uint8Array): number {
    if (this.#channel.isClosed) return 0;
    try {
      return this.#channel.post({
        head: JSON.stringify(head),
        attachments: tail.byteLength === 0 ? [] : [tail],
      });
    } catch {
      // A plugin that does not read has had its channel closed by that: run() ends the replay.
      return 0;
    }
  }
}
