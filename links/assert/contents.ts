import { assertEquals, isEqual } from "./equality.ts";
import { throwAssertion } from "./assertion_error.ts";

/** An array, a typed array and the like, but no string. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/** Asserts that a string matches a pattern. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) throwAssertion(`Expected "${actual}" to match ${expected}`, msg);
}

/** Asserts that a string does not match a pattern. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) throwAssertion(`Expected "${actual}" not to match ${expected}`, msg);
}

/** Asserts that a string contains another. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) throwAssertion(`Expected "${actual}" to contain "${expected}"`, msg);
}

/** Asserts that an array contains all items of another. */
export function assertArrayIncludes<T>(
  actual: ArrayLikeArg<T>,
  expected: ArrayLikeArg<T>,
  msg?: string,
): void {
  const items = Array.from(actual);
  const missing = Array.from(expected).filter((wanted) => !items.some((item) => isEqual(item, wanted)));
  if (missing.length > 0) {
    throwAssertion(`Expected ${Deno.inspect(actual)} to include ${Deno.inspect(missing)}`, msg);
  }
}

/** Asserts that an object has at least the properties of another. */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  assertEquals(pick(actual, expected), pick(expected, expected), msg);
}

/** Returns the part of a value that another mentions. */
function pick(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.slice(0, expected.length).map((item, index) => pick(item, expected[index]));
  }
  if (!isRecord(actual) || !isRecord(expected)) return actual;
  const keys = Reflect.ownKeys(expected).filter((key) => Object.hasOwn(actual, key));
  return Object.fromEntries(keys.map((key) => [key, pick(actual[key], expected[key])]));
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null &&
    !(value instanceof RegExp || value instanceof Date || value instanceof Map || value instanceof Set);
}
