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
import { startsWithHost } from "./activation.ts";
import type { Admission } from "./consent/admission.ts";
import { type CatalogueOptions, readCatalogue } from "./catalogue.ts";
import type { DependencyGraph } from "../solver/graph.ts";
import type { Conductor } from "./conductor.ts";
import type { ContractVerdicts } from "./capabilities/contract_verdicts.ts";
import { NO_DIFF } from "./consent/consent.ts";
import type { GrantBook } from "./consent/grant_book.ts";
import { isSupervised } from "./consent/plugin_request.ts";
import { adopt, makeDraft, type Refused, toRefused } from "./draft.ts";
import { BLOCK_CODES, type PluginEntry, type PluginTable } from "./plugin_table.ts";
import type { Registry } from "./registry.ts";
import type { Resolution } from "./resolution.ts";
import type { PluginRunner } from "./runner.ts";
import { ownFolder, ownVersion } from "./versions/rolled_back.ts";
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
  /** Takes back that versions were rejected. */
  readonly versions: Pick<VersionKeeper, "accept">;
}

/** A version that may take over. */
export interface Draft {
  /** The plugin as it is. */
  readonly entry: PluginEntry;
  /** The plugin as it would be; in no table. */
  readonly draft: PluginEntry;
  /** What was decided about it. */
  readonly admission: Admission;
  /** Why it cannot take over. */
  readonly refused: Refused | undefined;
}

/** Puts changes into force, one plugin at a time. */
export class Takeover {
  readonly #context: TakeoverContext;
  readonly #queue = new TaskQueue();

  /** @param context What it needs. */
  constructor(context: TakeoverContext) {
    this.#context = context;
  }

  /** Whether a change is on its way: nothing else is to come between. */
  get isBusy(): boolean {
    return this.#queue.size > 0;
  }

  /** Runs a change when those before it are in force, and what was being stopped for idleness is. */
  inTurn(change: () => Promise<void>): Promise<void> {
    return this.#queue.run(async () => {
      await Promise.all(this.#context.table.list().map(({ idling }) => idling));
      await change();
    });
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
   * Reads plugins' folders again, and decides about what is there.
   *
   * @param options `force`: whether what was rolled back from may take over again.
   * @throws {CordonError} `not_found` for a folder that holds no plugin any more.
   */
  async readDrafts(
    entries: readonly PluginEntry[],
    { force = false }: { readonly force?: boolean } = {},
  ): Promise<Draft[]> {
    const { book, reading, versions } = this.#context;
    await book.refresh();
    const known = new Map(entries.map((entry) => [ownFolder(entry), ownVersion(entry)]));
    const fresh = await readCatalogue([...known.keys()], { ...reading, before: (dir) => known.get(dir) });
    return await this.examine(entries.map((entry) => {
      const dir = ownFolder(entry);
      const catalogue = fresh.find(({ found }) => found.dir === dir);
      if (catalogue === undefined) {
        throw new CordonError("not_found", `Cannot reload "${entry.id}": "${dir}" holds no plugin`);
      }
      if (force) versions.accept({ id: entry.id, found: catalogue.found });
      return { entry, draft: makeDraft(entry, catalogue) };
    }));
  }

  /** Decides about versions as they would be together. */
  async examine(versions: readonly Pick<Draft, "entry" | "draft">[]): Promise<Draft[]> {
    const { table, verdicts, resolution } = this.#context;
    const drafts = new Map(versions.map(({ entry, draft }) => [entry, draft]));
    await verdicts.prepare(table.list().map((entry) => drafts.get(entry) ?? entry));
    const judged = versions.map(({ entry, draft }) => {
      const admission = resolution.examine(draft);
      draft.admitted = admission.type === "admitted" ? admission : undefined;
      return { entry, draft, admission, refused: toRefused(admission, draft) };
    });
    const graph = resolution.graphWith([...drafts.values()]);
    return judged.map((one) => ({ ...one, refused: one.refused ?? this.#findHarm(one, graph) }));
  }

  /** Keeps what cannot take over, and says why. */
  refuse(version: Draft): CordonError {
    const { entry, draft, refused } = version;
    if (isAlive(entry)) this.#keepPending(entry, draft, refused!);
    return this.explain(version);
  }

  /** Says why something cannot take over. */
  explain({ entry, refused }: Draft): CordonError {
    const { reason, message, hint } = refused!;
    const code = reason === undefined ? "invalid_plugin" : BLOCK_CODES[reason];
    const goesOn = isAlive(entry) ? ` (${entry.found.manifest!.version} runs on)` : "";
    return new CordonError(code, `${message}${goesOn}`, { hint, facts: { id: entry.id } });
  }

  /**
   * Lets a version take over by a restart, with those that need it.
   *
   * @throws {CordonError} Why it does not run then.
   */
  async restart({ entry, draft, admission }: Draft): Promise<void> {
    const from = entry.found.manifest?.version;
    const wasAlive = isAlive(entry);
    await this.#replace(entry, { draft, admission, reason: "reloaded" });
    const to = draft.found.manifest?.version;
    this.#context.registry.journal.append("plugin.reloaded", { from, to }, entry.id);
    if (wasAlive && !isAlive(entry)) throw this.#context.table.refusal(entry);
  }

  /** Notes that a plugin that runs is another version from now on. */
  adopt({ entry, draft }: Pick<Draft, "entry" | "draft">): void {
    adopt(entry, draft);
    entry.pending = undefined;
    entry.admitted = draft.admitted;
    this.#context.table.tell(entry);
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
    this.#context.table.tell(entry);
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
    const stopped = isAlive(entry) || entry.state === "backoff"
      ? await conductor.stopWithDependents(entry.id, reason)
      : [];
    const ready = registry.batch(() => {
      // At its end a version that waited may have been taken up already.
      if (entry.found === found) {
        adopt(entry, draft);
        resolution.settle(entry, admission);
      }
      return resolution.resolve();
    });
    table.tell(entry);
    const startsNow = (id: string) => conductor.isStarted && startsWithHost(table.find(id)!.found.manifest!);
    await conductor.startThese([...stopped, ...ready.filter(startsNow)]);
  }

  /** Why a version cannot take over: it, or another plugin, could not run on with it. */
  #findHarm({ entry, draft }: Pick<Draft, "entry" | "draft">, graph: DependencyGraph): Refused | undefined {
    if (!isAlive(entry)) return undefined;
    const { table, resolution } = this.#context;
    const known = resolution.graph.problems;
    const isHarmed = (id: string) => id === entry.id || (isAlive(table.find(id)!) && !known.has(id));
    const harmed = [...graph.problems.keys()].find(isHarmed);
    if (harmed === undefined) return undefined;
    const message = `Cannot reload "${draft.id}": ${graph.problems.get(harmed)![0]!.message}`;
    return { reason: "dependency", message, hint: `See who needs it: cordon graph ${entry.id}` };
  }
}

/** Whether a plugin runs, or is about to. */
export function isAlive({ instance, starting }: PluginEntry): boolean {
  return instance !== undefined || starting !== undefined;
}
