/**
 * Has a plugin go back to an earlier version, from its copy.
 *
 * @module
 */

import type { Conductor } from "../lifecycle/conductor.ts";
import type { PluginEntry } from "../lifecycle/plugin_table.ts";
import type { Registry } from "../lifecycle/registry.ts";
import { makeDraft } from "../lifecycle/draft.ts";
import { type Draft, isAlive, type Takeover } from "../lifecycle/takeover.ts";
import { ownVersion } from "../lifecycle/versions/rolled_back.ts";
import { decodeState } from "./state_snapshot.ts";
import type { VersionKeeper } from "../lifecycle/versions/version_keeper.ts";

/** What a plugin goes back to, and why. */
export interface RollbackOrder {
  /** Hash of the version that is to be left: another one has nothing to do with it. @default {any} */
  readonly from?: string;
  /** Version or beginning of a hash. @default {the version that ran last without being rejected} */
  readonly to?: string;
  /** Why, as a piece of a sentence. @default {the administrator asked for it} */
  readonly reason?: string;
}

/** What it takes. */
export interface RollbackContext {
  readonly takeover: Takeover;
  readonly versions: VersionKeeper;
  readonly registry: Registry;
  readonly conductor: Conductor;
  /** Told of what somebody should know. */
  readonly onNotice?: (message: string) => void;
  /** Lets a version take over. */
  readonly bringIn: (version: Draft) => Promise<void>;
}

/**
 * Goes back, in the turn of whoever calls; the version that was there is rejected.
 *
 * @throws {CordonError} `not_found` or `rejected` for the version, else as a reload.
 */
export async function rollBack(
  entry: PluginEntry,
  { from, to, reason = "the administrator asked for it" }: RollbackOrder,
  { takeover, versions, registry, conductor, onNotice, bringIn }: RollbackContext,
): Promise<void> {
  const { id, found } = entry;
  if (from !== undefined && from !== found.content) return;
  const { catalogue, record, state } = await versions.findTarget(entry, to);
  const { version = "a version that cannot be used" } = found.manifest ?? {};
  const rolledBack = { own: ownVersion(entry), version, reason, since: new Date().toISOString() };
  const draft = makeDraft(entry, { ...catalogue, rolledBack });
  const [target] = await takeover.examine([{ entry, draft }]);
  if (target!.refused !== undefined) throw takeover.explain(target!);
  const reject = () => versions.reject({ id, found }, { reason, successor: record.hash });
  const isServing = isAlive(entry);
  // One that lost its trial was wanted to run, whatever it is now that nothing restarts it.
  const isWanted = isServing || from !== undefined || ["failed", "backoff"].includes(entry.state);
  // One that serves goes on where the earlier one fails to take over.
  if (!isServing) {
    reject();
    if (state !== undefined && catalogue.found.manifest!.reload.state === "transfer") {
      entry.inherited = { state: decodeState(state), version: record.version };
    }
  }
  await bringIn(target!);
  if (isServing) reject();
  const message = `"${id}" was rolled back from ${version} to ${record.version}: ${reason}`;
  registry.note("plugin.rolled_back", { from: version, to: record.version, reason, message }, id);
  onNotice?.(message);
  if (isWanted && conductor.isStarted) await conductor.start(entry);
}
