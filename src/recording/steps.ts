/**
 * A recording as a list of things to send and to wait for.
 *
 * @module
 */

import type { Message } from "../rpc/message.ts";
import type { IgnoreRules } from "./ignore_rules.ts";
import { messageOf, type Recording } from "./recording.ts";
import { StreamCourse } from "./stream_course.ts";
import { createReplacer, mapTexts } from "./text_values.ts";

/** The name of a check of the plugin's health, which is none of its methods. */
const HEALTH_CHECK = "health()";

/**
 * What no replay compares: names of exports and methods, since a new one changes nothing for those who do not know it
 * and a missing one is called; and what the plugin says of its health, which is about that moment.
 */
export const UNCOMPARED: readonly string[] = ["load.value", "activate.value", HEALTH_CHECK];

/** One frame of a recording, and what became of it. */
export interface Step {
  /** Milliseconds since the recording began. */
  readonly at: number;
  /** Who got it. */
  readonly to: "plugin" | "host";
  /** Its line in the file. */
  readonly line: number;
  /** What it says, with the folders of the replay. */
  readonly message: Message;
  /** Its head, with the folders of the replay. */
  readonly head: unknown;
  /** Its raw bytes. */
  readonly tail: Uint8Array;
  /** Length of its frame as it was recorded, in characters and bytes. */
  readonly size: number;
  /** By how much the folders of the replay make its frame longer. */
  readonly growth: number;
  /** What rules may call it. */
  readonly names: readonly string[];
  /** Whether it is neither compared nor waited for. */
  readonly isIgnored: boolean;
  /** Whether the plugin has sent it. */
  isDone: boolean;
}

/** The folders and variables of a plugin: where they are matters to no comparison. */
export interface Places {
  /** Its folders, by name. */
  readonly places: Readonly<Record<string, string>>;
  /** Values of variables. */
  readonly vars: Readonly<Record<string, string>>;
}

/**
 * Makes the steps of a recording.
 *
 * @param here The folders and variables of the replay; recorded ones become these wherever they stand.
 */
export function makeSteps(
  { head, frames }: Recording,
  { rules, here }: { readonly rules: IgnoreRules; readonly here: Places },
): Step[] {
  const replace = createReplacer(findMoves(head, here), { isPath: true });
  const asked = new Map<number, string>();
  const streams = new StreamCourse(rules);
  return frames.map(({ at, to, line, head, tail, message: recorded }) => {
    const moved = Array.isArray(head)
      ? [mapTexts(head[0], replace), ...head.slice(1)]
      : mapTexts(head, replace);
    const [then, now] = [JSON.stringify(head), JSON.stringify(moved)];
    const message = messageOf(now, tail);
    if (to === "plugin" && message.type === "call") asked.set(message.id, askedMethod(message));
    const names = "stream" in recorded ? streams.namesOf(to, recorded) : namesOf(recorded, asked);
    const isIgnored = "stream" in message
      ? streams.isTiming(to, message) || streams.isIgnored(to, message)
      : isPong(message) || rules.coversMessage(names);
    streams.take(to, message, names);
    return {
      at,
      to,
      line,
      message,
      head: moved,
      tail,
      size: then.length + tail.byteLength,
      growth: now.length - then.length,
      names,
      isIgnored: to === "host" && isIgnored,
      isDone: false,
    };
  });
}

/** What the plugin is asked by a call of the host: one of its methods, or what every plugin is asked. */
export function askedMethod({ method, params }: Message & { type: "call" }): string {
  if (method === "health") return HEALTH_CHECK;
  return method === "invoke" && typeof params[0] === "string" ? params[0] : method;
}

/** What rules may call a message; `asked` has what the plugin was asked, by the id of the call. */
export function namesOf(
  message: Exclude<Message, { stream: number }>,
  asked: ReadonlyMap<number, string>,
): string[] {
  switch (message.type) {
    case "call":
    case "notify":
      return [message.method];
    case "result":
    case "error": {
      const method = asked.get(message.id);
      return [message.type, ...(method === undefined ? [] : [method])];
    }
    case "cancel":
      return [message.type];
    default:
      return message satisfies never;
  }
}

/** Answers to signs of life. */
export function isPong(message: Message): boolean {
  return message.type === "notify" && message.method === "pong";
}

/** Whether something was going on when the recording ended: a call has no answer. */
export function endsBusy(steps: readonly Pick<Step, "to" | "message">[]): boolean {
  const open = new Set<string>();
  for (const { to, message } of steps) {
    if (message.type === "call") open.add(`${to} ${message.id}`);
    // An answer goes the other way.
    else if ("id" in message) open.delete(`${to === "host" ? "plugin" : "host"} ${message.id}`);
  }
  return open.size > 0;
}

/** Paths of the recording that are others here. */
export function findMoves(there: Places, here: Places): Map<string, string> {
  const moves = new Map<string, string>();
  for (const part of ["vars", "places"] as const) {
    for (const [name, from] of Object.entries(there[part])) {
      const to = Object.hasOwn(here[part], name) ? here[part][name] : undefined;
      const isPath = /^(\/|[A-Za-z]:[\\/])./.test(from);
      if (to !== undefined && isPath && to !== from) moves.set(from, to);
    }
  }
  return moves;
}
