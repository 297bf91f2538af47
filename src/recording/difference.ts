/**
 * The first difference between two JSON-shaped values.
 *
 * @module
 */

import { RecordedStream } from "./recorded_stream.ts";

/** Where two values differ, and what stands there in each; undefined where there is nothing. */
export interface ValueDifference {
  /** Keys that lead there. */
  readonly path: readonly string[];
  /** What was recorded. */
  readonly expected: unknown;
  /** What came. */
  readonly actual: unknown;
}

/**
 * Finds the first difference, in the order of the keys as they were recorded.
 *
 * @param isIgnored Whether what stands at a path is passed over.
 */
export function findDifference(
  expected: unknown,
  actual: unknown,
  isIgnored: (path: readonly string[]) => boolean = () => false,
  path: readonly string[] = [],
): ValueDifference | undefined {
  if (Object.is(expected, actual) || isIgnored(path)) return undefined;
  if (!isContainer(expected) || !isContainer(actual) || Array.isArray(expected) !== Array.isArray(actual)) {
    return { path, expected, actual };
  }
  if (expected instanceof Uint8Array || actual instanceof Uint8Array) {
    return areSameBytes(expected, actual) ? undefined : { path, expected, actual };
  }
  // Which number it has is chance; what comes of it are messages of their own.
  if (expected instanceof RecordedStream || actual instanceof RecordedStream) {
    const areBoth = expected instanceof RecordedStream && actual instanceof RecordedStream;
    return areBoth ? undefined : { path, expected, actual };
  }
  // A set of keys that both have in any order: objects have none, and lists have theirs.
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const found = findDifference(ownValue(expected, key), ownValue(actual, key), isIgnored, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function areSameBytes(left: object, right: object): boolean {
  return left instanceof Uint8Array && right instanceof Uint8Array && left.length === right.length &&
    left.every((byte, index) => byte === right[index]);
}

/** Never what a prototype has. */
function ownValue(container: object, key: string): unknown {
  return Object.hasOwn(container, key) ? (container as Record<string, unknown>)[key] : undefined;
}
