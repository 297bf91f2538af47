/**
 * What accompanies a call into a plugin.
 *
 * @module
 */

import type { PeerCallOptions } from "../rpc/outgoing_calls.ts";
import type { CallLink } from "./call_link.ts";

/** What accompanies a call into a plugin. */
export interface InvokeOptions
  extends Pick<PeerCallOptions, "cancellation" | "signal" | "timeoutMs" | "trace"> {
  /** Id of the plugin that calls. @default {the host itself} */
  readonly caller?: string | undefined;
  /** Capability that it calls by. @default {none: the plugin is called by its id} */
  readonly capability?: string;
  /** The call that this one is made for. */
  readonly parent?: CallLink | undefined;
}
