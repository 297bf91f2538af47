/**
 * Plays the host's part of a recording to a plugin, and compares what the
 * plugin does with what it did. Each message is sent once everything that the
 * plugin had sent before it has come; what was asked at once is asked at once.
 *
 * @module
 */

import type { Message } from "../rpc/message.ts";
import { ExpectedMessages } from "./expected_messages.ts";
import { HostCalls } from "./host_calls.ts";
import { IgnoreRules } from "./ignore_rules.ts";
import { OwnRequests } from "./own_requests.ts";
import { PluginCalls } from "./plugin_calls.ts";
import type { Recording } from "./recording.ts";
import {
  describeMessage,
  differs,
  missing,
  type ReplayDifference,
  type ReplayReport,
  unexpected,
} from "./replay_report.ts";
import { ReplayedStreams } from "./replayed_streams.ts";
import { endsBusy, isPong, makeSteps, namesOf, type Places, type Step, UNCOMPARED } from "./steps.ts";

/** Longest wait for a message, unless the recording took longer. */
const TIMEOUT_MS = 10_000;

const NO_BYTES = new Uint8Array(0);

/** The number in the ping that asks whether the plugin has sent all it had to send. */
export const LAST_PING = -1;

/** What is compared, and how patiently. */
export interface ReplayOptions {
  /** What is not compared, as `log` or `result.value.took`; besides what the recording says. @default {[]} */
  readonly ignore?: readonly string[];
  /** Whether log records are compared. @default {false} */
  readonly logs?: boolean;
  /** Milliseconds to wait for a message, on top of what it took when it was recorded. @default {10_000} */
  readonly timeoutMs?: number;
}

/** Where a replay takes place. */
export interface ReplayStage extends ReplayOptions {
  /** Folders and variables of the replay. */
  readonly here: Places;
  /** Sends the plugin a frame; its length in bytes. */
  readonly send: (head: unknown, tail: Uint8Array) => number;
}

