// @ts-types="@types/semver"
import semver from "semver";
import type { SemVer } from "./types.ts";

/** Parses a version, or throws a `TypeError`. */
export function parse(value: string): SemVer {
  const { major, minor, patch, prerelease, build } = new semver.SemVer(value);
  return { major, minor, patch, prerelease: [...prerelease], build: [...build] };
}

/** Parses a version, or returns `undefined`. */
export function tryParse(value: string): SemVer | undefined {
  try {
    return parse(value);
  } catch {
    return undefined; // Whatever is wrong with it, it is no version.
  }
}

/** Formats a version as `major.minor.patch-prerelease+build`. */
export function format(version: SemVer): string {
  const { major, minor, patch, prerelease = [], build = [] } = version;
  const release = prerelease.length > 0 ? `-${prerelease.join(".")}` : "";
  return `${major}.${minor}.${patch}${release}${build.length > 0 ? `+${build.join(".")}` : ""}`;
}

/** Orders two versions by precedence; build metadata does not count. */
export function compare(version1: SemVer, version2: SemVer): 1 | 0 | -1 {
  const difference = version1.major - version2.major || version1.minor - version2.minor ||
    version1.patch - version2.patch;
  if (difference !== 0) return difference > 0 ? 1 : -1;
  return comparePrerelease(version1.prerelease ?? [], version2.prerelease ?? []);
}

/** Returns whether two versions have the same precedence. */
export function equals(version1: SemVer, version2: SemVer): boolean {
  return compare(version1, version2) === 0;
}

/** Returns whether the first version comes after the second. */
export function greaterThan(version1: SemVer, version2: SemVer): boolean {
  return compare(version1, version2) > 0;
}

/** Returns whether the first version does not come before the second. */
export function greaterOrEqual(version1: SemVer, version2: SemVer): boolean {
  return compare(version1, version2) >= 0;
}

/** Returns whether the first version comes before the second. */
export function lessThan(version1: SemVer, version2: SemVer): boolean {
  return compare(version1, version2) < 0;
}

/** Returns whether the first version does not come after the second. */
export function lessOrEqual(version1: SemVer, version2: SemVer): boolean {
  return compare(version1, version2) <= 0;
}

function comparePrerelease(a: (string | number)[], b: (string | number)[]): 1 | 0 | -1 {
  // A release comes after its prereleases.
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 0 : a.length === 0 ? 1 : -1;
  for (const [index, identifier] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = semver.compareIdentifiers(`${identifier}`, `${other}`);
    if (order !== 0) return order;
  }
  return a.length < b.length ? -1 : 0;
}
