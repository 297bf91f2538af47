/**
 * Says on a terminal that something takes time, and clears that away.
 *
 * @module
 */

import type { Output } from "./output.ts";

/** What takes less needs no word. */
const PATIENCE_MS = 1_000;
const DRAW_MS = 250;

/** Waits for something; what takes more than a second is shown with the time it takes. */
export async function waitVisibly<Result>(
  promise: Promise<Result>,
  { output, text }: { readonly output: Pick<Output, "isTerminal" | "raw" | "style">; readonly text: string },
): Promise<Result> {
  if (!output.isTerminal) return await promise;
  const startedAt = Date.now();
  let isDrawn = false;
  const timer = setInterval(() => {
    const tookMs = Date.now() - startedAt;
    if (tookMs < PATIENCE_MS) return;
    isDrawn = true;
    output.raw(`\r${output.style("dim", `${text} … ${Math.floor(tookMs / 1_000)} s`)}\x1b[K`);
  }, DRAW_MS);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
    if (isDrawn) output.raw("\r\x1b[K");
  }
}
