// deno-lint-ignore-file no-import-prefix -- a plugin folder has no import map: packages are named where they are used
import { Parser, Renderer } from "npm:marked@18";
import type { Tokens } from "npm:marked@18";
import { renderQuote } from "./containers.ts";
import { escapeHtml } from "./escape.ts";
import type { Lexed } from "./lexer.ts";
import { SHOWN_AS_TEXT } from "./policy.ts";

/** Writes a block of code. */
export type CodeRenderer = (code: string, info: string) => string;

/** Writes a page as HTML that still has to be made safe. */
export function renderTokens({ tokens, footnotes, options }: Lexed, renderCode?: CodeRenderer): string {
  const renderer = new PageRenderer();
  if (renderCode) renderer.renderCode = renderCode;
  const parser = new Parser({ ...options, renderer });
  return parser.parse(tokens) + footnotes.render((list) => parser.parse(list));
}

class PageRenderer extends Renderer {
  renderCode: CodeRenderer = (code) => `<pre><code>${escapeHtml(code)}</code></pre>`;

  override code({ text, lang }: Tokens.Code): string {
    return this.renderCode(text.replace(/\n*$/, "\n"), lang ?? "");
  }

  override blockquote({ tokens }: Tokens.Blockquote): string {
    return renderQuote(this.parser.parse(tokens));
  }

  override heading({ tokens, depth }: Tokens.Heading): string {
    const inner = this.parser.parseInline(tokens);
    // `## Title {#id}` is how Docusaurus, Hugo, Pandoc and kramdown name a place.
    const named = /\s*\{#([\w.:-]{1,100})\}\s*$/.exec(inner);
    if (!named) return `<h${depth}>${inner}</h${depth}>`;
    return `<h${depth} id="${named[1]}">${inner.slice(0, named.index)}</h${depth}>`;
  }

  override html({ text }: Tokens.HTML | Tokens.Tag): string {
    return closeOpenTag(withoutScripts(text).replace(SHOWN_AS_TEXT, "&lt;"));
  }
}

/** Leaves out scripts and styles that are complete; an incomplete one is shown as text later. */
function withoutScripts(html: string): string {
  let rest = html;
  for (const name of ["script", "style"]) {
    const lower = rest.toLowerCase();
    let out = "";
    let position = 0;
    for (let start = lower.indexOf(`<${name}`); start >= 0; start = lower.indexOf(`<${name}`, position)) {
      const end = lower.indexOf(`</${name}`, start);
      const close = end < 0 ? -1 : lower.indexOf(">", end);
      if (close < 0) break;
      out += rest.slice(position, start);
      position = close + 1;
    }
    rest = out + rest.slice(position);
  }
  return rest;
}

/**
 * A tag or comment that is not closed within its block would take the blocks
 * after it for its attributes; so it becomes text, or is closed.
 */
function closeOpenTag(html: string): string {
  let text = html;
  for (let attempt = 0; attempt < 8; attempt++) {
    const open = findOpen(text);
    if (open === undefined) return text;
    if (open.isComment) return `${text}-->`;
    text = `${text.slice(0, open.at)}&lt;${text.slice(open.at + 1)}`;
  }
  return text.replaceAll("<", "&lt;");
}

/** Finds the tag or comment that never ends. */
function findOpen(html: string): { at: number; isComment: boolean } | undefined {
  let start = -1;
  let quote = "";
  for (let index = html.indexOf("<"); index >= 0 && index < html.length; index++) {
    const character = html[index]!;
    if (start < 0) {
      if (html.startsWith("<!--", index)) {
        const end = html.indexOf("-->", index);
        if (end < 0) return { at: index, isComment: true };
        index = end + 2;
      } else if (character === "<" && /[A-Za-z/!?]/.test(html[index + 1] ?? "")) start = index;
    } else if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === '"' || character === "'") {
      if (/=\s*$/.test(html.slice(Math.max(start, index - 8), index))) quote = character;
    } else if (character === ">") start = -1;
  }
  return start < 0 ? undefined : { at: start, isComment: false };
}
