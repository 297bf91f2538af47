/**
 * Which versions a host begins with: what the folders hold, but where that was
 * rolled back from, the copy of what took its place.
 *
 * @module
 */

import type { CatalogueEntry } from "../catalogue_entry.ts";
import type { ChosenVersion } from "./rolled_back.ts";
import { findTarget, type RollbackContext } from "./rollback.ts";

/** Puts copies in place of folders whose files were rejected; one without a usable copy stays, and is blocked. */
export async function chooseStartingVersions(
  entries: readonly CatalogueEntry[],
  context: RollbackContext,
): Promise<ChosenVersion[]> {
  return await Promise.all(entries.map(async (entry) => {
    const { id, content, manifest } = entry.found;
    const isUsable = content !== undefined && manifest !== undefined;
    const rejection = !isUsable ? undefined : context.store.findRejection(id, content);
    if (rejection === undefined) return entry;
    const target = await findTarget(entry.found, context);
    if (target === undefined) return entry;
    const { version, reason = "", kept: since } = rejection;
    return { ...target.catalogue, rolledBack: { own: entry, version, reason, since } };
  }));
}
