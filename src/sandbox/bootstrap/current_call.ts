/**
 * `ctx.currentCall`: the call that the code which asks is answering. It is
 * kept by Deno's own asynchronous context, taken before the realm is locked
 * down: across promises and timers, and without loading Node's layer.
 *
 * @module
 */

import type { CallContext } from "../../rpc/incoming_call.ts";
import type { CurrentCall } from "../../sdk/current_call.ts";

/** The part of Deno's core that is used. */
interface AsyncCore {
  readonly AsyncVariable: new () => {
    /** Sets the value; gives what restores the one before. */
    enter(value: unknown): unknown;
    get(): unknown;
  };
  setAsyncContext(context: unknown): void;
}

const internal = (Deno as unknown as Record<symbol, { readonly core: AsyncCore }>)[
  (Deno as unknown as { readonly internal: symbol }).internal
]!;
const { AsyncVariable, setAsyncContext } = internal.core;
const now = performance.now.bind(performance);

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

/** Knows which call is being answered. */
export class CurrentCalls {
  readonly #variable = new AsyncVariable();

  /** The call that is being answered where this is asked. */
  get current(): AnsweredCall | undefined {
    return this.#variable.get() as AnsweredCall | undefined;
  }

  /** Answers a call: what `answer` does, now and later, is done for it. */
  run(context: CallContext, params: readonly unknown[], answer: () => unknown): unknown {
    const before = this.#variable.enter(new AnsweredCall(context, params));
    try {
      return answer();
    } finally {
      setAsyncContext(before);
    }
  }
}
