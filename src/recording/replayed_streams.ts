/**
 * The streams of a replay, in both directions.
 *
 * @module
 */

import type { Message } from "../rpc/message.ts";
import type { ExpectedMessages } from "./expected_messages.ts";
import type { IgnoreRules } from "./ignore_rules.ts";
import { HostStreams } from "./host_streams.ts";
import { PluginStreams } from "./plugin_streams.ts";
import type { Step } from "./steps.ts";
import { StreamCourse, type StreamMessage } from "./stream_course.ts";

/** What the streams of a replay need. */
export interface ReplayedStreamsOptions {
  /** The recording. */
  readonly steps: readonly Step[];
  /** What is not compared. */
  readonly rules: IgnoreRules;
  /** What has not come of it. */
  readonly expected: Pick<ExpectedMessages, "has">;
  /** Sends a step; the length of its frame in bytes. */
  readonly sendStep: (step: Step) => number;
  /** Sends a message. */
  readonly send: (message: Message) => void;
}

/** Sends the host's part of streams, and knows the plugin's by their numbers then. */
export class ReplayedStreams {
  readonly #course: StreamCourse;
  readonly #expected: Pick<ExpectedMessages, "has">;
  readonly #ofHost: HostStreams;
  readonly #ofPlugin: PluginStreams;

  /** @param options What they need. */
  constructor({ steps, rules, expected, sendStep, send }: ReplayedStreamsOptions) {
    this.#course = StreamCourse.of(steps, rules);
    this.#expected = expected;
    this.#ofHost = new HostStreams(sendStep);
    this.#ofPlugin = new PluginStreams(send);
  }

  /** Whether some stream of the recording has no end in it. */
  get areOpen(): boolean {
    return this.#course.areOpen;
  }

  /** Whether a message of the plugin is passed over by rules. */
  isIgnored(recorded: StreamMessage): boolean {
    return this.#course.isIgnored("host", recorded);
  }

  /** A message was sent to the plugin: its streams are open. */
  begin(message: Message): void {
    this.#ofHost.open(message);
  }

  /** A message of the plugin has come for a recorded one, or for none: its streams are open. */
  open(message: Message, step: Step | undefined): void {
    this.#ofPlugin.open(message, step);
  }

  /** Does a step of the host that is about a stream; false if the plugin has to read first. */
  send(step: Step, message: StreamMessage): boolean {
    if (message.type === "chunk" || message.type === "end") return this.#ofHost.take(step, message);
    this.#ofPlugin.take(message);
    return true;
  }

  /**
   * Takes a message of the plugin about a stream.
   *
   * @returns The message with its number then; undefined for one that says only how fast somebody was.
   */
  receive(message: StreamMessage): StreamMessage | undefined {
    switch (message.type) {
      case "credit":
        this.#ofHost.grant(message.stream, message.bytes);
        return undefined;
      case "drop":
        this.#ofHost.drop(message.stream);
        // Then it may have got the end before it gave up.
        return this.#course.isEnded("plugin", message.stream) ? undefined : message;
      case "chunk":
      case "end": {
        const recorded = this.#ofPlugin.toRecorded(message);
        if (recorded === undefined || this.#expected.has(recorded)) return recorded;
        // One that went on when the recording ended, or was dropped, might have had more of them.
        return this.#course.isEnded("host", recorded.stream) ? recorded : undefined;
      }
      default:
        return message satisfies never;
    }
  }

  /** A message has come that is as long as this more than the recorded one. */
  measure(message: Message, growth: number): void {
    if (message.type === "chunk") this.#ofPlugin.measure(message.stream, growth);
  }

  /** A message is waited for. */
  expect(message: Message): void {
    if (message.type === "chunk" || message.type === "end") this.#ofPlugin.allow(message.stream);
  }
}
