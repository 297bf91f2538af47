/**
 * How one limit of a plugin stands.
 *
 * @module
 */

import type { Enforcement } from "../../sandbox/limits/enforcement.ts";
import type { LimitUnit } from "../../sandbox/limits/limit.ts";

/** How one limit stands. */
export interface LimitState extends Enforcement {
  /** What is used, where it is known. */
  readonly used?: number;
  /** What may be used. */
  readonly allowed: number;
  /** In what both are counted. */
  readonly unit: LimitUnit;
}
