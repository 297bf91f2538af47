import { relativeUrl, rootUrl } from "./page_url.ts";
import type { Entry, Reference, Surroundings } from "./tree.ts";

/** A heading of a page. */
export interface Heading {
  readonly depth: number;
  readonly text: string;
  readonly id: string;
}

/** Everything that one file of the site shows. */
export interface PageView {
  readonly out: string;
  readonly siteTitle: string;
  readonly language: string;
  readonly title: string;
  readonly description: string;
  /** The text of the page; safe HTML. */
  readonly html: string;
  readonly headings: readonly Heading[];
  /** The Markdown file it was made from. */
  readonly source?: string;
  readonly surroundings: Surroundings;
  /** Links as seen from the root of the site: for the page that is shown at addresses of any depth. */
  readonly isAbsolute?: boolean;
}

/** The folder of the site's own files. */
export const OWN_FOLDER = "_cordon";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const ICONS = {
  menu: '<path d="M3 6h18M3 12h18M3 18h18"/>',
  search: '<circle cx="11" cy="11" r="7"/><path d="m20 20-4-4"/>',
  theme: '<circle cx="12" cy="12" r="9"/><path d="M12 3a9 9 0 0 1 0 18z" fill="currentColor"/>',
};

/** Writes out a whole page. */
export function renderLayout(view: PageView): string {
  const { out, siteTitle, title, surroundings } = view;
  const root = view.isAbsolute ? "/" : rootUrl(out);
  const link = (to: string) => view.isAbsolute ? `/${relativeUrl("index.html", to)}` : relativeUrl(out, to);
  const pageTitle = title === siteTitle ? title : `${title} · ${siteTitle}`;
  return `<!doctype html>
<html lang="${escape(view.language)}" data-root="${root}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(pageTitle)}</title>
${view.description === "" ? "" : `<meta name="description" content="${escape(view.description)}">\n`}\
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${root}${OWN_FOLDER}/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${root}${OWN_FOLDER}/style.css">
<script src="${root}${OWN_FOLDER}/early.js"></script>
<script src="${root}${OWN_FOLDER}/nav.js" defer></script>
<script src="${root}${OWN_FOLDER}/page.js" defer></script>
<script src="${root}${OWN_FOLDER}/served.js" defer></script>
</head>
<body>
<a class="skip" href="#cordon-content">Skip to the text</a>
<header class="top">
<button class="icon menu" type="button" aria-label="Pages" aria-controls="cordon-pages" aria-expanded="false">${
    icon("menu")
  }</button>
<a class="brand" href="${link("index.html")}">${escape(siteTitle)}</a>
<button class="find" type="button" aria-label="Search" aria-haspopup="dialog" aria-keyshortcuts="/">${
    icon("search")
  }<span>Search</span><kbd>/</kbd></button>
<button class="icon theme" type="button" aria-label="Theme">${icon("theme")}</button>
</header>
<div class="body">
<nav class="pages" id="cordon-pages" aria-label="Pages">${renderSiblings(surroundings, out, link)}</nav>
<main id="cordon-content" tabindex="-1">
${renderCrumbs(surroundings.crumbs, title, link)}\
${renderContents(view.headings, "contents-inline")}\
<article>
${view.html}
</article>
${renderPager(surroundings, link)}\
${view.source === undefined ? "" : `<footer class="source">${escape(view.source)}</footer>\n`}\
</main>
${renderContents(view.headings, "contents")}\
</div>
</body>
</html>
`;
}

/** The list of what is in a folder that has no page of its own. */
export function renderListing(entries: readonly Entry[], out: string): string {
  const items = entries.map((entry) => {
    const { title, out: to } = entry.type === "page" ? entry.page : entry.folder;
    const kind = entry.type === "folder" ? ' class="folder"' : "";
    return `<li${kind}><a href="${relativeUrl(out, to)}">${escape(title)}</a></li>`;
  });
  return items.length === 0
    ? "<p>There are no pages here yet.</p>"
    : `<ul class="listing">${items.join("\n")}</ul>`;
}

/** A heading for a page whose text has none. */
export function renderTitle(title: string): string {
  return `<h1>${escape(title)}</h1>\n`;
}

/** What stands in the place of a page that could not be rendered. */
export function renderProblem(reason: string): string {
  return `<div class="alert alert-warning"><p class="alert-title">This page cannot be shown</p><p>${
    escape(reason)
  }</p></div>`;
}

/** Neighbours in the same folder, for those who read without scripts; with them the whole tree takes their place. */
function renderSiblings(
  { folder, siblings, hasMore, crumbs }: Surroundings,
  out: string,
  link: Link,
): string {
  const up = crumbs.at(-1);
  const item = (reference: Reference) => {
    const current = reference.out === out ? ' aria-current="page"' : "";
    return `<li><a href="${link(reference.out)}"${current}>${escape(reference.title)}</a></li>`;
  };
  const parent = up && up.out !== folder.out
    ? `<a class="up" href="${link(up.out)}">${escape(up.title)}</a>`
    : "";
  const all = hasMore ? `<li><a href="${link(folder.out)}">All of ${escape(folder.title)}</a></li>` : "";
  return `${parent}<ul>${item(folder)}<li><ul>${siblings.map(item).join("")}${all}</ul></li></ul>`;
}

function renderCrumbs(crumbs: readonly Reference[], title: string, link: Link): string {
  if (crumbs.length === 0) return "";
  const items = crumbs.map((crumb) => `<li><a href="${link(crumb.out)}">${escape(crumb.title)}</a></li>`);
  return `<nav class="crumbs" aria-label="Breadcrumb"><ol>${items.join("")}<li aria-current="page">${
    escape(title)
  }</li></ol></nav>\n`;
}

function renderContents(headings: readonly Heading[], name: "contents" | "contents-inline"): string {
  const shown = headings.filter(({ depth, text }) => depth >= 2 && depth <= 3 && text !== "").slice(0, 200);
  if (shown.length < 2) return "";
  const items = shown.map(({ depth, id, text }) =>
    `<li class="depth-${depth}"><a href="#${encodeURIComponent(id)}">${escape(text)}</a></li>`
  ).join("");
  return name === "contents"
    ? `<nav class="contents" aria-labelledby="cordon-contents"><h2 id="cordon-contents">On this page</h2><ul>${items}</ul></nav>\n`
    : `<details class="contents-inline"><summary>On this page</summary><ul>${items}</ul></details>\n`;
}

function renderPager({ previous, next }: Surroundings, link: Link): string {
  if (!previous && !next) return "";
  const item = (reference: Reference | undefined, name: "previous" | "next", label: string) =>
    reference
      ? `<a class="${name}" rel="${name === "previous" ? "prev" : "next"}" href="${link(reference.out)}">` +
        `<span>${label}</span> ${escape(reference.title)}</a>`
      : "";
  return `<nav class="pager" aria-label="Previous and next page">${item(previous, "previous", "Previous")}${
    item(next, "next", "Next")
  }</nav>\n`;
}

function icon(name: keyof typeof ICONS): string {
  return `<svg viewBox="0 0 24 24" aria-hidden="true">${ICONS[name]}</svg>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPES[character]!);
}

type Link = (to: string) => string;
