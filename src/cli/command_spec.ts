/**
 * One command of the command line, as data.
 *
 * @module
 */

import type { CommandContext } from "./options.ts";

/** Runs a command and returns its exit code. */
export type Run = (context: CommandContext, ...args: string[]) => Promise<number>;

/** One command: its words, and where its code is. */
export interface CommandSpec {
  /** Its name and arguments. */
  readonly usage: string;
  /** What it does, as one sentence. */
  readonly description: string;
  /** Its own options; `collect`: whether one may be given again. */
  readonly options?: readonly (readonly [flags: string, description: string, collect?: boolean])[];
  /** A line that shows it. */
  readonly example?: string;
  /** Whether it has nothing to do with a site, and so does not read its file. */
  readonly isAside?: boolean;
  /** Loads its code. */
  readonly load: () => Promise<Run>;
}
