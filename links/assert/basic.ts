import { AssertionError, throwAssertion } from "./assertion_error.ts";

/** What {@linkcode assertFalse} lets through. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** Asserts that a value is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Asserts that a value is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}

/** Asserts that a value is neither `null` nor `undefined`. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) throwAssertion(`Expected a value, got ${actual}`, msg);
}

/** Asserts that a value is an instance of a class. */
export function assertInstanceOf<
  // deno-lint-ignore no-explicit-any
  T extends abstract new (...args: any[]) => any,
>(actual: unknown, expectedType: T, msg = ""): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  throwAssertion(`Expected an instance of ${expectedType.name}, got ${Deno.inspect(actual)}`, msg);
}

/** Fails always. */
export function fail(msg?: string): never {
  throwAssertion("Failed assertion", msg);
}

/** Fails where no path should lead. */
export function unreachable(msg?: string): never {
  throwAssertion("Unreachable", msg);
}
