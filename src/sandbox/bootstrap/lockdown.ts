/**
 * What is taken out of the realm before plugin code runs. Permissions do the
 * real work; this closes what Deno does not put under a permission.
 *
 * @module
 */

type Constructor = abstract new (...args: never[]) => unknown;

/** Storage shared between programs (its classes, too: they can be forged), and prompts that nobody sees. */
const REMOVED_GLOBALS = [
  "BroadcastChannel",
  "Cache",
  "CacheStorage",
  "Worker",
  "alert",
  "caches",
  "confirm",
  "localStorage",
  "prompt",
  "sessionStorage",
];

/**
 * Locks the realm down. A worker's static imports are exempt from permission
 * checks, so no worker of either kind can be made.
 *
 * @param options `mayWrite`: whether the plugin may write anywhere.
 * @throws {Error} If something that has to go stays: the plugin then never runs.
 */
export async function lockDown({ mayWrite }: { readonly mayWrite: boolean }): Promise<void> {
  const realm = globalThis as unknown as Record<string, unknown>;
  const runtime = Deno as unknown as Record<PropertyKey, unknown>;

  delete runtime[runtime.internal as symbol];

  disableConstruction(realm.Worker as Constructor, "a Worker");
  // Its Node layer makes the same kind of worker by a way of its own.
  const { default: threads } = await import("node:worker_threads");
  disableConstruction(threads.Worker as unknown as Constructor, "a worker thread");

  // It makes links out of a folder that may be written to, and Deno follows them. Loading it
  // takes a quarter of a start, so only where there is such a folder.
  if (mayWrite) removeMethods((await import("node:wasi")).WASI);

  for (const name of REMOVED_GLOBALS) {
    delete realm[name];
    if (name in realm) throw new Error(`Cannot start: "${name}" cannot be removed`);
  }
  delete Object.getPrototypeOf(navigator).gpu;

  Object.defineProperty(runtime, "args", { value: Object.freeze([]) });
}

/** Leaves instances of a class, however they came about, with nothing they can do. */
export function removeMethods({ prototype }: Constructor): void {
  for (const key of Reflect.ownKeys(prototype as object)) {
    delete (prototype as Record<PropertyKey, unknown>)[key];
  }
}

/** Makes `new` fail on the class itself: hiding its names would leave it reachable through instances. */
function disableConstruction(target: Constructor, what: string): void {
  const NativeError = Error;
  const refuse = function () {
    throw new NativeError(`Cannot make ${what}: plugins have none`);
  };
  // A derived class calls its prototype as super(); frozen, it cannot be put back.
  Object.setPrototypeOf(target, refuse);
  Object.freeze(target.prototype);
  Object.freeze(target);
}
