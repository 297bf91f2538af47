/**
 * What a host is opened and called with.
 *
 * @module
 */

import type { Learning } from "./consent/learning.ts";
import type { Replaying } from "./recordings/replaying.ts";
import type { Policy } from "../permissions/policy.ts";
import type { SiteLimits } from "./limits/plugin_limits.ts";
import type { GrantMode } from "./consent/plugin_request.ts";

/** What a host is opened with. */
export interface HostOptions {
  /** Folders that are plugins or hold some. */
  readonly plugins: readonly string[];
  /** Folder for everything the host keeps; made if it is not there. */
  readonly data: string;
  /** Values of `${variables}` in manifests. @default {{}} */
  readonly vars?: Readonly<Record<string, string>>;
  /** Whose consent counts. @default {"stored"} */
  readonly grant?: GrantMode;
  /** What the site allows. @default {{}} */
  readonly policy?: Policy;
  /** Which plugin provides a capability to everybody who uses it, by the capability's name. @default {{}} */
  readonly providers?: Readonly<Record<string, string>>;
  /** Limits of plugins whose manifest names none. @default {{}} */
  readonly limits?: SiteLimits;
  /**
   * Opens the host for looking, not for running: a permission whose variable
   * has no value is left out instead of blocking its plugin, and where plugins
   * stand is not kept. @default {false}
   */
  readonly lookOnly?: boolean;
  /** @ignore For `cordon learn`: watches one plugin. */
  readonly learning?: Learning;
  /** @ignore For `cordon replay`: runs one plugin against a recording. */
  readonly replaying?: Replaying;
  /**
   * Whether the plugin folders are watched while the host runs: what comes, changes or goes there does so in
   * the host. @default {false}
   */
  readonly watch?: boolean;
  /** Plugins started at once. @default {twice the processors} */
  readonly concurrency?: number;
  /** Told of what does not fail anything but should be known. @default {nobody} */
  readonly onNotice?: (message: string) => void;
  /** Stops the host when it aborts. */
  readonly signal?: AbortSignal;
}

/** What accompanies a call from outside. */
export interface HostCallOptions {
  /** Milliseconds until the call fails; by default the plugin's `limits.call_timeout`. */
  readonly timeoutMs?: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
}
