/**
 * What V8 prints when a JavaScript heap is full.
 *
 * @module
 */

import type { SandboxExit } from "../../sandbox/sandbox.ts";

/** V8 ends its process by one of these then. */
const SIGNALS: ReadonlySet<string | undefined> = new Set(["SIGTRAP", "SIGABRT", "SIGILL"]);

/** Whether a line on stderr is V8's last. A plugin may print it too: then it says so of itself. */
export function isHeapExhaustion(line: string): boolean {
  return /heap out of memory|javascript out of memory|allocation failed|Last few GCs/i.test(line);
}

/** Whether an exit is the one that follows. */
export function endedByEngine({ signal, code }: SandboxExit): boolean {
  return SIGNALS.has(signal) || code === 133 || code === 134;
}
