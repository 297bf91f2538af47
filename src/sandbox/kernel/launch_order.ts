/**
 * What the host and the launcher tell each other: plain data between two
 * trusted sides.
 *
 * @module
 */

import type { CallGrants } from "./call_filter.ts";

/** What a path may be used for. */
export type PathUse = "read" | "write" | "execute";

/** A file, or a folder with everything beneath it, that a process may use. */
export interface PathRule {
  /** Absolute. */
  readonly path: string;
  /** What for. */
  readonly uses: readonly PathUse[];
}

/** A process to become, and what holds it. */
export interface LaunchOrder {
  /** Program and arguments. */
  readonly argv: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Working folder. */
  readonly cwd: string;
  /** Files and folders besides those that Deno itself needs. */
  readonly rules: readonly PathRule[];
  /** TCP ports that may be connected to. */
  readonly connectPorts: readonly number[];
  /** TCP ports that may be listened on. */
  readonly bindPorts: readonly number[];
  /** What it may ask of the kernel. */
  readonly calls: CallGrants;
  /** Whether names of hosts are looked up. */
  readonly resolvesNames: boolean;
  /** Bounds of the process. */
  readonly limits: {
    readonly descriptors: number;
    readonly fileBytes: number | undefined;
    readonly dataBytes: number | undefined;
  };
}

/** What the launcher says when it waits for its order. */
export const LAUNCHER_READY = "ready";

/** Exit code of a launcher that could not do what it was told. */
export const LAUNCH_FAILED = 126;
