/**
 * What a plugin goes back to, and that it has gone back: it runs from the copy
 * of a version then, while its own folder holds what was rejected.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { VersionRecord } from "../../store/version_records.ts";
import { type CatalogueEntry, type CatalogueOptions, readCatalogue } from "../catalogue.ts";
import type { FoundPlugin } from "../discovery.ts";
import type { VersionStore } from "./version_store.ts";

/** Shortest piece of a hash that names a version. */
const MIN_HASH = 6;

/** That a plugin runs an earlier version than its folder holds. */
export interface RolledBack {
  /** Its own folder. */
  readonly dir: string;
  /** The version that it was rolled back from. */
  readonly version: string;
  /** Why. */
  readonly reason: string;
  /** Since when, as an ISO 8601 date and time. */
  readonly since: string;
}

/** What a plugin can go back to. */
export interface RollbackTarget {
  /** The version, read from its copy. */
  readonly catalogue: CatalogueEntry;
  /** What is known of it. */
  readonly record: VersionRecord;
  /** The state that it had when another version took over. */
  readonly state: Uint8Array | undefined;
}

/** A plugin that is to go back. */
export interface Rollbackable {
  readonly id: string;
  readonly found: Pick<FoundPlugin, "content">;
}

/** What finding a target takes. */
export interface RollbackContext {
  readonly store: VersionStore;
  /** How plugin folders are read. */
  readonly reading: CatalogueOptions;
}

/** Versions that a plugin can go back to by itself, best first: those that ran last, without those that were rejected. */
export function listTargets({ id, found }: Rollbackable, records: readonly VersionRecord[]): VersionRecord[] {
  const earlier = records.filter(({ hash, verdict }) => hash !== found.content && verdict !== "rejected");
  const chosen = findSuccessor(found.content, records);
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
  entry: Rollbackable,
  context: RollbackContext,
  to?: string,
): Promise<RollbackTarget | undefined> {
  const records = context.store.records.list(entry.id);
  const named = to === undefined ? undefined : requireNamed(entry, records, to);
  for (const record of named === undefined ? listTargets(entry, records) : [named]) {
    const target = await readTarget(record, context);
    if (target !== undefined) return target;
  }
  if (named === undefined) return undefined;
  throw new CordonError(
    "not_found",
    `${subject(entry.id, named.version)}: its copy cannot be read any more`,
    {
      hint: `See what there is: cordon rollback ${entry.id} --list`,
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

function requireNamed(entry: Rollbackable, records: readonly VersionRecord[], to: string): VersionRecord {
  const { id, found } = entry;
  const isNamed = ({ version, hash }: VersionRecord) =>
    version === to || (to.length >= MIN_HASH && hash.startsWith(to));
  const named = records.filter(isNamed);
  const usable = listTargets(entry, named)[0];
  if (usable !== undefined) return usable;
  const hint = `See what there is: cordon rollback ${id} --list`;
  const rejected = named.find(({ hash, verdict }) => hash !== found.content && verdict === "rejected");
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

/** Says that a version was rejected, when and why. */
export function describeRejection({ version, kept, reason }: VersionRecord): string {
  return `${version} was rolled back from on ${kept.slice(0, 10)}: ${reason}`;
}

function subject(id: string, to: string): string {
  return `Cannot roll "${id}" back to ${to}`;
}
