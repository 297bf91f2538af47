/**
 * A provider of a capability, and how it is called.
 *
 * @module
 */

import type { Cancellation } from "../rpc/cancellation.ts";
import type { Offer } from "../solver/offers.ts";

/** What accompanies a call of a capability's method. */
export interface CapabilityCallOptions {
  /** Id of the plugin that calls. */
  readonly caller?: string;
  /** Milliseconds until it fails. */
  readonly timeoutMs?: number | undefined;
  /** Cancels it. */
  readonly cancellation?: Cancellation;
  /** The call that it is made for, of whoever carries calls. */
  readonly parent?: unknown;
}

/** Calls a method of one plugin. */
export type Invoke = (
  method: string,
  args: readonly unknown[],
  options?: CapabilityCallOptions,
) => Promise<unknown>;

/** A provider of a capability: the plugin's id, and the version of the capability. */
export interface Provider extends Offer {
  /** Methods of the capability. */
  readonly methods: ReadonlySet<string>;
  /** Those of them that may be called again where it is not known whether they were carried out. */
  readonly idempotent?: ReadonlySet<string>;
  /** Calls one of them. */
  readonly invoke: Invoke;
  /** Why its contract does not fit what a plugin was written against; undefined where it does. */
  readonly isIncompatible?: (consumer: string) => string | undefined;
  /** Whether it has yet to start: each call that finds it so starts it, and goes on there. @default {false} */
  readonly isOnDemand?: boolean;
  /** Whether it could not go on the last time: any other that fits is taken before it. @default {false} */
  readonly hasFailed?: boolean;
}
