/**
 * Traces of a test: each call and event has one, nobody records it.
 *
 * @module
 */

import { normalizeTraceparent, TraceSource } from "../../internal/trace_context.ts";
import type { CallObserver, EventObserver, ObservedCall } from "../../lifecycle/telemetry/call_observer.ts";

const traces = new TraceSource();

/** Passes a trace on, or begins one. */
export const TEST_TELEMETRY: CallObserver & EventObserver = {
  begin: ({ trace }) => observe(trace),
  deliver: ({ trace }) => observe(trace),
  publish: ({ trace }) => continueTrace(trace),
};

function observe(trace: string | undefined): ObservedCall {
  return { trace: continueTrace(trace), beganAt: performance.now(), end() {} };
}

function continueTrace(trace: string | undefined): string {
  return (trace === undefined ? undefined : normalizeTraceparent(trace)) ?? traces.begin();
}
