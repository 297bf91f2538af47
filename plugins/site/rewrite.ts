import { relativeUrl } from "./page_url.ts";
import type { Places } from "./resolve.ts";

/** HTML whose links lead to output files, and the links it had before. */
export interface Rewritten {
  readonly html: string;
  /** Links within the site as they were written, without repetition. */
  readonly links: string[];
}

/** Finds the output file of a page. */
export type OutputOf = (path: string) => string;

const TAGS = /<(?:a|img|source|video|audio) [^>]*>/g;
const ATTRIBUTES = / (href|src|poster)="([^"]*)"/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

/**
 * Turns links between Markdown files into links between pages. It relies on
 * the form in which cordon.markdown writes HTML: every attribute in double
 * quotes, with `<`, `>` and `"` escaped in it.
 */
export function rewriteLinks(
  html: string,
  page: { path: string; out: string },
  places: Places,
  outputOf: OutputOf,
): Rewritten {
  const links = new Set<string>();
  const rewritten = html.replace(
    TAGS,
    (tag) =>
      tag.replace(ATTRIBUTES, (attribute, name: string, value: string) => {
        const href = value.replace(/&(amp|lt|gt|quot);/g, (_, entity: string) => ENTITIES[entity]!);
        const target = resolveLink(href, page, places, outputOf);
        if (target !== null) links.add(href);
        return target === undefined || target === null ? attribute : ` ${name}="${escapeAttribute(target)}"`;
      }),
  );
  return { html: rewritten, links: [...links] };
}

/** Where links lead now, as one text; it differs when one of them does. */
export function describeTargets(
  links: readonly string[],
  page: { path: string; out: string },
  places: Places,
  outputOf: OutputOf,
): string {
  return links.map((href) => resolveLink(href, page, places, outputOf) ?? "").join("\n");
}

/** The URL for a link; `null` when it leads out of the site or stays on the page, `undefined` when it leads nowhere. */
function resolveLink(
  href: string,
  page: { path: string; out: string },
  places: Places,
  outputOf: OutputOf,
): string | null | undefined {
  if (href.startsWith("#")) return null;
  const target = places.resolve(page.path, href);
  if (target.type === "external") return null;
  if (target.type === "broken") return undefined;
  const out = target.type === "page"
    ? outputOf(target.path)
    : target.type === "asset"
    ? target.path
    : target.path === ""
    ? "index.html"
    : `${target.path}/index.html`;
  return relativeUrl(page.out, out) + target.query + target.fragment;
}

function escapeAttribute(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (character) => `&${Object.keys(ENTITIES).find((key) => ENTITIES[key] === character)};`,
  );
}
