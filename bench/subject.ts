/**
 * What is measured.
 *
 * @module
 */

import type { Contender } from "./measure.ts";

/** A subject: Cordon beside its floor and its peers. */
export interface Subject extends AsyncDisposable {
  /** Name of the row. */
  readonly name: string;
  /** Unit of the figures. */
  readonly unit: string;
  /** Whether a lower or a higher figure is better. */
  readonly better: "lower" | "higher";
  /** Bound on the ratio of Cordon to its floor: at most for lower, at least for higher. */
  readonly target: number;
  /** Bound on Cordon's own figure, beside the ratio: at most for lower, at least for higher. */
  readonly goal?: number;
  /** Rounds counted. */
  readonly rounds: number;
  /** Who takes turns: `cordon` and `floor`, and others beside them. */
  readonly contenders: { readonly cordon: Contender; readonly floor: Contender } & Record<string, Contender>;
}

/** Makes a subject ready. */
export type OpenSubject = () => Promise<Subject>;
