import type { PluginContext, PluginMethods } from "@cordon/cordon/sdk";
import { MAX_LENGTH, outlinePage, renderPage, summarisePage } from "./page.ts";
import type { PageOutline, PageSummary, RenderedPage } from "./page.ts";

/** What may accompany a page. */
export interface PageOptions {
  /** Where the page lies; its name is the last resort for a title. */
  readonly path?: string;
}

/** What cordon.markdown offers. */
export interface MarkdownMethods {
  /** Turns a page into safe HTML, with its title, headings and links. */
  render(text: string, options?: PageOptions | null): RenderedPage;
  /** Says what is in a page: headings, links, and plain text by section. */
  outline(text: string, options?: PageOptions | null): PageOutline;
  /** Says what a page is called, without parsing all of it. */
  summary(text: string, options?: PageOptions | null): PageSummary;
}

/** Offers Markdown to other plugins; needs nothing and keeps nothing. */
export function activate(_ctx: PluginContext): MarkdownMethods & PluginMethods {
  return {
    render: (text, options) => parse(renderPage, text, options),
    outline: (text, options) => parse(outlinePage, text, options),
    summary: (text, options) => parse(summarisePage, text, options),
  };
}

function parse<T>(
  work: (text: string, path: string) => T,
  text: unknown,
  options: PageOptions | null | undefined,
): T {
  if (typeof text !== "string") throw new TypeError("Cannot parse a page: its text must be a string");
  const path = options?.path ?? "";
  if (typeof path !== "string") throw new TypeError("Cannot parse a page: its path must be a string");
  if (text.length > MAX_LENGTH) {
    throw new RangeError(
      `Cannot parse "${path}": it is longer than ${MAX_LENGTH / 1024 / 1024} MiB; split it`,
    );
  }
  try {
    return work(text, path);
  } catch (cause) {
    const isStack = cause instanceof RangeError && cause.message.startsWith("Maximum call stack");
    const reason = isStack
      ? "It repeats itself too often to parse"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new RangeError(`Cannot parse "${path}": ${reason}`, { cause });
  }
}
