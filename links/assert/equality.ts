import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { AssertionError, throwAssertion } from "./assertion_error.ts";
import { normalize } from "./normalize.ts";

/** Asserts that two values have the same structure. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (isEqual(actual, expected)) return;
  explain("Values are not equal", msg, () => deepStrictEqual(normalize(actual), normalize(expected)));
}

/** Asserts that two values differ in structure. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (isEqual(actual, expected)) throwAssertion(`Expected anything but ${Deno.inspect(expected)}`, msg);
}

/** Asserts that two values are the same by `Object.is`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  explain("Values are not the same", msg, () => strictEqual(actual, expected));
}

/** Returns whether two values have the same structure. */
export function isEqual(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(normalize(a), normalize(b));
}

/** Throws what `node:assert` shows of a difference. */
function explain(title: string, note: string | undefined, compare: () => void): never {
  let difference = "";
  try {
    compare();
  } catch (error) {
    if (error instanceof Error) difference = `\n${error.message}`;
  }
  throw new AssertionError(`${title}${note ? `: ${note}` : ""}${difference}`);
}
