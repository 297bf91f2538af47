import { assert, assertEquals, AssertionError, assertIsError } from "@std/assert";
import type { ExpectedSpyCall, Spy } from "./spy_types.ts";

/** Asserts how often a spy was called. */
export function assertSpyCalls<Self, Args extends unknown[], Return>(
  spy: Spy<Self, Args, Return>,
  expectedCalls: number,
): void {
  assertEquals(spy.calls.length, expectedCalls, "number of calls");
}

/** Asserts what a call of a spy was. */
export function assertSpyCall<Self, Args extends unknown[], Return>(
  spy: Spy<Self, Args, Return>,
  callIndex: number,
  expected: ExpectedSpyCall<Self, Args, Return> = {},
): void {
  const call = spy.calls[callIndex];
  if (!call) throw new AssertionError(`Expected a call ${callIndex}, got ${spy.calls.length} calls`);
  if (expected.args) assertEquals<unknown[]>(call.args, expected.args, `arguments of call ${callIndex}`);
  if ("self" in expected) assertEquals(call.self, expected.self, `object of call ${callIndex}`);
  if ("returned" in expected) {
    if ("error" in expected) throw new TypeError("Cannot expect both a result and an error");
    assert(!call.error, `Expected call ${callIndex} to return, but it threw`);
    assertEquals(call.returned, expected.returned, `result of call ${callIndex}`);
  }
  if ("error" in expected) assertIsError(call.error, expected.error?.Class, expected.error?.msgIncludes);
}
