/**
 * What a plugin is expected to send, and the search for the recorded message
 * that one it sent stands for. Messages of one kind are told apart by what
 * they say, not by when they come: work that goes on at once ends in any order.
 *
 * @module
 */

import type { Message } from "../rpc/message.ts";
import { findDifference, type ValueDifference } from "./difference.ts";
import type { IgnoreRules } from "./ignore_rules.ts";
import type { Step } from "./steps.ts";

/** Recorded messages of one kind that are looked through for one that came. */
const MAX_LOOKAHEAD = 256;

/** What came of a message. */
export type Match =
  | { readonly type: "found"; readonly step: Step }
  /** None says the same; `step` is the one that is most like it. */
  | { readonly type: "differs"; readonly step: Step; readonly difference: ValueDifference }
  | { readonly type: "unexpected" };

/** The recorded messages of the plugin that have not come yet. */
export class ExpectedMessages {
  readonly #rules: IgnoreRules;
  readonly #byKind = new Map<string, Step[]>();

  /**
   * @param steps All steps; those to the host are expected.
   * @param rules What is not compared.
   */
  constructor(steps: readonly Step[], rules: IgnoreRules) {
    this.#rules = rules;
    for (const step of steps) {
      if (step.to !== "host") continue;
      const kind = kindOf(step.message);
      const same = this.#byKind.get(kind);
      if (same === undefined) this.#byKind.set(kind, [step]);
      else same.push(step);
    }
  }

  /** Whether a message of this kind is expected still. */
  has(message: Message): boolean {
    return (this.#byKind.get(kindOf(message))?.length ?? 0) > 0;
  }

  /** Takes a message that came, whatever it says: that of its kind which is expected first. */
  takeAny(message: Message): Step | undefined {
    return this.#byKind.get(kindOf(message))?.shift();
  }

  /** Takes a message that came for one that says the same. */
  take(message: Message): Match {
    const steps = this.#byKind.get(kindOf(message)) ?? [];
    const subject = subjectOf(message);
    let nearest: (Match & { type: "differs" }) | undefined;
    let likeness = -1;
    // Values of one stream have their order.
    const length = message.type === "chunk" || message.type === "end" ? 1 : MAX_LOOKAHEAD;
    for (const [index, step] of steps.slice(0, length).entries()) {
      if (subjectOf(step.message) !== subject) continue;
      const difference = compare(step, message, this.#rules);
      if (difference === undefined) {
        steps.splice(index, 1);
        return { type: "found", step };
      }
      const same = likenessOf(step.message, message);
      if (same > likeness) [nearest, likeness] = [{ type: "differs", step, difference }, same];
    }
    return nearest ?? { type: "unexpected" };
  }
}

/** Messages of one kind may stand for each other: answers to one call, requests for one method. */
function kindOf(message: Message): string {
  switch (message.type) {
    case "call":
    case "notify":
      return `${message.type} ${message.method}`;
    case "result":
    case "error":
      return `answer ${message.id}`;
    case "cancel":
      return `cancel ${message.id}`;
    case "chunk":
    case "end":
      return `values ${message.stream}`;
    case "credit":
    case "drop":
      return `${message.type} ${message.stream}`;
    default:
      return message satisfies never;
  }
}

/** What a request is about: a topic, a capability and its method. What is about something else is something else. */
function subjectOf(message: Message): string {
  if (message.type !== "call" && message.type !== "notify") return "";
  const [first, second] = message.params;
  const words = message.method === "call" ? [first, second] : typeof first === "string" ? [first] : [];
  return JSON.stringify(words);
}

function compare(step: Step, message: Message, rules: IgnoreRules): ValueDifference | undefined {
  const [expected, actual] = [contentOf(step.message), contentOf(message)];
  // A value and an error have no parts in common.
  if (step.message.type !== message.type) return { path: [], expected, actual };
  return findDifference(expected, actual, rules.pathsOf(step.names));
}

/** What a message says, without what differs in every run: numbers of calls and streams, deadlines, stacks. */
export function contentOf(message: Message): unknown {
  switch (message.type) {
    case "call":
    case "notify":
      return { params: message.params };
    case "result":
      return { value: message.value };
    case "error":
      return { error: withoutStack(message.error, 0) };
    case "chunk":
      return { value: message.value };
    case "end":
      return message.error === undefined ? {} : { error: withoutStack(message.error, 0) };
    case "cancel":
    case "credit":
    case "drop":
      return {};
    default:
      return message satisfies never;
  }
}

function withoutStack(
  { stack: _stack, cause, ...error }: { stack?: unknown; cause?: unknown },
  depth: number,
): unknown {
  const isDeeper = typeof cause === "object" && cause !== null && depth < 8;
  return isDeeper ? { ...error, cause: withoutStack(cause, depth + 1) } : error;
}

/** How many of the leading parameters are the same. */
function likenessOf(expected: Message, actual: Message): number {
  if (!("params" in expected) || !("params" in actual)) return 0;
  const { params } = actual;
  const at = expected.params.findIndex((value, index) => findDifference(value, params[index]) !== undefined);
  return at < 0 ? expected.params.length : at;
}
