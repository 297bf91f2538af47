import { AssertionError } from "./assertion_error.ts";

/** Asserts that the first value is greater. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) throwOrder(actual, ">", expected, msg);
}

/** Asserts that the first value is greater or equal. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) throwOrder(actual, ">=", expected, msg);
}

/** Asserts that the first value is less. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) throwOrder(actual, "<", expected, msg);
}

/** Asserts that the first value is less or equal. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual <= expected)) throwOrder(actual, "<=", expected, msg);
}

function throwOrder(actual: unknown, operator: string, expected: unknown, msg?: string): never {
  throw new AssertionError(msg ?? `Expected ${Deno.inspect(actual)} ${operator} ${Deno.inspect(expected)}`);
}
