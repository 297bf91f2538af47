/**
 * Answers that people type on a terminal, line by line.
 *
 * @module
 */

import type { Output } from "./output.ts";

/** Asks a question; undefined when nobody answers any more. */
export type Ask = (question: string) => Promise<string | undefined>;

/** Reads answers from the terminal until it is disposed of. */
export function readAnswers(
  output: Pick<Output, "raw">,
  signal: AbortSignal,
): { ask: Ask } & AsyncDisposable {
  const reader = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  const ask: Ask = async (question) => {
    signal.throwIfAborted();
    output.raw(question);
    // What was typed before the question is no answer to it.
    pending = "";
    while (!pending.includes("\n")) {
      const { value, done } = await untilAborted(reader.read(), signal);
      if (done) return undefined;
      pending += value;
    }
    return pending.slice(0, pending.indexOf("\n")).trim();
  };
  return { ask, [Symbol.asyncDispose]: () => reader.cancel() };
}

async function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
