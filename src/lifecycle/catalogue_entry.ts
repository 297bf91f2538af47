/**
 * A plugin's folder, as it was read.
 *
 * @module
 */

import type { CheckReport } from "../installer/prepare.ts";
import type { FoundPlugin } from "./discovery.ts";

/** A plugin's folder, read. */
export interface CatalogueEntry {
  /** Its manifest, or what is wrong with it. */
  readonly found: FoundPlugin;
  /** What checking its files and imports found; undefined where the manifest cannot be used. */
  readonly report: CheckReport | undefined;
  /** The files it was read from; undefined where they cannot be read. */
  readonly files: FileHashes | undefined;
}

/** The files of a folder as they were read. */
export interface FileHashes {
  /** Of each what tells that it was written again. */
  readonly stamps: ReadonlyMap<string, string>;
  /** Of each the hash of its content. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Of modules that were read again, what of their text has a part in what they import. */
  readonly sketches?: ReadonlyMap<string, string>;
}
