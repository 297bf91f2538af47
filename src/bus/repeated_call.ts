/**
 * Calls of methods that their provider declares idempotent: one whose provider
 * ends meanwhile is made again, of whoever provides the capability then, as
 * long as its caller waits.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { CapabilityCallOptions, Provider } from "./provider.ts";

/** How often a call is made at most. */
export const MAX_ATTEMPTS = 3;

/** Longest time for another provider to appear, where the caller waits without a bound. */
const DEFAULT_WAIT_MS = 5_000;

/** One call, and where its providers come from. */
export interface RepeatedCall {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly options?: CapabilityCallOptions | undefined;
  /** Whoever provides the capability now. */
  readonly find: () => Provider | undefined;
  /** Has `onChange` told whenever that is somebody else. */
  readonly watch: (onChange: (provider: Provider | undefined) => void) => Disposable;
}

/**
 * Makes the call, and makes it again where the provider ended.
 *
 * @throws {CordonError} What the last attempt failed with.
 */
export async function callRepeatedly(first: Provider, call: RepeatedCall): Promise<unknown> {
  const { method, args, options = {} } = call;
  const { timeoutMs = Infinity } = options;
  const dueAt = performance.now() + timeoutMs;
  let provider = first;
  for (let attempt = 1;; attempt++) {
    try {
      return await provider.invoke(method, args, { ...options, timeoutMs: dueAt - performance.now() });
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !(error instanceof CordonError) || error.code !== "channel_closed") {
        throw error;
      }
      const waitMs = Math.min(dueAt - performance.now(), DEFAULT_WAIT_MS);
      const next = await waitForNext(provider, { ...call, waitMs });
      if (next === undefined || !next.methods.has(method)) throw error;
      provider = next;
    }
  }
}

/** Whoever provides the capability instead; undefined when nobody does in time, or nobody waits any more. */
async function waitForNext(
  gone: Provider,
  { find, watch, options, waitMs }: RepeatedCall & { readonly waitMs: number },
): Promise<Provider | undefined> {
  const now = find();
  // One that starts on demand starts again.
  if (now !== undefined && (now !== gone || now.isOnDemand)) return now;
  const { promise, resolve } = Promise.withResolvers<Provider | undefined>();
  using _watching = watch((provider) => {
    if (provider !== undefined && provider !== gone) resolve(provider);
  });
  const detach = options?.cancellation?.whenCancelled(() => resolve(undefined));
  const timer = setTimeout(() => resolve(undefined), Math.max(0, waitMs));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    detach?.();
  }
}
