/**
 * Watches the versions that run: keeps copies of them, has new ones prove
 * themselves, and says when one should be rolled back. It swaps nothing.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { PluginEntry } from "../plugin_table.ts";
import type { Registry } from "../registry.ts";
import type { KeptVersion } from "./kept_version.ts";
import { describeRejection } from "./rolled_back.ts";
import { findTarget, type Left, listTargets, type RollbackTarget } from "./rollback.ts";
import { Trial, type TrialVerdict } from "./trial.ts";
import { VersionCopier, type VersionCopierContext } from "./version_copier.ts";
import type { KeptSource, VersionStore } from "./version_store.ts";

/** Longest wait of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What a keeper needs. */
export interface VersionKeeperContext extends VersionCopierContext {
  readonly registry: Pick<Registry, "keep" | "note" | "journal">;
  /** Milliseconds of a clock that only goes forward. @default {performance.now} */
  readonly now?: () => number;
}

/** A plugin in the version that it runs. */
type Versioned = Pick<PluginEntry, "id" | "found">;

/** A version that runs, or is about to again. */
interface Watched {
  readonly source: KeptSource;
  /** Ends the copying. */
  readonly copying: AbortController;
  /** Undefined for one that has proven itself. */
  readonly trial: Trial | undefined;
  trialTimer: ReturnType<typeof setTimeout> | undefined;
}

/** That a plugin is to go back to an earlier version. */
export interface RollbackDecision {
  /** Hash of the version that it leaves. */
  readonly from: string;
  /** Why, as a piece of a sentence. */
  readonly reason: string;
}

/** Knows the versions of the plugins of a host. */
export class VersionKeeper implements AsyncDisposable {
  readonly #context: VersionKeeperContext;
  readonly #now: () => number;
  readonly #watched = new Map<string, Watched>();
  readonly #copier: VersionCopier;

  /** @param context What it needs. */
  constructor(context: VersionKeeperContext) {
    this.#context = context;
    this.#now = context.now ?? (() => performance.now());
    this.#copier = new VersionCopier(context);
  }

