/**
 * What a plugin goes back to when it does not stay with the version it runs.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { VersionRecord } from "../../store/version_records.ts";
import type { CatalogueEntry } from "../catalogue_entry.ts";
import { type CatalogueOptions, readCatalogue } from "../catalogue.ts";
import type { FoundPlugin } from "../discovery.ts";
import { describeRejection } from "./rolled_back.ts";
import type { VersionStore } from "./version_store.ts";

/** Shortest piece of a hash that names a version. */
const MIN_HASH = 6;

/** What a plugin can go back to. */
export interface RollbackTarget {
  /** The version, read from its copy. */
  readonly catalogue: CatalogueEntry;
  /** What is known of it. */
  readonly record: VersionRecord;
  /** The state that it had when another version took over. */
  readonly state: Uint8Array | undefined;
}

/** The version that a plugin is to go back from. */
export type Left = Pick<FoundPlugin, "id" | "content">;

/** What finding a target takes. */
export interface RollbackContext {
  readonly store: VersionStore;
  /** How plugin folders are read. */
  readonly reading: CatalogueOptions;
}

/** Versions that a plugin can go back to by itself, best first: those that ran last, without those that were rejected. */
export function listTargets({ content }: Left, records: readonly VersionRecord[]): VersionRecord[] {
  const earlier = records.filter(({ hash, verdict }) => hash !== content && verdict !== "rejected");
  const chosen = findSuccessor(content, records);
  return earlier.toSorted((a, b) => Number(b.hash === chosen) - Number(a.hash === chosen));
}

/**
 * Finds what a plugin goes back to; a copy that is not what it was is passed over.
 *
 * @param to Version or beginning of a hash; by default the one that ran last.
 * @returns Undefined where there is none.
 * @throws {CordonError} `not_found` or `rejected` where what was named cannot be had.
 */
export async function findTarget(
  left: Left,
  context: RollbackContext,
  to?: string,
): Promise<RollbackTarget | undefined> {
  const records = context.store.records.list(left.id);
  const named = to === undefined ? undefined : requireNamed(left, records, to);
  for (const record of named === undefined ? listTargets(left, records) : [named]) {
    const target = await readTarget(record, context);
    if (target !== undefined) return target;
  }
  if (named === undefined) return undefined;
  throw new CordonError(
    "not_found",
    `${subject(left.id, named.version)}: its copy cannot be read any more`,
    {
      hint: `See what there is: cordon rollback ${left.id} --list`,
    },
  );
}

/** Reads a version from its copy. */
async function readTarget(
  record: VersionRecord,
  { store, reading }: RollbackContext,
): Promise<RollbackTarget | undefined> {
  const { id, hash } = record;
  const dir = await store.find(id, hash);
  if (dir === undefined) return undefined;
  const [catalogue] = await readCatalogue([dir], reading);
  if (catalogue?.found.content !== hash || catalogue.found.manifest?.id !== id) return undefined;
  return { catalogue, record, state: store.records.state(id, hash) };
}

function requireNamed(left: Left, records: readonly VersionRecord[], to: string): VersionRecord {
  const { id, content } = left;
  const isNamed = ({ version, hash }: VersionRecord) =>
    version === to || (to.length >= MIN_HASH && hash.startsWith(to));
  const named = records.filter(isNamed);
  const usable = listTargets(left, named)[0];
  if (usable !== undefined) return usable;
  const hint = `See what there is: cordon rollback ${id} --list`;
  const rejected = named.find(({ hash, verdict }) => hash !== content && verdict === "rejected");
  if (rejected !== undefined) {
    throw new CordonError("rejected", `${subject(id, to)}: ${describeRejection(rejected)}`, { hint });
  }
  throw new CordonError(
    "not_found",
    `${subject(id, to)}: ${named.length > 0 ? "it is the version that there is" : "no such version is kept"}`,
    { hint },
  );
}

/** Which version took the place of a rejected one, or of what took its place and was rejected then. */
function findSuccessor(content: string | undefined, records: readonly VersionRecord[]): string | undefined {
  const rejected = new Map(
    records.filter(({ verdict }) => verdict === "rejected").map((record) => [record.hash, record.successor]),
  );
  let hash = content;
  // No longer than there are records: they could name each other in a circle.
  for (let steps = rejected.size; steps > 0 && hash !== undefined && rejected.has(hash); steps--) {
    hash = rejected.get(hash);
  }
  return hash;
}

function subject(id: string, to: string): string {
  return `Cannot roll "${id}" back to ${to}`;
}
