/**
 * Brings what changed about a plugin into force: other permissions, or another
 * version in its folder. What is not admitted takes nothing over; a version
 * that runs goes on.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { coversAll, NO_PERMISSIONS } from "../permissions/permission_set.ts";
import { TaskQueue } from "../internal/task_queue.ts";
import type { Admission } from "./consent/admission.ts";
import { type CatalogueOptions, readCatalogue } from "./catalogue.ts";
import type { Conductor } from "./conductor.ts";
import type { ContractVerdicts } from "./capabilities/contract_verdicts.ts";
import { NO_DIFF } from "./consent/consent.ts";
import type { GrantBook } from "./consent/grant_book.ts";
import { isSupervised } from "./consent/plugin_request.ts";
import { adopt, makeDraft, type Refused, tiesOf, toRefused } from "./draft.ts";
import { BLOCK_CODES, type PluginEntry, type PluginTable } from "./plugin_table.ts";
import type { Registry } from "./registry.ts";
import type { Resolution } from "./resolution.ts";
import type { PluginRunner } from "./runner.ts";
import type { VersionKeeper } from "./versions/version_keeper.ts";

/** What a takeover needs. */
export interface TakeoverContext {
  readonly table: PluginTable;
  readonly resolution: Resolution;
  readonly conductor: Conductor;
  readonly registry: Registry;
  /** Compares the contracts of a version with those of the others before it takes over. */
  readonly verdicts: Pick<ContractVerdicts, "prepare">;
  /** Takes permissions back from what is supervised. */
  readonly runner: Pick<PluginRunner, "narrow">;
  /** What administrators decided; read again before a version takes over. */
  readonly book: Pick<GrantBook, "refresh">;
  /** How plugin folders are read. */
  readonly reading: CatalogueOptions;
  /** Knows the versions to go back to. */
  readonly versions: Pick<VersionKeeper, "findTarget" | "reject" | "accept">;
  /** Told of what somebody should know. */
  readonly onNotice: (message: string) => void;
}

/** What a plugin goes back to, and why. */
export interface RollbackOrder {
  /** Hash of the version that is to be left: another one has nothing to do with it. @default {any} */
  readonly from?: string;
  /** Version or beginning of a hash. @default {the version that ran last without being rejected} */
  readonly to?: string;
  /** Why, as a piece of a sentence. */
  readonly reason: string;
}

/** Puts changes into force, one plugin at a time. */
export class Takeover {
  readonly #context: TakeoverContext;
  readonly #queue = new TaskQueue();

  /** @param context What it needs. */
  constructor(context: TakeoverContext) {
    this.#context = context;
  }

  /** Runs a change when those before it are in force. */
  inTurn(change: () => Promise<void>): Promise<void> {
    return this.#queue.run(change);
  }

  /**
   * Decides again about a plugin after a decision of people has changed, and
   * brings that into force.
   *
   * @param entry The plugin.
   * @param reason What the plugin is told where it has to stop.
   */
  async readmit(entry: PluginEntry, reason: string): Promise<void> {
    const draft = makeDraft(entry, entry);
    const admission = this.#context.resolution.examine(draft);
    if (!this.#applyInPlace(entry, { admission, reason }) || admission.type !== "admitted") {
      return await this.#replace(entry, { draft, admission, reason });
    }
    adopt(entry, draft);
    entry.admitted = admission;
    this.reviewPending(entry);
  }

