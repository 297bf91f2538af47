/**
 * Waiting for something, but not forever.
 *
 * @module
 */

/** Whether a promise fulfils within `timeoutMs`. */
export async function settlesWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), timeoutMs);
  try {
    return await Promise.race([late.promise, promise.then(() => true)]);
  } finally {
    clearTimeout(timer);
  }
}
