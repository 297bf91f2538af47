/**
 * Watches one root: by the system where it tells of changes, by looking again
 * and again elsewhere; and on through a time in which the folder is not there.
 *
 * @module
 */

import { errorMessage } from "../errors.ts";
import { pause } from "../internal/pause.ts";
import type { EventKind, WatchedRoot } from "./change_batch.ts";
import { type PolledChange, pollFolder } from "./folder_poll.ts";
import { findObstacle } from "./watchability.ts";

/** How often it is looked whether the root is still the same folder; nobody tells when one above it moves. */
const IDENTITY_MS = 2_000;
/** How often it is looked whether a root is back. */
const ABSENCE_MS = 200;
/** A root that is back within this time was replaced, and not removed. */
const GRACE_MS = 1_000;

/** A watch that the system keeps. */
export type SystemWatch = AsyncIterable<Deno.FsEvent> & Pick<Deno.FsWatcher, "close">;

/** Whom a root's watch tells. */
export interface RootListener {
  /** Something happened to a path. */
  readonly onChange: (root: WatchedRoot, kind: EventKind, path: string) => void;
  /** Plugins beneath a root that is looked at changed. */
  readonly onPolled: (root: WatchedRoot, change: PolledChange) => void;
  /** Changes beneath a root may have been missed. */
  readonly onRescan: (name: string) => void;
  /** A root cannot be watched, and is looked at instead. */
  readonly onObstacle: (name: string, reason: string) => void;
}

/** How a root is watched. */
export interface RootWatchOptions extends RootListener {
  /** `Deno.watchFs`, but in tests. */
  readonly watchFs: (path: string) => SystemWatch;
  /** Shortest time between two looks at a root that cannot be watched. */
  readonly pollMs: number;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** Which folder a name leads to. */
interface Identity {
  readonly path: string;
  /** Differs for another folder at the same place. */
  readonly key: string;
}

/** Watches a root. */
export class RootWatch {
  readonly #name: string;
  readonly #options: RootWatchOptions;
  readonly #started = Promise.withResolvers<void>();
  #isPolled = false;
  /** After a time in which nobody watched, everything is looked at. */
  #phase: "new" | "following" | "interrupted" = "new";

  /**
   * @param name The folder, as it was named.
   * @param options Whom it tells, and until when.
   */
  constructor(name: string, options: RootWatchOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** Settles when changes are told from then on. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** Watches until the signal comes. */
  async run(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      const identity = await identify(this.#name);
      if (identity === undefined) await this.#awaitReturn();
      else await this.#followSafely(identity);
    }
    this.#started.resolve();
  }

  async #awaitReturn(): Promise<void> {
    const { signal, onRescan } = this.#options;
    const goneAt = performance.now();
    let isTold = false;
    this.#phase = "interrupted";
    this.#started.resolve();
    while (!signal.aborted && await identify(this.#name) === undefined) {
      if (!isTold && performance.now() - goneAt > GRACE_MS) {
        isTold = true;
        onRescan(this.#name);
      }
      await pause(ABSENCE_MS, signal);
    }
  }

  async #followSafely(identity: Identity): Promise<void> {
    const { signal } = this.#options;
    try {
      await this.#follow(identity);
    } catch (error) {
      if (signal.aborted || await identify(this.#name) === undefined) return;
      // Looking fails only while the folder changes hands.
      if (this.#isPolled) await pause(ABSENCE_MS, signal);
      else this.#poll(describe(error));
    } finally {
      if (this.#phase === "following") this.#phase = "interrupted";
    }
  }

  /** Follows a folder until another one, or none, is in its place. */
  async #follow({ path, key }: Identity): Promise<void> {
    const replaced = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, replaced.signal]);
    const root = { name: this.#name, path };
    const check = async () => {
      if ((await identify(this.#name))?.key !== key) replaced.abort();
    };
    const guarding = guard(check, signal);
    try {
      const obstacle = this.#isPolled ? undefined : await findObstacle(path);
      if (obstacle !== undefined) this.#poll(obstacle);
      if (this.#isPolled) await this.#look(root, signal);
      else await this.#watch(root, { signal, check });
    } finally {
      replaced.abort();
      await guarding;
    }
  }

  async #watch(
    root: WatchedRoot,
    { signal, check }: { signal: AbortSignal; check: () => Promise<void> },
  ): Promise<void> {
    if (signal.aborted) return;
    const watch = this.#options.watchFs(root.path);
    const close = () => watch.close();
    signal.addEventListener("abort", close, { once: true });
    this.#noteStart();
    try {
      for await (const event of watch) {
        if (event.flag === "rescan") this.#options.onRescan(root.name);
        // The folder itself may be back in a moment: what becomes of it shows by its identity.
        if (!event.paths.includes(root.path)) this.#pass(root, event);
        // The watch of a folder ends with it, even if there is one of the same name and number again.
        else if (event.kind === "remove") break;
        else await check();
      }
    } finally {
      signal.removeEventListener("abort", close);
      watch.close();
    }
  }

  /** On Linux a file that is closed after writing is told as `access`; a move as what went and what came, and as both. */
  #pass(root: WatchedRoot, { kind, paths }: Deno.FsEvent): void {
    const { onChange } = this.#options;
    if (kind === "rename" && paths.length === 2) {
      onChange(root, "removed", paths[0]!);
      return onChange(root, "moved", paths[1]!);
    }
    const meaning = kind === "access"
      ? "written"
      : kind === "rename"
      ? "moved"
      : kind === "remove"
      ? "removed"
      : "begun";
    for (const path of paths) onChange(root, meaning, path);
  }

  async #look(root: WatchedRoot, signal: AbortSignal): Promise<void> {
    const { pollMs, onPolled } = this.#options;
    const onStart = () => this.#noteStart();
    for await (const change of pollFolder(root.path, { intervalMs: pollMs, signal, onStart })) {
      onPolled(root, change);
    }
  }

  #poll(reason: string): void {
    this.#isPolled = true;
    this.#options.onObstacle(this.#name, reason);
  }

  #noteStart(): void {
    this.#started.resolve();
    if (this.#phase === "interrupted") this.#options.onRescan(this.#name);
    this.#phase = "following";
  }
}

async function guard(check: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(IDENTITY_MS, signal);
    if (!signal.aborted) await check();
  }
}

async function identify(name: string): Promise<Identity | undefined> {
  try {
    const path = await Deno.realPath(name);
    const { dev, ino, birthtime, isDirectory } = await Deno.stat(path);
    return isDirectory ? { path, key: [path, dev, ino, birthtime?.getTime()].join(" ") } : undefined;
  } catch {
    // It is not there, or not to be seen by this user.
    return undefined;
  }
}

/** What the system says, in words that help. */
function describe(error: unknown): string {
  const text = errorMessage(error);
  if (/watch limit|ENOSPC|os error 28/i.test(text)) {
    return "no more folders can be watched on this machine (raise it: sysctl fs.inotify.max_user_watches=524288)";
  }
  if (/os error 24|EMFILE/i.test(text)) {
    return "no more watches can be opened (raise it: sysctl fs.inotify.max_user_instances=512, or ulimit -n)";
  }
  return text;
}
