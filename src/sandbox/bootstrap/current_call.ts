/**
 * `ctx.currentCall`: the call that the code which asks is answering. It is
 * kept by Deno's own asynchronous context, taken before the realm is locked
 * down: across promises and timers, and without loading Node's layer.
 *
 * @module
 */

import type { CallContext } from "../../rpc/incoming_call.ts";
import type { CurrentCall } from "../../sdk/current_call.ts";

/** What code carries along across promises and timers. */
type AsyncContext = Readonly<Record<PropertyKey, unknown>> | null | undefined;

/** The part of Deno's core that is used. */
interface AsyncCore {
  getAsyncContext(): AsyncContext;
  setAsyncContext(context: AsyncContext): void;
}

const { internal } = Deno as unknown as { readonly internal: symbol };
const { getAsyncContext, setAsyncContext } =
  (Deno as unknown as Record<symbol, { readonly core: AsyncCore }>)[internal]!.core;
const now = performance.now.bind(performance);

/** Our place in the context; Deno copies it along with its own when it puts something else in. */
const CALL = Symbol("call");

/** One call, as the plugin sees it. */
class AnsweredCall implements CurrentCall {
  readonly #context: CallContext;
  readonly #dueAt: number;
  readonly caller: string;
  readonly capability: string | undefined;
  readonly method: string;

  constructor(context: CallContext, [method, , caller, capability]: readonly unknown[]) {
    this.#context = context;
    this.#dueAt = now() + (context.timeoutMs ?? Infinity);
    this.method = method as string;
    this.caller = caller as string;
    this.capability = capability as string | undefined ?? undefined;
  }

  get id(): number {
    return this.#context.id;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get remainingMs(): number {
    return Math.max(0, this.#dueAt - now());
  }

  get traceparent(): string | undefined {
    return this.#context.trace;
  }
}

/** The call that is being answered where this is asked. */
export function currentCall(): AnsweredCall | undefined {
  const answered = getAsyncContext()?.[CALL];
  return answered instanceof AnsweredCall ? answered : undefined;
}

/** Id of the host's request, a call or an event, for which the code that asks runs. */
export function currentRequest(): number | undefined {
  return (getAsyncContext()?.[CALL] as { readonly id: number } | undefined)?.id;
}

/** Answers a call: what `answer` does, now and later, is done for it. */
export function answerCall(context: CallContext, params: readonly unknown[], answer: () => unknown): unknown {
  return answerWithin(new AnsweredCall(context, params), answer);
}

/** Takes an event: what `take` does, now and later, is done for it. */
export function takeEvent<Result>(context: CallContext, take: () => Result): Result {
  return answerWithin(context, take);
}

function answerWithin<Result>(request: { readonly id: number }, answer: () => Result): Result {
  const before = getAsyncContext();
  // Not by Deno's own variables: each value costs them an entry in a weak map.
  setAsyncContext({ ...before, [CALL]: request });
  try {
    return answer();
  } finally {
    setAsyncContext(before);
  }
}
