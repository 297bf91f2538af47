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
 * checks, so no web worker can be made.
 *
 * @param removals Classes of Node to take apart: `threads`, since they make the
 * same kind of worker, and `wasi`, which makes links out of a folder that may be
 * written to, and Deno follows them. Where the kernel confines, neither leads
 * anywhere, and loading Node's layer is spared.
 * @throws {Error} If something that has to go stays: the plugin then never runs.
 */
export async function lockDown(removals: readonly string[]): Promise<void> {
  const realm = globalThis as unknown as Record<string, unknown>;
  const runtime = Deno as unknown as Record<PropertyKey, unknown>;

  delete runtime[runtime.internal as symbol];

  disableConstruction(realm.Worker as Constructor, "a Worker");
  if (removals.includes("threads")) {
    const { default: threads } = await import("node:worker_threads");
    disableConstruction(threads.Worker as unknown as Constructor, "a worker thread");
  }
  if (removals.includes("wasi")) removeMethods((await import("node:wasi")).WASI);

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
