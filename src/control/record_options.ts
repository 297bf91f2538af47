/**
 * What a client may say of a recording.
 *
 * @module
 */

import { isAbsolute } from "node:path";
import { CordonError } from "../errors.ts";
import type { RecordedCall, RecordOptions } from "../lifecycle/recordings/recordings.ts";

/**
 * Reads what a client sent.
 *
 * @throws {CordonError} `invalid_input`.
 */
export function readRecordOptions(value: unknown): RecordOptions {
  const { file, forMs, maxAnswers, maxBytes, calls = [] } = (value ?? {}) as Record<string, unknown>;
  if (typeof file !== "string" || !isAbsolute(file)) throw refusal("its file is no absolute path");
  if (!Array.isArray(calls) || !calls.every(isCall)) throw refusal("its calls are no list of calls");
  return {
    file,
    calls,
    forMs: readNumber(forMs),
    maxAnswers: readNumber(maxAnswers),
    maxBytes: readNumber(maxBytes),
  };
}

function readNumber(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && value > 0) return value;
  throw refusal("a bound is no number above 0");
}

function isCall(value: unknown): value is RecordedCall {
  const { method, args } = (value ?? {}) as Record<string, unknown>;
  return typeof method === "string" && Array.isArray(args);
}

function refusal(state: string): CordonError {
  return new CordonError("invalid_input", `Cannot record: ${state}`);
}
