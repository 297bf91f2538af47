/**
 * What a method can learn about the call that it answers.
 *
 * @module
 */

/** The call that is being answered. */
export interface CurrentCall {
  /** Id of the plugin that calls, or `host`: the host says so, not the caller. */
  readonly caller: string;
  /** Capability by which it calls; undefined when it calls the plugin by its id. */
  readonly capability: string | undefined;
  /** Name of the method. */
  readonly method: string;
  /** Aborts when the caller gives up or its time is over; calls made meanwhile are cancelled by the host. */
  readonly signal: AbortSignal;
  /** Milliseconds until the caller stops waiting, at least 0; `Infinity` if it waits without end. */
  readonly remainingMs: number;
  /** W3C `traceparent`, to be passed on to services outside; undefined where calls are not traced. */
  readonly traceparent: string | undefined;
}