  /** Notes that a plugin runs: started, or taken over by another version, whose end is not told then. */
  noteRunning({ id, found }: Versioned): void {
    const { content: hash, manifest, dir } = found;
    const earlier = this.#watched.get(id);
    if (earlier !== undefined && earlier.source.hash === hash) {
      earlier.trial?.resume(this.#now());
      this.#awaitTrial(earlier);
      return;
    }
    this.#forget(id);
    if (hash === undefined || manifest === undefined) return;
    const isProven = this.#records.get(id, hash)?.verdict === "good";
    const watched: Watched = {
      source: { id, version: manifest.version, hash, dir },
      copying: new AbortController(),
      trial: isProven ? undefined : new Trial(manifest.reload, this.#now()),
      trialTimer: undefined,
    };
    this.#watched.set(id, watched);
    this.#copier.order({
      source: watched.source,
      signal: watched.copying.signal,
      isUrgent: manifest.reload.exclusive,
      onKept: () => {
        // A short trial may have been over before.
        if (watched.trial?.look(this.#now()).type === "passed") this.#markGood(watched);
      },
    });
    this.#awaitTrial(watched);
  }

  /**
   * Notes that a plugin has ended.
   *
   * @param end Whether it ended by itself or at a limit, and how.
   * @returns What to do where it has lost its trial and there is a version to go back to.
   */
  noteEnd(entry: Versioned, { crashed, reason }: { readonly crashed: boolean; readonly reason: string }):
    | RollbackDecision
    | undefined {
    if (!crashed) return void this.#forget(entry.id);
    return this.#judge(entry, (trial) => trial.crash(this.#now(), reason));
  }

  /** Notes that a plugin's health checks have failed as often as its manifest allows; answers as `noteEnd`. */
  noteUnhealthy(entry: Versioned, reason: string): RollbackDecision | undefined {
    return this.#judge(entry, (trial) => trial.fail(this.#now(), reason));
  }

  /**
   * Keeps the state that a version has when another takes over.
   *
   * @throws {RangeError} If it is larger than its manifest allows.
   */
  async keepState({ id, found }: Versioned, state: Uint8Array): Promise<void> {
    const { content: hash, manifest } = found;
    if (hash === undefined || manifest === undefined) return;
    if (state.length > manifest.reload.stateBytes) {
      throw new RangeError(`Cannot keep the state of "${id}": it has ${state.length} bytes`);
    }
    try {
      // After a copy that is under way.
      await this.#copier.afterwards(() => this.#records.putState(id, hash, state));
    } catch (error) {
      if (!(error instanceof CordonError)) throw error;
      this.#context.onNotice(`The state of "${id}" ${manifest.version} is not kept: ${error.message}`);
    }
  }

  /**
   * Finds what a plugin goes back to.
   *
   * @param to Version or beginning of a hash; by default the one that ran last without being rejected.
   * @throws {CordonError} `not_found`, `rejected`.
   */
  async findTarget(entry: Versioned, to?: string): Promise<RollbackTarget> {
    const target = await findTarget(toLeft(entry), this.#context, to);
    if (target !== undefined) return target;
    throw new CordonError("not_found", `Cannot roll "${entry.id}" back: no earlier version of it is kept`, {
      hint: "A version is kept once it runs; see docs/reload.md",
    });
  }

  /** The folder with a copy of the version that a plugin runs; undefined where there is none. */
  async findCopy({ id, found }: Versioned): Promise<string | undefined> {
    return found.content === undefined ? undefined : await this.#context.store.find(id, found.content);
  }

  /** Remembers that a version was rolled back from: its files do not take over again before they change. */
  reject({ id, found }: Versioned, { reason, successor }: { reason: string; successor: string }): void {
    const { content: hash, manifest } = found;
    if (hash === undefined || manifest === undefined) return;
    if (this.#watched.get(id)?.source.hash === hash) this.#forget(id);
    const { version } = manifest;
    const { registry } = this.#context;
    registry.keep(() => {
      this.#records.reject({ id, hash, version, reason, successor });
      registry.journal.append("version.rejected", { version, hash, reason }, id);
    });
  }

  /** Takes it back that a version was rejected. */
  accept({ id, found }: Versioned): void {
    const { content: hash } = found;
    if (hash === undefined || this.#records.get(id, hash)?.verdict !== "rejected") return;
    this.#records.remove(id, hash);
    this.#context.registry.note("version.accepted", { version: found.manifest?.version, hash }, id);
  }

  /** The versions that are kept of a plugin, and those that were rejected; the latest first. */
  list({ id, found }: Versioned): KeptVersion[] {
    return this.#records.list(id).map((record) => ({ ...record, isCurrent: record.hash === found.content }));
  }

  /** Says which plugins a host starts in an earlier version than their folders hold. */
  tellEarlier(entries: readonly Pick<PluginEntry, "id" | "found" | "rolledBack">[]): void {
    for (const { id, found, rolledBack } of entries) {
      if (rolledBack === undefined) continue;
      const { version: from, reason, since: kept } = rolledBack;
      const to = found.manifest?.version;
      const why = describeRejection({ version: from, reason, kept });
      const message = `"${id}" starts as ${to}, since its folder holds what was rejected: ${why}`;
      this.#context.registry.note("plugin.rolled_back", { from, to, reason, message }, id);
      this.#context.onNotice(`${message} (to take it anyway: cordon reload ${id} --force)`);
    }
  }

  /** Lets go of everything; a copy under way is ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of [...this.#watched.keys()]) this.#forget(id);
    await this.#copier.afterwards(() => {});
  }

  get #records(): VersionStore["records"] {
    return this.#context.store.records;
  }

  #forget(id: string): void {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    this.#watched.delete(id);
    watched.copying.abort();
    clearTimeout(watched.trialTimer);
  }

  #judge(entry: Versioned, tell: (trial: Trial) => TrialVerdict): RollbackDecision | undefined {
    const watched = this.#watched.get(entry.id);
    if (watched?.trial === undefined || watched.source.hash !== entry.found.content) return undefined;
    clearTimeout(watched.trialTimer);
    const verdict = tell(watched.trial);
    if (verdict.type === "passed") this.#markGood(watched);
    if (verdict.type !== "roll_back") return undefined;
    if (listTargets(toLeft(entry), this.#records.list(entry.id)).length === 0) return undefined;
    return { from: watched.source.hash, reason: verdict.reason };
  }

  #awaitTrial(watched: Watched): void {
    const { trial } = watched;
    if (trial === undefined) return;
    clearTimeout(watched.trialTimer);
    watched.trialTimer = setTimeout(() => {
      const verdict = trial.look(this.#now());
      if (verdict.type === "passed") this.#markGood(watched);
      // The timer's clock is not ours, and it cannot wait for more than some weeks.
      else if (verdict.type === "on_trial") this.#awaitTrial(watched);
    }, Math.min(trial.remainingMs(this.#now()), MAX_TIMER_MS));
  }

  #markGood({ source: { id, hash, version } }: Watched): void {
    if (this.#records.get(id, hash)?.verdict !== "trial") return;
    const { registry } = this.#context;
    registry.keep(() => {
      this.#records.markGood(id, hash);
      registry.journal.append("version.proven", { version, hash }, id);
    });
  }
}

/** The folder of a version whose manifest is broken has a name, not the plugin's id. */
function toLeft({ id, found: { content } }: Versioned): Left {
  return { id, content };
}