  /**
   * Reads a plugin's folder again and lets what is there take over.
   *
   * @param options `force`: even if that was rolled back from.
   * @throws {CordonError} Why it cannot: `invalid_plugin`, `consent`, `policy`, `dependency`, `rejected`; a
   * version that runs goes on, and the new one is kept as pending.
   */
  async reload(entry: PluginEntry, { force = false }: { readonly force?: boolean } = {}): Promise<void> {
    const { book, reading, table, verdicts, versions } = this.#context;
    await book.refresh();
    const dir = entry.rolledBack?.dir ?? entry.found.dir;
    const fresh = (await readCatalogue([dir], reading)).find(({ found }) => found.dir === dir);
    if (fresh === undefined) {
      throw new CordonError("not_found", `Cannot reload "${entry.id}": "${dir}" holds no plugin`);
    }
    if (force) versions.accept({ id: entry.id, found: fresh.found });
    const draft = makeDraft(entry, fresh);
    await verdicts.prepare(table.list().map((other) => other === entry ? draft : other));
    const admission = this.#context.resolution.examine(draft);
    const refused = toRefused(admission, draft) ?? this.#findChangedTies(entry, draft);
    if (refused === undefined) {
      const from = entry.found.manifest?.version;
      const wasAlive = isAlive(entry);
      await this.#replace(entry, { draft, admission, reason: "reloaded" });
      this.#context.registry.journal.append(
        "plugin.reloaded",
        { from, to: draft.found.manifest?.version },
        entry.id,
      );
      if (wasAlive && !isAlive(entry)) throw this.#context.table.refusal(entry);
      return;
    }
    if (isAlive(entry)) this.#keepPending(entry, draft, refused);
    // The copy of an earlier version is whole, whatever the folder holds.
    else if (admission.type !== "admitted" && entry.rolledBack === undefined) {
      await this.#replace(entry, { draft, admission, reason: "reloaded" });
    }
    throw toError(entry, refused);
  }

  /**
   * Lets an earlier version take over, from its copy; the one that was there is rejected.
   *
   * @throws {CordonError} Why it cannot: `not_found` or `rejected` for the version, else as `reload`.
   */
  async rollBack(entry: PluginEntry, { from, to, reason }: RollbackOrder): Promise<void> {
    if (from !== undefined && from !== entry.found.content) return;
    const { book, conductor, registry, resolution, table, verdicts, versions } = this.#context;
    await book.refresh();
    const { catalogue, record } = await versions.findTarget(entry, to);
    const { id, found } = entry;
    const { version = "a version that cannot be used" } = found.manifest ?? {};
    const rolledBack = {
      dir: entry.rolledBack?.dir ?? found.dir,
      version,
      reason,
      since: new Date().toISOString(),
    };
    const draft = makeDraft(entry, { ...catalogue, rolledBack });
    await verdicts.prepare(table.list().map((other) => other === entry ? draft : other));
    const admission = resolution.examine(draft);
    const refused = toRefused(admission, draft) ?? this.#findChangedTies(entry, draft);
    if (refused !== undefined) {
      const hint = "Put the files of that version into its folder, and restart the host";
      throw toError(entry, refused.reason === "dependency" ? { ...refused, hint } : refused);
    }
    // First: a host that is killed now begins with the earlier version.
    versions.reject(entry, { reason, successor: record.hash });
    const wasWanted = isAlive(entry) || entry.state === "failed";
    await this.#replace(entry, { draft, admission, reason: `rolled back to ${record.version}` });
    const message = `"${id}" was rolled back from ${version} to ${record.version}: ${reason}`;
    registry.note("plugin.rolled_back", { from: version, to: record.version, reason, message }, id);
    this.#context.onNotice(message);
    if (wasWanted && conductor.isStarted) await conductor.start(entry);
  }

  /** Decides again about a version that waits, without letting it take over. */
  reviewPending(entry: PluginEntry): void {
    const draft = entry.pending?.draft;
    if (draft === undefined) return;
    const refused = toRefused(this.#context.resolution.examine(draft), draft);
    if (refused !== undefined) this.#keepPending(entry, draft, refused);
  }

  /**
   * Takes up the version that waited for a plugin that has ended: the folder
   * holds no other any more, so nothing starts before it is admitted.
   */
  takeUpPending(entry: PluginEntry): void {
    const { pending } = entry;
    // The copy of an earlier version is still what it was, whatever the folder holds.
    if (pending === undefined || entry.rolledBack !== undefined) return;
    const admission = this.#context.resolution.examine(pending.draft);
    adopt(entry, pending.draft);
    const { message, hint, reason } = pending;
    // Nobody's consent changes that the others were resolved with what it was.
    const isTied = admission.type === "admitted" && reason === "dependency";
    this.#context.resolution.settle(
      entry,
      isTied ? { type: "blocked", reason, message, hint } : admission,
    );
  }

  #keepPending(entry: PluginEntry, draft: PluginEntry, refused: Refused): void {
    const version = draft.found.manifest?.version;
    entry.pending = { ...refused, version, draft, diff: draft.consent?.diff ?? NO_DIFF };
    const { reason, message } = refused;
    this.#context.registry.journal.append("plugin.pending", { version, reason, message }, entry.id);
  }

  /**
   * Takes back at once what a supervised plugin may no longer have.
   *
   * @returns Whether the decision is in force by that: it changes nothing else, and needs no restart.
   */
  #applyInPlace(
    entry: PluginEntry,
    { admission, reason }: { admission: Admission; reason: string },
  ): boolean {
    const { runner, resolution } = this.#context;
    const before = entry.admitted?.permissions;
    const after = admission.type === "admitted" ? admission.permissions : NO_PERMISSIONS;
    const isWatched = runner.narrow(entry, after, reason);
    if (admission.type !== "admitted" || before === undefined || !coversAll(before, after)) return false;
    if (isAlive(entry) && !isWatched && isSupervised(entry.id, resolution.contextOf(entry))) return false;
    return isWatched || coversAll(after, before);
  }

  /** The one place where a running plugin gets more, or a process of its own for less: it is stopped and started with them. */
  async #replace(
    entry: PluginEntry,
    { draft, admission, reason }: { draft: PluginEntry; admission: Admission; reason: string },
  ): Promise<void> {
    const { conductor, resolution, registry, table } = this.#context;
    const { found } = entry;
    // What waited was read anew. Where only permissions change it waits on, and is what starts next.
    if (draft.found !== found) entry.pending = undefined;
    const stopped = isAlive(entry) ? await conductor.stopWithDependents(entry.id, reason) : [];
    const ready = registry.batch(() => {
      // At its end a version that waited may have been taken up already.
      if (entry.found === found) {
        adopt(entry, draft);
        resolution.settle(entry, admission);
      }
      return resolution.resolve();
    });
    const startsNow = (id: string) =>
      conductor.isStarted && table.find(id)!.found.manifest!.run.activate.includes("startup");
    await conductor.startThese([...stopped, ...ready.filter(startsNow)]);
  }

  /** Why a version cannot take over while the host runs: others were resolved with what it was. */
  #findChangedTies(entry: PluginEntry, draft: PluginEntry): Refused | undefined {
    const { id, version } = draft.found.manifest!;
    const subject = `Cannot reload "${id}"`;
    const hint = "Restart the host, which resolves all plugins anew";
    if (JSON.stringify(tiesOf(entry)) !== JSON.stringify(tiesOf(draft))) {
      const message = `${subject}: ${version} changes what it requires, provides or uses, or when it starts`;
      return { reason: "dependency", message, hint };
    }
    if (!isAlive(entry)) return undefined;
    const { resolution } = this.#context;
    const problems = resolution.problemsWith(draft);
    const harmed = [...problems.keys()].find((other) => !resolution.graph.problems.has(other));
    if (harmed === undefined) return undefined;
    return { reason: "dependency", message: `${subject}: ${problems.get(harmed)![0]!.message}`, hint };
  }
}

function isAlive({ instance, starting }: PluginEntry): boolean {
  return instance !== undefined || starting !== undefined;
}

function toError(entry: PluginEntry, { reason, message, hint }: Refused): CordonError {
  const code = reason === undefined ? "invalid_plugin" : BLOCK_CODES[reason];
  const goesOn = isAlive(entry) ? ` (${entry.found.manifest!.version} runs on)` : "";
  return new CordonError(code, `${message}${goesOn}`, { hint, facts: { id: entry.id } });
}
