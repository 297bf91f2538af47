/**
 * `cordon call TARGET METHOD [JSON...]`: call a method, starting what it needs.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import { openControl } from "../host_access.ts";
import type { CommandContext } from "../options.ts";

/** Calls a method and prints its result. */
export async function call(
  context: CommandContext,
  target = "",
  method = "",
  ...words: string[]
): Promise<number> {
  const { output, options, signal } = context;
  const args = words.map(parseArgument);
  await using host = await openControl(context);
  const result = await host.call(target, method, args, {
    signal,
    ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout as number }),
  });
  for (const { state, message, hint } of host.isRemote ? [] : await host.list()) {
    // What did not start may be why the result is poorer than it could be.
    if (state === "blocked" || state === "failed") {
      output.notice(`note: ${message}${hint ? ` (${hint})` : ""}`);
    }
  }
  if (result instanceof ReadableStream) {
    await printItems(result, context);
    return 0;
  }
  if (output.json) output.value({ result: result ?? null });
  else output.value(result ?? null);
  return 0;
}

/** Prints what comes, as it comes. */
async function printItems(items: ReadableStream, { output, signal }: CommandContext): Promise<void> {
  const reader = items.getReader();
  const stop = () => void reader.cancel(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    output.value(output.json ? { item: read.value } : read.value);
  }
  signal.throwIfAborted();
}

function parseArgument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CordonError("invalid_input", `Cannot read the argument ${text}: it is not JSON`, {
      hint: `Quote text for JSON and for the shell, as '"${text.replaceAll(/["'\\]/g, "")}"'`,
      cause,
    });
  }
}