/** Replays one recording once. */
export class Replayer {
  readonly #stage: ReplayStage;
  readonly #rules: IgnoreRules;
  readonly #steps: readonly Step[];
  readonly #expected: ExpectedMessages;
  readonly #end: Recording["end"];
  readonly #own = new OwnRequests();
  readonly #calls = new PluginCalls();
  readonly #hostCalls = new HostCalls();
  readonly #streams: ReplayedStreams;
  readonly #done = Promise.withResolvers<ReplayReport>();
  #next = 0;
  #isOver = false;
  #counts = { matched: 0, ignored: 0, sent: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param recording The recording.
   * @param stage Where it is replayed.
   * @throws {CordonError} `invalid_input` for a rule that names nothing.
   */
  constructor(recording: Recording, stage: ReplayStage) {
    const { ignore = [], logs = false, here } = stage;
    this.#stage = stage;
    this.#rules = new IgnoreRules([
      ...UNCOMPARED,
      ...recording.head.ignore,
      ...ignore,
      ...(logs ? [] : ["log"]),
    ]);
    this.#steps = makeSteps(recording, { rules: this.#rules, here });
    this.#expected = new ExpectedMessages(this.#steps, this.#rules);
    this.#streams = new ReplayedStreams({
      steps: this.#steps,
      rules: this.#rules,
      expected: this.#expected,
      sendStep: ({ head, tail }) => this.#sendFrame(head, tail),
      send: (message) => void this.#sendFrame(message, NO_BYTES),
    });
    this.#end = recording.end;
  }

  /** What it comes to. */
  get done(): Promise<ReplayReport> {
    return this.#done.promise;
  }

  /**
   * Makes a request that only the place of the replay can make: it knows where the plugin is.
   *
   * @returns The plugin's answer.
   */
  request(method: string, params: readonly unknown[]): Promise<unknown> {
    const answer = this.#own.make(method, params);
    this.#advance();
    return answer;
  }

  /** Takes a message of the plugin; `size` is the length of its frame, in characters and bytes. */
  receive(message: Message, size: number): void {
    if (this.#isOver) return;
    if (isPong(message)) return this.#takePong(message);
    if (message.type === "result" || message.type === "error") this.#own.settle(message);
    const recorded = "stream" in message ? this.#streams.receive(message) : this.#calls.toRecorded(message);
    // A matter of timing, which lets something be sent or not.
    if (recorded === undefined) return this.#advance();
    const isIgnored = "stream" in recorded
      ? this.#streams.isIgnored(recorded)
      : this.#rules.coversMessage(namesOf(recorded, this.#hostCalls.asked)) ||
        this.#isUnrecordedAnswer(recorded);
    const match = isIgnored ? undefined : this.#expected.take(recorded);
    const subject = this.#describe(recorded);
    if (match?.type === "differs") {
      const { step, difference } = match;
      return this.#finish(differs(step, recorded, { subject, path: difference.path, values: difference }));
    }
    if (match?.type === "unexpected") {
      const step = this.#steps[Math.min(this.#next, this.#steps.length - 1)]!;
      return this.#finish(unexpected(recorded, step, subject));
    }
    const step = match?.step ?? this.#expected.takeAny(recorded);
    this.#counts[isIgnored ? "ignored" : "matched"]++;
    if (step !== undefined) {
      step.isDone = true;
      this.#streams.measure(message, size - step.size);
    }
    this.#streams.open(message, step);
    if (message.type === "call") this.#answer(message, step);
    this.#advance();
  }

  /** The plugin is gone. */
  end(): void {
    if (this.#isOver) return;
    const step = this.#steps.slice(this.#next).find(({ to, isDone, isIgnored }) =>
      to === "host" && !isDone && !isIgnored
    );
    if (step === undefined && this.#next === this.#steps.length && this.#end?.end === "exited") {
      return this.#finish();
    }
    const last = step ?? this.#steps.at(-1)!;
    const subject = step === undefined ? "its end" : this.#describe(last.message);
    this.#finish(
      step === undefined
        ? { type: "ended", line: last.line, atMs: last.at, subject, message: "the plugin has ended" }
        : missing(last, { subject, why: "for the plugin has ended", type: "ended" }),
    );
  }

  /** Gives a call of the plugin the answer it got then. */
  #answer(message: Message & { type: "call" }, step: Step | undefined): void {
    if (step === undefined) {
      const error = {
        name: "Error",
        message: `Cannot answer "${message.method}": it was not recorded so often`,
      };
      const answer: Message = { type: "error", id: message.id, error: { ...error, code: "not_recorded" } };
      return void this.#stage.send(answer, NO_BYTES);
    }
    const parked = this.#calls.begin((step.message as Message & { type: "call" }).id, message.id);
    if (parked !== undefined) this.#sendAnswer(parked);
  }

  /** Answers to what was not answered, or not any more, while it was recorded. */
  #isUnrecordedAnswer(message: Message): boolean {
    return this.#hostCalls.isAnswer(message) && !this.#expected.has(message);
  }

  /** Goes on as far as what has come allows. */
  #advance(): void {
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    for (; this.#next < this.#steps.length; this.#next++) {
      const step = this.#steps[this.#next]!;
      if (step.to === "plugin" ? !this.#trySend(step) : !step.isDone && !step.isIgnored) break;
    }
    const step = this.#steps[this.#next];
    if (step === undefined) return this.#askForLast();
    // Values that the plugin does not read cannot be sent on.
    if (step.to === "plugin" && step.message.type !== "chunk") return;
    if (step.to === "host") this.#streams.expect(step.message);
    const subject = step.to === "host" ? this.#describe(step.message) : "its reading of a stream";
    const tookMs = step.at - (this.#steps[this.#next - 1]?.at ?? 0);
    this.#wait(
      tookMs,
      () => missing(step, { subject, why: `not within ${this.#timeoutMs(tookMs)} ms`, type: "missing" }),
    );
  }

  /** Sends a step, unless that is not its time yet. */
  #trySend(step: Step): boolean {
    const { message } = step;
    if (message.type === "result" || message.type === "error") {
      if (this.#calls.isOpen(message.id)) this.#sendAnswer(step);
      // Its call may come later, or not at all: nobody waits for what is not compared.
      else this.#calls.park(message.id, step);
      return true;
    }
    if ("stream" in message) return this.#streams.send(step, message);
    const restMs = message.type === "cancel" ? this.#hostCalls.restMs(message, step.at) : 0;
    if (restMs > 0) {
      this.#timer = setTimeout(() => this.#advance(), restMs);
      return false;
    }
    let head = step.head;
    if (message.type === "call") {
      if (this.#own.isOurs(message.method)) {
        const made = this.#own.take(message);
        if (made === undefined) return false;
        head = made;
      }
      this.#hostCalls.begin(message, step.at);
    }
    this.#sendFrame(head, step.tail);
    this.#streams.begin(message);
    return true;
  }

  #sendAnswer({ head, tail, message }: Step): void {
    const id = this.#calls.end((message as Message & { type: "result" }).id);
    const renumber = (value: unknown) => ({ ...(value as Message), id });
    this.#sendFrame(Array.isArray(head) ? [renumber(head[0]), ...head.slice(1)] : renumber(head), tail);
    this.#streams.begin(message);
  }

  #sendFrame(head: unknown, tail: Uint8Array): number {
    this.#counts.sent++;
    return this.#stage.send(head, tail);
  }

  #describe(message: Message): string {
    return describeMessage(message, this.#hostCalls.asked);
  }

  /** Everything was sent and has come: what the plugin sends now, before it answers, was not recorded. */
  #askForLast(): void {
    if (this.#end?.end === "exited") {
      const last = this.#steps.at(-1)!;
      return this.#wait(0, () => ({
        type: "missing",
        line: last.line + 1,
        atMs: this.#end!.at,
        subject: "its end",
        message: "the plugin ended then, and runs on now",
      }));
    }
    // In the midst of something the recording does not say what would have come.
    if (this.#end?.end !== "asked" || endsBusy(this.#steps) || this.#streams.areOpen) return this.#finish();
    this.#wait(0, () => ({
      type: "missing",
      line: this.#steps.at(-1)!.line,
      atMs: this.#end!.at,
      subject: "a sign of life",
      message: "the plugin does not come to rest",
    }));
    this.#stage.send({ type: "notify", method: "ping", params: [LAST_PING] }, NO_BYTES);
  }

  #takePong(message: Message): void {
    const isLast = message.type === "notify" && message.params[0] === LAST_PING;
    if (isLast && this.#next === this.#steps.length) this.#finish();
  }

  #timeoutMs(tookMs: number): number {
    return Math.round((this.#stage.timeoutMs ?? TIMEOUT_MS) + Math.max(0, tookMs));
  }

  #wait(tookMs: number, explain: () => ReplayDifference): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#finish(explain()), this.#timeoutMs(tookMs));
  }

  #finish(difference?: ReplayDifference): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#own.close();
    this.#done.resolve({
      ok: difference === undefined,
      ...this.#counts,
      ...(difference === undefined ? {} : { difference }),
    });
  }
}
