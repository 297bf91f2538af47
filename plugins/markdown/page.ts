import { Budget } from "./budget.ts";
import { parseFrontMatter } from "./front_matter.ts";
import type { FrontMatter } from "./front_matter.ts";
import { Highlighter } from "./highlight.ts";
import { lex } from "./lexer.ts";
import { collectLinks } from "./links.ts";
import type { Link } from "./links.ts";
import { renderTokens } from "./renderer.ts";
import { sanitise } from "./sanitise.ts";
import type { Heading, Section } from "./sanitise.ts";

/** A page as HTML. */
export interface RenderedPage {
  readonly title: string;
  readonly html: string;
  readonly headings: Heading[];
  readonly links: Link[];
  readonly description: string;
}

/** A page as search and link check see it. */
export interface PageOutline {
  readonly title: string;
  readonly headings: Heading[];
  /** Places besides headings that links may lead to. */
  readonly anchors: string[];
  readonly links: Link[];
  readonly text: Section[];
}

/** What a table of contents needs to know about a page. */
export interface PageSummary {
  readonly title: string;
  /** Where the author wants it among its neighbours; smaller comes first. */
  readonly order?: number;
}

/** Pages longer than this are refused. */
export const MAX_LENGTH = 4 * 1024 * 1024;
const MAX_HTML = 5 * 1024 * 1024;
const BUDGET_MS = 8_000;
const MAX_TITLE_LINES = 2_000;

/** Renders a page. */
export function renderPage(text: string, path: string): RenderedPage {
  const matter = parseFrontMatter(normalise(text));
  const budget = new Budget(BUDGET_MS);
  const lexed = lex(matter.body, budget);
  const highlighter = new Highlighter();
  const safe = sanitise(renderTokens(lexed, (code, info) => highlighter.render(code, info)), budget);
  if (safe.html.length > MAX_HTML) {
    throw new RangeError(`Its HTML would be longer than ${MAX_HTML / 1024 / 1024} MiB; split it`);
  }
  return {
    title: titleOf(matter, path),
    html: safe.html,
    headings: safe.headings,
    links: collectLinks(lexed.tokens, matter.lines + 1),
    description: matter.description ?? safe.description,
  };
}

/** Outlines a page: everything but the HTML. */
export function outlinePage(text: string, path: string): PageOutline {
  const matter = parseFrontMatter(normalise(text));
  const budget = new Budget(BUDGET_MS);
  const lexed = lex(matter.body, budget);
  const { headings, anchors, sections } = sanitise(renderTokens(lexed), budget);
  const title = titleOf(matter, path);
  return { title, headings, anchors, links: collectLinks(lexed.tokens, matter.lines + 1), text: sections };
}

/** Finds the title of a page without parsing all of it. */
export function summarisePage(text: string, path: string): PageSummary {
  const matter = parseFrontMatter(normalise(text));
  return { title: titleOf(matter, path), order: matter.order };
}

/** The title from front matter, else the first heading of depth 1, else the name of the file or its folder. */
function titleOf(matter: FrontMatter, path: string): string {
  if (matter.title) return matter.title;
  const heading = firstHeading(matter.body);
  if (heading !== undefined) {
    const budget = new Budget(BUDGET_MS);
    const title = sanitise(renderTokens(lex(heading, budget)), budget).headings[0]?.text;
    if (title) return title;
  }
  const names = path.replace(/\.[^./]*$/, "").split("/");
  const last = names.pop() ?? "";
  return toTitle(/^(?:readme|index)$/i.test(last) ? names.pop() ?? last : last);
}

function firstHeading(body: string): string | undefined {
  let fence = "";
  let isComment = false;
  let before = "";
  let position = 0;
  for (let count = 0; count < MAX_TITLE_LINES && position < body.length; count++) {
    const newline = body.indexOf("\n", position);
    const end = newline < 0 ? body.length : newline;
    const line = body.slice(position, Math.min(end, position + 1_000));
    const start = position;
    position = end + 1;
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== "") {
      if (mark?.startsWith(fence) && line.trim() === mark) fence = "";
    } else if (isComment || /^ {0,3}<!--/.test(line)) isComment = !line.includes("-->");
    else if (mark) fence = mark;
    else if (/^ {0,3}#(?:[ \t]+[^\s#]|[ \t]+#+[ \t]*\S)/.test(line)) return line;
    else if (/^ {0,3}=+[ \t]*$/.test(line) && before !== "") return `${before}\n${line}`;
    else if (/^\s{0,3}<h1[\s>]/i.test(line)) return rawHeading(body, start);
    before = fence === "" && !/^(?: {4}|\t|\s*$| {0,3}[>#|]| {0,3}[*+-][ \t])/.test(line) ? line : "";
  }
  return undefined;
}

function rawHeading(body: string, start: number): string {
  const rest = body.slice(start, start + 2_000);
  const end = /<\/h1\s*>/i.exec(rest);
  // A blank line would end the block of HTML, and begin Markdown, in the middle of the title.
  return (end ? rest.slice(0, end.index + end[0].length) : rest.split("\n", 1)[0]!).replace(/\n\s*\n/g, "\n");
}

function toTitle(name: string): string {
  const words = name.replace(/^\d{1,3}[-_.\s]+(?=\D)/, "").replace(/[-_]+/g, " ").trim() || name;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function normalise(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n").replaceAll("\0", "\uFFFD");
}
