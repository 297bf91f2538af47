/**
 * What a host remembers: every move of a plugin goes to the registry and the
 * journal as one, and a host that opens after a crash puts things right.
 *
 * @module
 */

import { killLeftover, processStartTime } from "../internal/process_identity.ts";
import { ChoiceStore } from "../store/choice_store.ts";
import { CrashStore } from "../store/crash_store.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { EventStore } from "../store/event_store.ts";
import { Journal } from "../store/journal.ts";
import { KeptTexts } from "../store/kept_texts.ts";
import { MetadataCache } from "../store/metadata_cache.ts";
import { OwedWrites } from "../store/owed_writes.ts";
import { type PluginRecord, PluginStore } from "../store/plugin_store.ts";
import { ProcessStore } from "../store/process_store.ts";
import { VersionRecords } from "../store/version_records.ts";
import type { PluginState } from "./state.ts";

/** States in which a plugin has, or may have, a process. */
const ALIVE: ReadonlySet<string> = new Set(["starting", "running", "degraded", "reloading", "stopping"]);

/** A plugin that moved, as far as that is kept. */
export interface MovedPlugin {
  readonly id: string;
  readonly found: { readonly dir: string; readonly manifest: { readonly version: string } | undefined };
  readonly state: PluginState;
  readonly detail: object;
  readonly instance: { readonly pid: number | undefined } | undefined;
}

/** What a host remembers. */
export class Registry implements Disposable {
  readonly #database: Database;
  /** Where plugins stood when the registry was opened, until they move. */
  readonly #before: Map<string, PluginRecord>;
  readonly #writes: OwedWrites;
  /** Whether moves are kept; a host opened for looking keeps none. */
  isKeeping = true;
  /** Everything that happened. */
  readonly journal: Journal;
  /** Where plugins stand. */
  readonly plugins: PluginStore;
  /** Their processes. */
  readonly processes: ProcessStore;
  /** What was read of plugin folders. */
  readonly metadata: MetadataCache;
  /** Events that are kept. */
  readonly events: EventStore;
  /** The last good texts of files that people edit. */
  readonly texts: KeptTexts;
  /** Which plugins are to provide capabilities. */
  readonly choices: ChoiceStore;
  /** Crash reports. */
  readonly crashes: CrashStore;
  /** Which versions of plugins are kept, and which were rejected. */
  readonly versions: VersionRecords;

  /**
   * @param database Where it is kept.
   * @param onNotice Told when it cannot be written.
   */
  constructor(database: Database, onNotice: (message: string) => void = () => {}) {
    this.#database = database;
    this.journal = new Journal(database);
    this.plugins = new PluginStore(database);
    this.processes = new ProcessStore(database);
    this.metadata = new MetadataCache(database);
    this.events = new EventStore(database);
    this.texts = new KeptTexts(database);
    this.choices = new ChoiceStore(database);
    this.crashes = new CrashStore(database);
    this.versions = new VersionRecords(database);
    this.#before = new Map();
    this.#writes = new OwedWrites({ database, journal: this.journal, onNotice });
  }

  /**
   * Opens the registry of a data folder whose lock is held, ends processes that a
   * killed host left and notes that their plugins do not run.
   *
   * @param onNotice Told when a damaged database was moved aside, and when it cannot be written.
   */
  static async open(dataDir: string, onNotice: (message: string) => void): Promise<Registry> {
    const { database, movedTo } = openDatabase(`${dataDir}/cordon.db`);
    const registry = new Registry(database, onNotice);
    if (movedTo !== undefined) {
      onNotice(
        `The database was damaged. It is kept as "${movedTo}"; a new one is made from the plugin folders.`,
      );
      registry.journal.append("host.database_replaced", { movedTo });
    }
    try {
      await registry.#recover();
    } catch (error) {
      registry[Symbol.dispose]();
      throw error;
    }
    for (const record of registry.plugins.list()) registry.#before.set(record.id, record);
    return registry;
  }

  /** Keeps several moves as one write. */
  batch<Result>(run: () => Result): Result {
    return this.#database.transaction(run);
  }

  /**
   * Keeps a move; it is kept when this returns, unless there is no room: then it is owed, and told.
   * To find a plugin as it was left is no news.
   */
  keepMove(moved: MovedPlugin, from: PluginState): void {
    if (!this.isKeeping) return;
    const { id, found, state, detail, instance } = moved;
    const before = this.#before.get(id);
    this.#before.delete(id);
    if (
      from === "discovered" && before?.state === state && before.version === found.manifest?.version &&
      before.dir === found.dir && JSON.stringify(before.detail) === JSON.stringify(detail)
    ) return;
    const since = new Date().toISOString();
    const pid = ALIVE.has(state) ? instance?.pid : undefined;
    const started = pid === undefined ? undefined : processStartTime(pid);
    this.#writes.keep(() => {
      this.journal.append("plugin.state", { from, to: state, ...detail }, id, since);
      if (found.manifest === undefined) return;
      const { version } = found.manifest;
      this.plugins.put({ id, dir: found.dir, version, state, detail: { ...detail }, pid, started, since });
    });
  }

  /** Notes what happened in the journal, now or when there is room. */
  note(type: string, facts: Record<string, unknown>, id?: string): void {
    const time = new Date().toISOString();
    this.#writes.keep(() => this.journal.append(type, facts, id, time));
  }

  /** Keeps a crash report, now or when there is room. */
  keepCrash(id: string, report: string): void {
    this.#writes.keep(() => this.crashes.append(id, report));
  }

  /** Carries a write out, now or when there is room. */
  keep(write: () => void): void {
    this.#writes.keep(write);
  }

  /**
   * Keeps what is owed.
   *
   * @throws {CordonError} `not_writable` while that is not possible.
   */
  settle(): void {
    this.#writes.settle();
  }

  /**
   * Keeps the process of a plugin the moment there is one, so that it is found after a crash.
   *
   * @throws {CordonError} `not_writable`: then there must be no process.
   */
  keepProcess(plugin: string, pid: number): void {
    this.processes.put({ pid, plugin, started: processStartTime(pid) });
  }

  /** Forgets a process that has ended. */
  forgetProcess(pid: number): void {
    this.#writes.keep(() => this.processes.remove(pid));
  }

  /** Closes the journal and the database. */
  [Symbol.dispose](): void {
    this.journal.close();
    this.#database[Symbol.dispose]();
  }

  async #recover(): Promise<void> {
    const alive = this.plugins.list().filter(({ state }) => ALIVE.has(state));
    const left = this.processes.list();
    const killed = new Set<string>();
    await Promise.all(left.map(async ({ plugin, pid, started }) => {
      if (started !== undefined && await killLeftover(pid, started)) killed.add(plugin);
    }));
    this.#database.transaction(() => {
      for (const { pid } of left) this.processes.remove(pid);
      for (const record of alive) {
        const { id, pid, state } = record;
        const wasKilled = killed.has(id);
        const message = `Its host ended without stopping it${
          wasKilled ? "; the process it left was ended" : ""
        }`;
        this.journal.append("plugin.recovered", { from: state, pid, wasKilled, message }, id);
        this.plugins.put({
          ...record,
          state: "stopped",
          detail: { message },
          pid: undefined,
          started: undefined,
          since: new Date().toISOString(),
        });
      }
    });
  }
}
