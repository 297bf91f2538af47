// @ts-types="@types/semver"
import semver from "semver";
import type { Comparator, Range, SemVer } from "./types.ts";
import { compare, format, greaterThan } from "./version.ts";

/** Parses a range, or throws a `TypeError`. */
export function parseRange(value: string): Range {
  return value.replaceAll(/([<>=~^])\s+/g, "$1").split(/\s*\|\|\s*/)
    .map((set) => /\s-\s/.test(set) ? parseSet(set) : set.split(/\s+/).flatMap(parseSet));
}

/** Parses a range, or returns `undefined`. */
export function tryParseRange(value: string): Range | undefined {
  try {
    return parseRange(value);
  } catch {
    return undefined; // Whatever is wrong with it, it is no range.
  }
}

/** Formats a range so that {@linkcode parseRange} reads it back. */
export function formatRange(range: Range): string {
  return range.map((set) => set.map(formatComparator).join(" ")).join("||");
}

/** Returns whether a range allows a version; prereleases need a comparator that names their release. */
export function satisfies(version: SemVer, range: Range): boolean {
  return range.some((set) =>
    set.every((comparator) => matches(version, comparator)) &&
    (!version.prerelease?.length || set.some((comparator) => namesRelease(comparator, version)))
  );
}

/** Returns the highest of the versions that a range allows. */
export function maxSatisfying(versions: SemVer[], range: Range): SemVer | undefined {
  let highest: SemVer | undefined;
  for (const version of versions) {
    if (satisfies(version, range) && !(highest && greaterThan(highest, version))) highest = version;
  }
  return highest;
}

function parseSet(text: string): Comparator[] {
  const [set = []] = new semver.Range(text).set;
  return set.map((comparator) => toComparator(comparator, text));
}

function toComparator({ operator, semver: version }: semver.Comparator, text: string): Comparator {
  // npm:semver has a symbol for "any version", and no operator for "=".
  if (typeof version === "symbol") {
    return { operator: undefined, major: NaN, minor: NaN, patch: NaN, prerelease: [], build: [] };
  }
  const { major, minor, patch, prerelease, build } = version;
  // npm:semver ends desugared ranges at "<2.0.0-0", std at "<2.0.0".
  const isUpperBound = operator === "<" && prerelease.length === 1 && prerelease[0] === 0 &&
    !/^<.*-0$/.test(text);
  return {
    operator: operator || (text.startsWith("=") ? "=" : undefined),
    major,
    minor,
    patch,
    prerelease: isUpperBound ? [] : [...prerelease],
    build: [...build],
  };
}

function isWildcard(comparator: Comparator): boolean {
  return Number.isNaN(comparator.major);
}

function formatComparator(comparator: Comparator): string {
  return `${comparator.operator ?? ""}${isWildcard(comparator) ? "*" : format(comparator)}`;
}

function matches(version: SemVer, comparator: Comparator): boolean {
  if (isWildcard(comparator)) return true;
  const order = compare(version, comparator);
  switch (comparator.operator) {
    case undefined:
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
  }
}

function namesRelease(comparator: Comparator, version: SemVer): boolean {
  return !!comparator.prerelease?.length && comparator.major === version.major &&
    comparator.minor === version.minor && comparator.patch === version.patch;
}
