import type { Capability, PluginContext, PluginMethods } from "@cordon/cordon/sdk";
import { each, Follower } from "./follow.ts";
import type { Batch, FileEntry, Files } from "./follow.ts";
import { SearchIndex } from "./index.ts";
import type { Section } from "./index.ts";
import type { Search } from "./search.contract.ts";

type Markdown = { outline(text: string, options: { path: string }): { title: string; text: Section[] } };

// Less than cordon.site has in flight: the site comes first while both start.
const WIDTH = 2;
const MAX_QUERY = 500;
const MAX_LIMIT = 100;
const WAIT_MS = 30_000;
const MAX_SKIPPED = 1_000;

/** Keeps an index of all pages, and answers queries from it. */
export function activate(ctx: PluginContext): Search & PluginMethods {
  const index = new SearchIndex();
  const skipped = new Map<string, string>();
  let isReady = false;
  let missing = "";

  const apply = async (batch: Batch) => {
    for (const path of batch.removed) forget(path);
    const markdown = await useNow<Markdown>(ctx, "markdown");
    const files = await useNow<Files>(ctx, "files");
    const add = async ({ path, kind, hash }: FileEntry) => {
      if (kind !== "page") return forget(path);
      if (index.has(path, hash)) return;
      try {
        const outline = await markdown.outline(await files.read(path), { path });
        ctx.signal.throwIfAborted();
        if (index.set(path, hash, outline)) skipped.delete(path);
        else skip(path, "Only part of it is indexed: the index is full");
      } catch (error) {
        ctx.signal.throwIfAborted();
        // Is it this page, or does nothing work? In the second case the round ends, and is tried again later.
        await files.problems();
        await markdown.outline("", { path: "" });
        index.remove(path);
        skip(path, messageOf(error));
      }
    };
    await each(batch.changed, WIDTH, add);
    if (!batch.more) isReady = true;
    missing = "";
  };
  const forget = (path: string) => {
    index.remove(path);
    skipped.delete(path);
  };
  const skip = (path: string, reason: string) => {
    if (skipped.size < MAX_SKIPPED) skipped.set(path, reason);
    ctx.log.warn("Cannot index a page", { path, reason });
  };
  const onError = (error: unknown) => {
    const reason = isUnavailable(error)
      ? 'nothing is indexed, because "cordon.files" or "cordon.markdown" is not available'
      : messageOf(error);
    if (reason !== missing) ctx.log.warn(`Cannot index the documentation: ${reason}`);
    missing = reason;
  };
  const follower = new Follower({
    signal: ctx.signal,
    files: () => useNow<Files>(ctx, "files"),
    known: () => index.paths(),
    apply,
    onError,
  });
  ctx.events.on("files.changed", () => follower.wake());
  follower.wake();

  return {
    async query(text, options) {
      if (typeof text !== "string") throw new TypeError("Cannot search: the query must be a string");
      if (text.trim() === "") throw new TypeError("Cannot search: the query is empty");
      const limit = numberOr(options?.limit, 10, "limit");
      await settled(follower.sync(), numberOr(options?.waitMs, WAIT_MS, "waitMs"));
      return index.search(text.slice(0, MAX_QUERY), Math.min(Math.max(1, Math.trunc(limit)), MAX_LIMIT));
    },

    status() {
      return {
        pages: index.pages,
        sections: index.sections,
        revision: follower.revision ?? 0,
        ready: isReady,
        skipped: Array.from(skipped, ([path, reason]) => ({ path, reason })),
      };
    },
  };
}

/** Waits for a round to end, however it ends, but not longer than this. */
async function settled(round: Promise<void>, waitMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) =>
    timer = setTimeout(resolve, Math.min(Math.max(waitMs, 0), WAIT_MS))
  );
  try {
    await Promise.race([round.catch(() => {}), patience]);
  } finally {
    clearTimeout(timer);
  }
}

function numberOr(value: unknown, otherwise: number, name: string): number {
  if (value === undefined || value === null) return otherwise;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new TypeError(`Cannot search: ${name} must be a number`);
  }
  return value;
}

/** The handle on a capability, while it is there. */
async function useNow<T>(ctx: PluginContext, capability: string): Promise<Capability<T>> {
  const handle = await ctx.use<T>(capability);
  if (handle.available) return handle;
  throw Object.assign(new Error(`Nothing provides "${capability}"`), { code: "capability_unavailable" });
}

function isUnavailable(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "capability_unavailable";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
