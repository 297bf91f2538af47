/**
 * Single keys that people press on a terminal.
 *
 * @module
 */

/** Hears each key until it is disposed of; Ctrl-C stays a signal. Nothing is heard without a terminal. */
export function listenForKeys(onKey: (key: string) => void): Disposable {
  if (!Deno.stdin.isTerminal()) return { [Symbol.dispose]() {} };
  Deno.stdin.setRaw(true, { cbreak: true });
  const reader = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).getReader();
  void (async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      for (const key of next.value) onKey(key);
    }
  })();
  return {
    [Symbol.dispose]() {
      Deno.stdin.setRaw(false);
      void reader.cancel();
    },
  };
}
