/**
 * `cordon record ID`: write down what a plugin and its host send each other.
 *
 * @module
 */

import { resolve } from "node:path";
import type { HostControl } from "../../control/control.ts";
import { CordonError, errorMessage } from "../../errors.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import { parseSize } from "../../internal/units.ts";
import type { RecordingSummary } from "../../lifecycle/recordings/recordings.ts";
import { isServing } from "../../lifecycle/state.ts";
import { parseCalls, tryParseDuration } from "../call_options.ts";
import { openControl } from "../host_access.ts";
import type { CommandContext } from "../options.ts";
import type { Output } from "../output.ts";
import { listenForTermination } from "../termination.ts";

/** Records a plugin from its next start on. */
export async function record(context: CommandContext, id = ""): Promise<number> {
  const { output, options } = context;
  const bounds = {
    forMs: tryParseDuration(options.for, "--for 30s"),
    maxAnswers: readCount(options.count),
    maxBytes: readSize(options.maxSize as string | undefined),
    calls: parseCalls(options.call),
  };
  using termination = listenForTermination();
  const signal = AbortSignal.any([context.signal, termination.signal]);
  // A signal ends the recording, and what was recorded is told before the host stops.
  await using host = await openControl(context, { signal: undefined });
  await tell(host, { id, output, isBounded: Object.values(bounds).some(isGiven) });
  context.signal.throwIfAborted();
  const file = resolve((options.out as string | undefined) ?? `${id}.recording.jsonl`);
  const summary = await host.record(id, { ...bounds, file, signal });
  output.document(summary);
  report(summary, output);
  return summary.end === "failed" ? 1 : 0;
}

async function tell(
  host: HostControl,
  { id, output, isBounded }: { id: string; output: Output; isBounded: boolean },
): Promise<void> {
  const { pid, state } = await host.info(id);
  if (pid !== undefined || isServing(state)) {
    output.notice(`"${id}" is started again, with those that need it: a recording begins with a start`);
  }
  output.notice(`Recording "${id}"${isBounded ? "" : "; Ctrl-C ends that"}`);
}

function report(
  { id, file, messages, bytes, end, failure, failures }: RecordingSummary,
  output: Output,
): void {
  for (const text of failures) output.line(`${output.style("yellow", "!")} ${sanitizeText(text)}`);
  if (end === "size") output.notice("It is as long as it may be (--max-size): what came after is not in it");
  if (end === "exited") output.notice(`"${id}" ended`);
  if (failure !== undefined) output.notice(`The rest could not be written: ${failure}`);
  output.line(
    `Recorded ${messages} messages of ${id} (${Math.ceil(bytes / 1024)} KiB) into ${sanitizeText(file)}`,
  );
}

function isGiven(bound: unknown): boolean {
  return Array.isArray(bound) ? bound.length > 0 : bound !== undefined;
}

function readCount(option: unknown): number | undefined {
  if (option === undefined) return undefined;
  if (Number.isSafeInteger(option) && (option as number) > 0) return option as number;
  throw new CordonError("usage", `Cannot read --count "${option}": expected a whole number above 0`);
}

function readSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return parseSize(text);
  } catch (cause) {
    throw new CordonError("usage", errorMessage(cause), { hint: "For example --max-size 64MiB", cause });
  }
}
