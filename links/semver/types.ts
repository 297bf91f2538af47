/** A parsed semantic version. */
export interface SemVer {
  /** The major version. */
  major: number;
  /** The minor version. */
  minor: number;
  /** The patch version. */
  patch: number;
  /** The identifiers after `-`; numeric ones are numbers. */
  prerelease?: (string | number)[];
  /** The identifiers after `+`. */
  build?: string[];
}

/** How a {@linkcode Comparator} compares; `undefined` means "is equal to". */
export type Operator = undefined | "=" | "!=" | ">" | ">=" | "<" | "<=";

/** A version with the operator that tests others against it. */
export interface Comparator extends SemVer {
  /** The operator. */
  operator?: Operator;
}

/** Sets of comparators: a version must pass all comparators of at least one set. */
export type Range = Comparator[][];
