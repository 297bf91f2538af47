/**
 * Stands in for jsr:@std/assert, over node:assert/strict.
 *
 * @module
 */

export { AssertionError } from "./assertion_error.ts";
export {
  assert,
  assertExists,
  assertFalse,
  assertInstanceOf,
  fail,
  type Falsy,
  unreachable,
} from "./basic.ts";
export { assertGreater, assertGreaterOrEqual, assertLess, assertLessOrEqual } from "./order.ts";
export { assertEquals, assertNotEquals, assertStrictEquals } from "./equality.ts";
export {
  assertArrayIncludes,
  assertMatch,
  assertNotMatch,
  assertObjectMatch,
  assertStringIncludes,
} from "./contents.ts";
export { assertIsError, assertRejects, assertThrows } from "./errors.ts";
export type { ArrayLikeArg } from "./contents.ts";
