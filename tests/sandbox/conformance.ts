/**
 * What every kind of sandbox has to do, as data: each case is run against each
 * kind, and where one cannot hold a case, the reason stands here. The table in
 * `docs/sandbox.md` is made of this list.
 *
 * @module
 */

import { CALLS } from "./conformance/calls.ts";
import { CONFINEMENT } from "./conformance/confinement.ts";
import { ENDINGS } from "./conformance/endings.ts";
import type { Lab, SandboxKind } from "./lab.ts";

/** One thing that a sandbox has to do. */
export interface ConformanceCase {
  /** What it does, as the end of "A sandbox …". */
  readonly name: string;
  /** Fails where the sandbox does not do it. */
  readonly run: (lab: Lab) => Promise<void>;
  /** Kinds that do not, and what holds there instead. */
  readonly differs?: Readonly<Partial<Record<SandboxKind, string>>>;
  /** Whether the difference is not tried, because it would end the tests or leave this machine. */
  readonly untried?: boolean;
}

/** The kinds of sandbox, in the order in which they are shown. */
export const SANDBOX_KINDS: readonly SandboxKind[] = ["os", "deno", "worker"];

/** Every case. */
export const CONFORMANCE: readonly ConformanceCase[] = [...CALLS, ...CONFINEMENT, ...ENDINGS];
