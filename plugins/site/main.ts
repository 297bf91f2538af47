import type { PluginContext, PluginMethods } from "@cordon/cordon/sdk";
import { Builder } from "./builder.ts";
import type { Round } from "./builder.ts";
import { Follower } from "./follow.ts";
import type { Batch, Files } from "./follow.ts";
import { Output, OutputError } from "./output.ts";
import type { Markdown } from "./sources.ts";

/** What building did. */
export interface BuildReport {
  /** Pages of the site. */
  readonly pages: number;
  /** Pages written; the others were as they should be. */
  readonly written: number;
  /** Assets copied. */
  readonly assets: number;
  /** Files removed, because what they were made from is gone. */
  readonly removed: number;
  /** What could not be made part of the site, and why. */
  readonly skipped: { path: string; reason: string }[];
  readonly ms: number;
}

/** The state of the site. */
export interface SiteStatus extends BuildReport {
  readonly revision: number;
  /** Why the last attempt failed; the site is as the one before left it. */
  readonly error?: string;
}

/** What cordon.site offers. */
export interface SiteMethods {
  /** Brings the site up to date; with `all`, writes everything again. */
  build(options?: { all?: boolean } | null): Promise<BuildReport>;
  /** Says what building did when something had changed last. */
  status(): SiteStatus;
}

const THEME = ["style.css", "early.js", "page.js", "served.js", "icon.svg"];
const MAX_URLS = 500;

/** Builds the site, and keeps it up to date from then on. */
export async function activate(ctx: PluginContext): Promise<SiteMethods & PluginMethods> {
  const { title, language } = ctx.config;
  const theme = new Map<string, string>();
  for (const name of THEME) {
    theme.set(name, await Deno.readTextFile(new URL(`./theme/${name}`, import.meta.url)));
  }
  const output = await Output.open(ctx.vars["output"]);
  const builder = new Builder({
    output,
    signal: ctx.signal,
    title: typeof title === "string" ? title : undefined,
    language: typeof language === "string" ? language : "en",
    theme,
    onSkipped: (path, reason) => ctx.log.warn("Cannot show a page or file", { path, reason }),
  });
  const none: Round = { urls: [], written: 0, assets: 0, removed: 0, ms: 0 };
  let latest = none;
  let lastWithChanges = none;
  let problems: { path: string; reason: string }[] = [];
  let error: string | undefined;

  const apply = async (batch: Batch) => {
    if (batch.source.isSite) {
      throw new OutputError(
        `Cannot write output folder "${output.path}": it is the input folder; choose another with --var output=DIR`,
      );
    }
    const files = await ctx.use<Files>("files");
    const markdown = await ctx.use<Markdown>("markdown");
    const sources = { files, markdown };
    await builder.take(batch, sources);
    if (batch.more) return;
    latest = await builder.write(sources, batch.source.name);
    problems = await files.problems();
    error = undefined;
    if (latest.written + latest.assets + latest.removed === 0) return;
    lastWithChanges = latest;
    const { urls, ...counts } = latest;
    ctx.log.info("Built the site", { pages: builder.pages, ...counts });
    await ctx.events.publish("site.built", {
      revision: batch.revision,
      pages: builder.pages,
      // Which pages changed, or nothing when it would be a long list: then any page may have.
      changed: urls.length > MAX_URLS ? null : urls,
    });
  };
  const follower = new Follower({
    signal: ctx.signal,
    files: () => ctx.use<Files>("files"),
    known: () => builder.paths(),
    apply,
    onError: (cause) => {
      error = cause instanceof Error ? cause.message : String(cause);
      ctx.log.error("Cannot build the site", { reason: error });
    },
  });
  const report = ({ written, assets, removed, ms }: Round): BuildReport => {
    return { pages: builder.pages, written, assets, removed, skipped: [...problems, ...builder.skipped], ms };
  };

  try {
    await follower.sync();
  } catch (cause) {
    follower.close();
    // What a folder held before it became a site stays, and nothing of the attempt does.
    if (output.isNew && cause instanceof OutputError) await output.undo();
    throw cause;
  }
  ctx.events.on("files.changed", () => follower.wake());
  // A change between the first look and the subscription had nobody to tell.
  follower.wake();

  return {
    async build(options) {
      if (options?.all) {
        output.forget();
        builder.forget();
      }
      await follower.sync();
      return report(latest);
    },
    status: () => ({
      ...report(lastWithChanges),
      revision: follower.revision ?? 0,
      ...(error === undefined ? {} : { error }),
    }),
  };
}
