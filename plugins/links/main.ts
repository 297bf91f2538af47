import type { PluginContext, PluginMethods } from "@cordon/cordon/sdk";
import { LinkChecker } from "./checker.ts";
import type { BrokenLink } from "./checker.ts";
import { each, Follower } from "./follow.ts";
import type { Batch, FileEntry, Files } from "./follow.ts";

/** What was checked. */
export interface LinksStatus {
  readonly pages: number;
  /** Links within the documentation. */
  readonly internal: number;
  /** Links to other sites, which are counted and not followed. */
  readonly external: number;
  readonly broken: number;
  readonly revision: number;
  readonly skipped: { path: string; reason: string }[];
}

/** What cordon.links offers. */
export interface LinksMethods {
  /** Names the links that lead nowhere, by page and line. */
  broken(): Promise<BrokenLink[]>;
  /** Says what was checked. */
  status(): Promise<LinksStatus>;
}

type Outline = {
  readonly headings: readonly { id: string }[];
  readonly anchors?: readonly string[];
  readonly links: readonly { href: string; line: number }[];
};
type Markdown = { outline(text: string, options: { path: string }): Outline };

const WIDTH = 4;
const MAX_ANSWER = 20_000;
const MAX_SKIPPED = 1_000;
const EXTERNAL = /^\s*(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/** Looks at the links of all pages when asked, and says which lead nowhere. */
export function activate(ctx: PluginContext): LinksMethods & PluginMethods {
  const checker = new LinkChecker();
  const skipped = new Map<string, string>();

  const apply = async (batch: Batch) => {
    for (const path of batch.removed) {
      checker.remove(path);
      skipped.delete(path);
    }
    for (const { path } of batch.changed) checker.addPlace(path);
    const markdown = await ctx.use<Markdown>("markdown");
    const files = await ctx.use<Files>("files");
    const look = async ({ path, kind, hash }: FileEntry) => {
      if (kind !== "page" || checker.has(path, hash)) return;
      try {
        const { headings, anchors = [], links } = await markdown.outline(await files.read(path), { path });
        const internal = links.filter((link) => !EXTERNAL.test(link.href)).map(({ href, line }) => ({
          href,
          line,
        }));
        const ids = new Set([...headings.map((heading) => heading.id), ...anchors]);
        checker.setPage(path, { hash, links: internal, ids, external: links.length - internal.length });
        skipped.delete(path);
      } catch (error) {
        ctx.signal.throwIfAborted();
        // Is it this page, or does nothing work? In the second case the round ends, and is tried again later.
        await files.problems();
        await markdown.outline("", { path: "" });
        // Without its hash it is tried again when the list begins anew.
        checker.setPage(path, { hash: "", links: [], external: 0 });
        if (skipped.size < MAX_SKIPPED) skipped.set(path, messageOf(error));
        ctx.log.warn("Cannot check the links of a page", { path, reason: messageOf(error) });
      }
    };
    await each(batch.changed, WIDTH, look);
  };
  const follower = new Follower({
    signal: ctx.signal,
    files: () => ctx.use<Files>("files"),
    known: () => checker.paths(),
    apply,
    onError: (error) => ctx.log.warn(`Cannot check the links: ${messageOf(error)}`),
  });
  // Nothing is done before somebody asks for the first time; from then on it is kept up to date.
  let isAsked = false;
  ctx.events.on("files.changed", () => {
    if (isAsked) follower.wake();
  });
  const upToDate = () => {
    isAsked = true;
    return follower.sync();
  };

  return {
    async broken() {
      await upToDate();
      return checker.broken().slice(0, MAX_ANSWER);
    },

    async status() {
      await upToDate();
      return {
        pages: checker.pages,
        ...checker.counts,
        broken: checker.broken().length,
        revision: follower.revision ?? 0,
        skipped: Array.from(skipped, ([path, reason]) => ({ path, reason })),
      };
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
