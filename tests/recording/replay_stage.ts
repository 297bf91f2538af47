/**
 * A replay whose plugin is a test.
 *
 * @module
 */

import type { Message } from "../../src/rpc/message.ts";
import { LAST_PING, Replayer, type ReplayOptions } from "../../src/recording/replayer.ts";
import type { ReplayReport } from "../../src/recording/replay_report.ts";
import type { Recording } from "../../src/recording/recording.ts";
import type { Line } from "./make_recording.ts";

/** How every recording begins. */
export const START: readonly Line[] = [
  [">", { type: "call", id: 0, method: "load", params: [{ entry: "file:///then/code/main.ts" }] }],
  [">", { type: "call", id: 1, method: "activate", params: [{ id: "test.plain", data: "/then/data" }] }],
  ["<", { type: "result", id: 0, value: { exports: [] } }],
  ["<", { type: "result", id: 1, value: { methods: ["query"] } }],
];
/** The host calls a method of the plugin. */
export const invoke = (id: number, ...args: unknown[]): Line => [
  ">",
  { type: "call", id, method: "invoke", params: ["query", args] },
];
/** An answer. */
export const result = (id: number, value: unknown): Message => ({ type: "result", id, value });
/** The plugin publishes something. */
export const publish = (id: number, topic: string, value: unknown): Message => ({
  type: "call",
  id,
  method: "publish",
  params: [topic, value],
});

/** A replay. */
export interface Stage {
  readonly replayer: Replayer;
  /** What was sent to the plugin since this was asked last. */
  readonly sent: () => Message[];
  /** The plugin sends something. */
  readonly say: (...messages: Message[]) => void;
  readonly report: () => Promise<ReplayReport>;
}

/** A replay whose plugin has been started, and answered as it did then. */
export function startReplay(recording: Recording, options: ReplayOptions = {}): Stage {
  let sent: Message[] = [];
  const replayer = new Replayer(recording, {
    ...options,
    here: { vars: {}, places: { code: "/now/code", data: "/now/data" } },
    send: (head) => (sent.push(head as Message), JSON.stringify(head).length),
  });
  const take = () => {
    const taken = sent;
    sent = [];
    return taken;
  };
  const say = (...messages: Message[]) =>
    messages.forEach((message) => replayer.receive(message, JSON.stringify(message).length));
  for (const method of ["load", "activate"]) replayer.request(method, [{}]).catch(() => {});
  take();
  // What is new there is no difference.
  say(result(0, { exports: [["health", "function"]] }), result(1, { methods: ["query", "more"] }));
  return {
    replayer,
    sent: take,
    say,
    report: () => {
      // The plugin is still there, and has nothing more to say.
      say({ type: "notify", method: "pong", params: [LAST_PING] });
      return replayer.done;
    },
  };
}
