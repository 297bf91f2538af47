/**
 * Watches the versions that run: keeps copies of them, has new ones prove
 * themselves, and says when one should be rolled back. It swaps nothing.
 *
 * @module
 */

import { CordonError, errorMessage } from "../../errors.ts";
import { TaskQueue } from "../../internal/task_queue.ts";
import { type CatalogueOptions, readCatalogue } from "../catalogue.ts";
import type { PluginEntry } from "../plugin_table.ts";
import type { Registry } from "../registry.ts";
import type { KeptVersion } from "./kept_version.ts";
import { describeRejection } from "./rolled_back.ts";
import { findTarget, type Left, listTargets, type RollbackTarget } from "./rollback.ts";
import { Trial, type TrialVerdict } from "./trial.ts";
import { type KeptSource, MAX_COPY_BYTES, type VersionStore } from "./version_store.ts";

/** Long enough for one that is saved again at once, short enough for nearly all others. */
const COPY_AFTER_MS: readonly number[] = [500, 5_000, 60_000];

/** Longest wait of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What a keeper needs. */
export interface VersionKeeperContext {
  readonly store: VersionStore;
  readonly registry: Pick<Registry, "keep" | "note" | "journal">;
  /** How plugin folders are read. */
  readonly reading: CatalogueOptions;
  /** Told of what does not fail anything but should be known. */
  readonly onNotice: (message: string) => void;
  /** Milliseconds of a clock that only goes forward. @default {performance.now} */
  readonly now?: () => number;
  /** How long a version runs before it is copied, and the waits before that is tried again. @default {COPY_AFTER_MS} */
  readonly copyAfterMs?: readonly number[];
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
  copyTimer: ReturnType<typeof setTimeout> | undefined;
  trialTimer: ReturnType<typeof setTimeout> | undefined;
  isTold: boolean;
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
  readonly #copyAfterMs: readonly number[];
  readonly #watched = new Map<string, Watched>();
  /** One copy at a time: it is done beside what matters. */
  readonly #copies = new TaskQueue();

  /** @param context What it needs. */
  constructor(context: VersionKeeperContext) {
    this.#context = context;
    this.#now = context.now ?? (() => performance.now());
    this.#copyAfterMs = context.copyAfterMs ?? COPY_AFTER_MS;
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
      copyTimer: undefined,
      trialTimer: undefined,
      isTold: false,
    };
    this.#watched.set(id, watched);
    this.#copyLater(watched, 0);
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
      await this.#copies.run(() => Promise.resolve(this.#records.putState(id, hash, state)));
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
    await this.#copies.run(() => Promise.resolve());
  }

  get #records(): VersionStore["records"] {
    return this.#context.store.records;
  }

  #forget(id: string): void {
    const watched = this.#watched.get(id);
    if (watched === undefined) return;
    this.#watched.delete(id);
    watched.copying.abort();
    clearTimeout(watched.copyTimer);
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

  #copyLater(watched: Watched, attempt: number): void {
    watched.copyTimer = setTimeout(() => void this.#copy(watched, attempt), this.#copyAfterMs[attempt]);
  }

  async #copy(watched: Watched, attempt: number): Promise<void> {
    const { source, copying: { signal } } = watched;
    const failure = await this.#copies.run(() => this.#tryKeep(source, signal));
    if (signal.aborted) return;
    if (failure === undefined) {
      // A short trial may have been over before.
      if (watched.trial?.look(this.#now()).type === "passed") this.#markGood(watched);
      return;
    }
    if (!watched.isTold) {
      const { id, version } = source;
      const message =
        `${version} of "${id}" is not kept, so there is no going back to it: ${failure.message}`;
      this.#context.onNotice(message);
      this.#context.registry.note("version.not_kept", { version, hash: source.hash, message }, id);
    }
    watched.isTold = true;
    if (!failure.isFinal && attempt + 1 < this.#copyAfterMs.length) this.#copyLater(watched, attempt + 1);
  }

  async #tryKeep(
    source: KeptSource,
    signal: AbortSignal,
  ): Promise<{ message: string; isFinal: boolean } | undefined> {
    const { store, reading } = this.#context;
    try {
      signal.throwIfAborted();
      switch (await store.keep(source, signal)) {
        case "copied":
          // Read while it is known by its contents: going back shall not wait for that.
          await readCatalogue([store.dirOf(source.id, source.hash)], reading);
          return undefined;
        case "kept":
          return undefined;
        case "changed":
          return { message: "its files are not those that it started with", isFinal: false };
        case "too_large": {
          const mib = MAX_COPY_BYTES / 1024 / 1024;
          return { message: `its files weigh more than ${mib} MiB`, isFinal: true };
        }
      }
    } catch (error) {
      return { message: errorMessage(error), isFinal: false };
    }
  }
}

/** The folder of a version whose manifest is broken has a name, not the plugin's id. */
function toLeft({ id, found: { content } }: Versioned): Left {
  return { id, content };
}
