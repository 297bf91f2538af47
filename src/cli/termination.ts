/**
 * Being told to end by the system, as by `kill` or a service manager.
 *
 * @module
 */

/** A signal that aborts when the process is told to end. */
export function listenForTermination(): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const onTerminate = () => controller.abort();
  // Windows has no such signal.
  const isPossible = Deno.build.os !== "windows";
  if (isPossible) Deno.addSignalListener("SIGTERM", onTerminate);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      if (isPossible) Deno.removeSignalListener("SIGTERM", onTerminate);
    },
  };
}
