/**
 * A call into a plugin, as the calls hang on it that the plugin makes to
 * answer it: none of them outlives its deadline or its cancellation, and a
 * chain of them has an end.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { CancellationSource } from "../rpc/cancellation.ts";

/** Calls that may hang on each other. */
export const MAX_CALL_DEPTH = 16;

/** One call of a chain. */
export class CallLink extends CancellationSource {
  /** Calls before it, itself included. */
  readonly depth: number;
  /** When nobody waits for it any more, on the clock of `performance.now()`. */
  readonly dueAt: number;
  /** W3C `traceparent` that the callee sees. */
  readonly trace: string | undefined;
  readonly #parent: CallLink | undefined;
  readonly #callee: object;

  /**
   * @param parent The call that it is made for.
   * @param timeoutMs Milliseconds that its caller waits.
   * @param call Who is called, what that sees, and when it began.
   */
  constructor(
    parent: CallLink | undefined,
    timeoutMs: number,
    { callee, trace, beganAt = performance.now() }: {
      readonly callee: object;
      readonly trace: string | undefined;
      readonly beganAt?: number;
    },
  ) {
    super();
    this.#parent = parent;
    this.#callee = callee;
    this.depth = (parent?.depth ?? 0) + 1;
    this.dueAt = beganAt + timeoutMs;
    this.trace = trace;
  }

  /** Whether somebody answers it, or one that it is made for. */
  isAnsweredBy(callee: object): boolean {
    return this.#callee === callee || (this.#parent?.isAnsweredBy(callee) ?? false);
  }

  /**
   * Milliseconds that a call made for this one may take.
   *
   * @throws {CordonError} `call_too_deep`, `deadline_exceeded`.
   */
  remaining(method: string): number {
    if (this.depth >= MAX_CALL_DEPTH) {
      throw new CordonError(
        "call_too_deep",
        `Cannot call "${method}": ${MAX_CALL_DEPTH} calls wait for each other already`,
        { hint: "Look for plugins that call each other in a circle" },
      );
    }
    const remainingMs = this.dueAt - performance.now();
    if (remainingMs > 0) return remainingMs;
    throw new CordonError(
      "deadline_exceeded",
      `Cannot call "${method}": nobody waits for the answer any more`,
    );
  }
}
