/**
 * The streams of a recording, followed from message to message.
 *
 * @module
 */

import type { Message } from "../rpc/message.ts";
import type { IgnoreRules } from "./ignore_rules.ts";
import { listStreams } from "./recorded_stream.ts";

/** Who gets a message. */
type Receiver = "plugin" | "host";
/** A message about a stream. */
export type StreamMessage = Extract<Message, { stream: number }>;

interface Course {
  /** What rules may call the message that brought it. */
  readonly names: readonly string[];
  /** Whether it stands in a part of that message which is passed over. */
  readonly isIgnored: boolean;
  isEnded: boolean;
  isDropped: boolean;
}

/** What has become of each stream so far. */
export class StreamCourse {
  readonly #rules: Pick<IgnoreRules, "coversMessage" | "pathsOf">;
  /** By who gets their values, and their number. */
  readonly #streams = new Map<string, Course>();

  /** @param rules What is not compared. */
  constructor(rules: Pick<IgnoreRules, "coversMessage" | "pathsOf">) {
    this.#rules = rules;
  }

  /** Follows the streams of a whole recording. */
  static of(
    steps: readonly { to: Receiver; message: Message; names: readonly string[] }[],
    rules: Pick<IgnoreRules, "coversMessage" | "pathsOf">,
  ): StreamCourse {
    const course = new StreamCourse(rules);
    for (const { to, message, names } of steps) course.take(to, message, names);
    return course;
  }

  /** Whether one goes on. */
  get areOpen(): boolean {
    return this.#streams.values().some(({ isEnded, isDropped }) => !isEnded && !isDropped);
  }

  /** What rules may call a message about a stream: by its type, or as the message that brought the stream. */
  namesOf(to: Receiver, message: StreamMessage): string[] {
    return [message.type, ...this.#streams.get(keyOf(to, message))?.names ?? []];
  }

  /** Whether a message about a stream is passed over: by its names, or where the stream stood. */
  isIgnored(to: Receiver, message: StreamMessage): boolean {
    return this.#streams.get(keyOf(to, message))?.isIgnored === true ||
      this.#rules.coversMessage(this.namesOf(to, message));
  }

  /**
   * Whether a message says nothing but how fast one side was: what room its reader made, values that were on
   * their way when it gave up, and that it did so after the end.
   */
  isTiming(to: Receiver, message: StreamMessage): boolean {
    const course = this.#streams.get(keyOf(to, message));
    if (message.type === "credit") return true;
    return message.type === "drop" ? course?.isEnded === true : course?.isDropped === true;
  }

  /** Whether the values that somebody gets of a stream have come to an end. */
  isEnded(to: Receiver, stream: number): boolean {
    return this.#streams.get(`${to} ${stream}`)?.isEnded === true;
  }

  /** Goes on by a message. */
  take(to: Receiver, message: Message, names: readonly string[]): void {
    if (!("stream" in message)) {
      const isIgnored = this.#rules.pathsOf(names);
      for (const [way, id] of listStreams(message)) {
        const path: string[] = JSON.parse(way);
        this.#streams.set(`${to} ${id}`, {
          names,
          isIgnored: path.some((_key, at) => isIgnored(path.slice(0, at + 1))),
          isEnded: false,
          isDropped: false,
        });
      }
      return;
    }
    const course = this.#streams.get(keyOf(to, message));
    if (course === undefined) return;
    if (message.type === "end") course.isEnded = true;
    if (message.type === "drop") course.isDropped = true;
  }
}

/** What a reader says goes against the stream. */
function keyOf(to: Receiver, { type, stream }: StreamMessage): string {
  const isValue = type === "chunk" || type === "end";
  return `${isValue ? to : to === "host" ? "plugin" : "host"} ${stream}`;
}
