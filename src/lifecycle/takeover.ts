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
import { type CatalogueEntry, type CatalogueOptions, readCatalogue } from "./catalogue.ts";
import type { Conductor } from "./conductor.ts";
import type { ContractVerdicts } from "./capabilities/contract_verdicts.ts";
import { NO_DIFF } from "./consent/consent.ts";
import type { GrantBook } from "./consent/grant_book.ts";
import { isSupervised } from "./consent/plugin_request.ts";
import { BLOCK_CODES, type PendingEntry, type PluginEntry, type PluginTable } from "./plugin_table.ts";
import type { Registry } from "./registry.ts";
import type { Resolution } from "./resolution.ts";
import type { PluginRunner } from "./runner.ts";

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
}

type Refused = Pick<PendingEntry, "reason" | "message" | "hint">;

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
   * @throws {CordonError} Why it cannot: `invalid_plugin`, `consent`, `policy`, `dependency`; a version
   * that runs goes on, and the new one is kept as pending.
   */
  async reload(entry: PluginEntry): Promise<void> {
    const { book, reading, table, verdicts } = this.#context;
    await book.refresh();
    const { dir } = entry.found;
    const fresh = (await readCatalogue([dir], reading)).find(({ found }) => found.dir === dir);
    if (fresh === undefined) {
      throw new CordonError("not_found", `Cannot reload "${entry.id}": "${dir}" holds no plugin`);
    }
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
    else if (admission.type !== "admitted") {
      await this.#replace(entry, { draft, admission, reason: "reloaded" });
    }
    const code = refused.reason === undefined ? "invalid_plugin" : BLOCK_CODES[refused.reason];
    const goesOn = isAlive(entry) ? ` (${entry.found.manifest!.version} runs on)` : "";
    throw new CordonError(code, `${refused.message}${goesOn}`, {
      hint: refused.hint,
      facts: { id: entry.id },
    });
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
    if (pending === undefined) return;
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

function makeDraft(entry: PluginEntry, { found, report }: CatalogueEntry): PluginEntry {
  const renamed = found.manifest !== undefined && found.manifest.id !== entry.id
    ? [{
      path: "plugin.id",
      message: `is "${found.manifest.id}" now, and was "${entry.id}": restart the host`,
    }]
    : [];
  return {
    ...entry,
    found,
    report,
    problems: [...found.problems, ...report?.problems ?? [], ...renamed],
    instance: undefined,
    pending: undefined,
  };
}

function adopt(entry: PluginEntry, draft: PluginEntry): void {
  const { found, report, problems, requests, variables, places, bounded, consent, seen } = draft;
  Object.assign(entry, { found, report, problems, requests, variables, places, bounded, consent, seen });
  if (entry.pending?.draft === draft) entry.pending = undefined;
}

function toRefused(admission: Admission, { id, found }: PluginEntry): Refused | undefined {
  switch (admission.type) {
    case "admitted":
      return undefined;
    case "blocked":
      return admission;
    case "invalid":
      return {
        reason: undefined,
        message: `Cannot reload "${id}": ${admission.messages.join("; ")}`,
        hint: `See everything: cordon check ${found.dir}`,
      };
    default:
      return admission satisfies never;
  }
}

function isAlive({ instance, starting }: PluginEntry): boolean {
  return instance !== undefined || starting !== undefined;
}

/** What others were resolved with. */
function tiesOf({ found }: Pick<PluginEntry, "found">): unknown {
  if (found.manifest === undefined) return undefined;
  const { run, requires, optional, conflicts, provides, uses } = found.manifest;
  return [run.phase, requires, optional, conflicts, provides, uses];
}
