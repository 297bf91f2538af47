import type { PluginContext, PluginMethods } from "@cordon/cordon/sdk";
import { Catalog } from "./catalog.ts";
import type { CatalogChanges } from "./catalog.ts";
import { decodePage, Folder, MAX_PAGE_BYTES } from "./folder.ts";
import type { Problem } from "./folder.ts";
import { Scanner } from "./scanner.ts";
import { watchFolder } from "./watcher.ts";
import type { Touched } from "./watcher.ts";

const MAX_CHUNK_BYTES = 8 * 1024 * 1024;
// Two starts are never a microsecond apart, and no start makes a million changes in a second: a new
// catalog begins above every revision of the one before, so whoever holds an old one is told to start anew.
const REVISIONS_PER_MS = 1_000;

/** What `changes()` answers: the changes, and what the folder is. */
export interface FilesChanges extends CatalogChanges {
  /** The name of the input folder. */
  readonly name: string;
  /** Whether the input folder has become a site itself: input and output are the same folder. */
  readonly isSite: boolean;
}

/** What cordon.files offers. */
export interface FilesMethods {
  /** Says what changed since a revision, a page at a time. */
  changes(since?: number | null, limit?: number | null): Promise<FilesChanges>;
  /** Reads a listed file as text, without a byte order mark. */
  read(path: string): Promise<string>;
  /** Reads bytes of a listed file; fewer than asked for, or none, at its end. */
  readBytes(path: string, offset?: number | null, length?: number | null): Promise<Uint8Array>;
  /** Names what could not be listed, and why. */
  problems(): Problem[];
}

let watching: Promise<void> | undefined;
let ending = new AbortController();

/** Reads the input folder, and watches it until the plugin stops. */
export async function activate(ctx: PluginContext): Promise<FilesMethods & PluginMethods> {
  ending = new AbortController();
  const signal = AbortSignal.any([ctx.signal, ending.signal]);
  const folder = await Folder.open(ctx.vars["input"]);
  const catalog = new Catalog(Date.now() * REVISIONS_PER_MS);
  const scanner = new Scanner(folder, catalog, signal);

  let published = 0;
  const announce = async () => {
    if (catalog.revision === published) return;
    published = catalog.revision;
    await ctx.events.publish("files.changed", { revision: published });
  };
  const scanned = Promise.withResolvers<void>();
  const onTouched = async (touched: Touched) => {
    try {
      await scanned.promise;
      await (touched === "everything" ? scanner.scanAll() : scanner.scan(touched));
      await announce();
    } catch (error) {
      if (!signal.aborted) ctx.log.error("Cannot look at the input folder", { error: String(error) });
    }
  };
  let isPolling = false;
  const onPolling = (error: unknown) => {
    if (!isPolling) {
      ctx.log.warn("Cannot watch the input folder: it is looked at every few seconds instead", {
        error: String(error),
      });
    }
    isPolling = true;
  };
  // Watching begins before the first look, so that nothing falls between the two.
  watching = watchFolder(folder, { signal, onTouched, onPolling });
  try {
    await scanner.scanAll();
  } catch (error) {
    ending.abort();
    throw error;
  } finally {
    scanned.resolve();
  }
  ctx.log.info("Read the input folder", { files: catalog.size, problems: scanner.problems.length });
  // Not before this plugin runs: whoever hears of it asks at once. After a restart, it wakes those who wait.
  setTimeout(() => onTouched(new Set()), 0);

  const listed = (path: unknown) => {
    if (typeof path !== "string") throw new TypeError("Cannot read a file: its path must be a string");
    if (!catalog.get(path)) throw new Error(`Cannot read "${path}": it is not a listed file`);
    return path;
  };

  return {
    async changes(since, limit) {
      assertOptionalNumber("since", since);
      assertOptionalNumber("limit", limit);
      const changes = catalog.changes(since ?? undefined, limit ?? undefined);
      return { ...changes, name: folder.name, isSite: changes.reset && await folder.isSite() };
    },

    async read(path) {
      const bytes = await folder.readBytes(listed(path), 0, MAX_PAGE_BYTES + 1).catch((cause: unknown) => {
        throw new Error(`Cannot read "${path}": ${messageOf(cause)}`, { cause });
      });
      if (bytes.length > MAX_PAGE_BYTES) {
        throw new RangeError(
          `Cannot read "${path}" as text: it is larger than ${MAX_PAGE_BYTES / 1024 / 1024} MiB`,
        );
      }
      try {
        return decodePage(bytes);
      } catch (cause) {
        throw new TypeError(`Cannot read "${path}" as text: ${messageOf(cause)}`, { cause });
      }
    },

    async readBytes(path, offset, length) {
      const from = offset ?? 0;
      const count = length ?? MAX_CHUNK_BYTES;
      if (!Number.isSafeInteger(from) || from < 0) {
        throw new RangeError("Cannot read bytes: offset must be 0 or more");
      }
      if (!Number.isSafeInteger(count) || count < 1) {
        throw new RangeError("Cannot read bytes: length must be 1 or more");
      }
      return await folder.readBytes(listed(path), from, Math.min(count, MAX_CHUNK_BYTES));
    },

    problems: () => scanner.problems,
  };
}

/** Ends the watch. */
export async function deactivate(): Promise<void> {
  ending.abort();
  await watching;
}

function assertOptionalNumber(name: string, value: unknown): void {
  if (value !== undefined && value !== null && !Number.isFinite(value)) {
    throw new TypeError(`Cannot list changes: ${name} must be a number`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
