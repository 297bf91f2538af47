/**
 * Stands in for jsr:@std/semver, over npm:semver.
 *
 * @module
 */

export type { Comparator, Operator, Range, SemVer } from "./types.ts";
export {
  compare,
  equals,
  format,
  greaterOrEqual,
  greaterThan,
  lessOrEqual,
  lessThan,
  parse,
  tryParse,
} from "./version.ts";
export { formatRange, maxSatisfying, parseRange, satisfies, tryParseRange } from "./range.ts";
