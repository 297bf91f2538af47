/**
 * Sandboxes that are open and empty, for plugins that changed lately: the next
 * version has only to be loaded. There are few of them, and none where memory
 * is short.
 *
 * @module
 */

import type { Incarnation } from "../lifecycle/incarnation.ts";
import type { PluginEntry } from "../lifecycle/plugin_table.ts";
import { coversAll } from "../permissions/permission_set.ts";
import type { PluginRunner } from "../lifecycle/runner.ts";

/** Sandboxes that wait at most. */
const MAX_STANDBYS = 4;
/** After a plugin changed: what it does then comes first. */
const OPEN_AFTER_MS = 100;
/** Time between two looks at the memory of the machine. */
const LOOK_MS = 5_000;
/** Least share of it that is to be available. */
const LEAST_SHARE = 0.1;

/** What it needs. */
export interface StandbyContext {
  /** Opens sandboxes. */
  readonly runner: Pick<PluginRunner, "openBeside">;
  /** The machine's memory. @default {Deno.systemMemoryInfo} */
  readonly memory?: () => { readonly total: number; readonly available: number };
}

interface Waiting {
  readonly plan: PluginEntry;
  readonly opened: Promise<Incarnation | undefined>;
}

/** Sandboxes that wait for their plugin. */
export class Standby implements AsyncDisposable {
  readonly #context: StandbyContext;
  /** By plugin, the one that changed last at the end. */
  readonly #waiting = new Map<PluginEntry, Waiting>();
  readonly #timers = new Map<PluginEntry, ReturnType<typeof setTimeout>>();
  readonly #dropping = new Set<Promise<void>>();
  #look: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  /** @param context What it needs. */
  constructor(context: StandbyContext) {
    this.#context = context;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Opens a sandbox for a plugin that changed and will again, soon. */
  prepareLater(entry: PluginEntry): void {
    clearTimeout(this.#timers.get(entry));
    if (this.#isClosed) return;
    this.#timers.set(
      entry,
      setTimeout(() => {
        this.#timers.delete(entry);
        this.#prepare(entry);
      }, OPEN_AFTER_MS),
    );
  }

  /**
   * Loads a version into the sandbox that waits for its plugin.
   *
   * @returns Undefined where none waits that fits, or where it comes to nothing in it: a sandbox that was
   * opened for it alone says then why.
   */
  async take(
    entry: PluginEntry,
    draft: PluginEntry,
    signal: AbortSignal,
  ): Promise<Incarnation | undefined> {
    const waiting = this.#waiting.get(entry);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(entry);
    this.#watchMemory();
    const opened = await waiting.opened;
    if (opened === undefined) return undefined;
    if (!fits(waiting.plan, draft)) {
      void this.#drop(waiting.opened);
      return undefined;
    }
    try {
      await opened.activate(draft, signal);
      return opened;
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  /** Ends what waits for a plugin. */
  release(entry: PluginEntry): Promise<void> {
    clearTimeout(this.#timers.get(entry));
    this.#timers.delete(entry);
    const waiting = this.#waiting.get(entry);
    this.#waiting.delete(entry);
    this.#watchMemory();
    return this.#drop(waiting?.opened);
  }

  /** Ends all of them. */
  async releaseAll(): Promise<void> {
    for (const entry of [...this.#timers.keys(), ...this.#waiting.keys()]) void this.release(entry);
    await Promise.all(this.#dropping);
  }

  /** Ends all of them, and opens no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.releaseAll();
  }

  #prepare(entry: PluginEntry): void {
    if (entry.instance === undefined || this.#waiting.has(entry) || !canWait(entry) || this.#isShort()) {
      return;
    }
    const plan = { ...entry };
    const opened = this.#context.runner.openBeside(entry, plan, undefined).catch(() => undefined);
    const waiting = { plan, opened };
    this.#waiting.set(entry, waiting);
    void opened.then((incarnation) =>
      incarnation?.exited.then(() => {
        if (this.#waiting.get(entry) === waiting) this.#waiting.delete(entry);
        this.#watchMemory();
      })
    );
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > MAX_STANDBYS) void this.release(oldest!);
    this.#watchMemory();
  }

  /** One timer while any wait. */
  #watchMemory(): void {
    if (this.#waiting.size > 0) this.#look ??= setInterval(() => this.#review(), LOOK_MS);
    else {
      clearInterval(this.#look);
      this.#look = undefined;
    }
  }

  /** Ends what waits for plugins that do not run any more; all where memory is short. */
  #review(): void {
    const isShort = this.#isShort();
    for (const entry of [...this.#waiting.keys()]) {
      if (isShort || entry.instance === undefined) void this.release(entry);
    }
  }

  #isShort(): boolean {
    const { total, available } = (this.#context.memory ?? Deno.systemMemoryInfo)();
    return available < total * LEAST_SHARE;
  }

  async #drop(opened: Waiting["opened"] | undefined): Promise<void> {
    const dropping = (async () => await (await opened)?.drop())();
    this.#dropping.add(dropping);
    await dropping;
    this.#dropping.delete(dropping);
  }
}

/** Whether the next version can run where this one's sandbox would be opened: in its folder, not in a copy. */
function canWait({ found, report, admitted }: PluginEntry): boolean {
  return admitted !== undefined && found.manifest?.run.mode === "process" &&
    found.manifest.reload.exclusive === false && (report?.packages.length ?? 1) === 0;
}

/** Whether a version runs with just what a sandbox was opened with. */
function fits(plan: PluginEntry, draft: PluginEntry): boolean {
  const facts = ({ found, admitted }: PluginEntry) =>
    JSON.stringify([found.dir, { ...found.manifest, version: "" }, admitted!.vars]);
  const [had, has] = [plan.admitted!.permissions, draft.admitted!.permissions];
  return canWait(draft) && facts(plan) === facts(draft) && coversAll(had, has) && coversAll(has, had);
}
