/**
 * comlink over a Deno Worker: the same jobs without a process between.
 *
 * @module
 */

import { wrap } from "comlink";

/** What the Worker offers. */
interface Echo {
  answer<Value>(value: Value): Value;
}

/** A Worker that echoes. */
export class ComlinkPeer implements Disposable {
  readonly #worker = new Worker(new URL("comlink_echo.ts", import.meta.url), { type: "module" });
  readonly #remote = wrap<Echo>(this.#worker as never);

  /** Calls the Worker. */
  call(value: unknown): Promise<unknown> {
    return (this.#remote as unknown as { answer(value: unknown): Promise<unknown> }).answer(value);
  }

  /** Ends the Worker. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
