/**
 * The tiers of processes that this machine has.
 *
 * @module
 */

import { probeKernel } from "../../src/sandbox/kernel_support.ts";

const { obstacle } = probeKernel();

/** Each tier, and why it cannot be tried here. */
export const TIERS: readonly { readonly tier: "os" | "deno"; readonly obstacle: string | undefined }[] = [
  { tier: "os", obstacle },
  { tier: "deno", obstacle: undefined },
];
