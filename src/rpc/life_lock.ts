/**
 * A lock that lasts as long as the thread that holds it: Deno tells nobody when
 * a worker ends, but it lets go of the worker's locks.
 *
 * @module
 */

/** The part of the Web Locks API that this takes; Deno has it, its types do not. */
interface Locks {
  request(name: string, options: { signal?: AbortSignal }, whileHeld: () => unknown): Promise<unknown>;
}

/** Takes the lock, for good. */
export function holdForLife(name: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  getLocks().request(name, {}, () => {
    resolve();
    return new Promise(() => {});
  }).catch(reject);
  return promise;
}

/**
 * Waits until whoever holds the lock is gone.
 *
 * @throws The reason of the signal.
 */
export async function outlive(name: string, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
  await getLocks().request(name, { signal }, () => {});
}

function getLocks(): Locks {
  return (navigator as unknown as { locks: Locks }).locks;
}
