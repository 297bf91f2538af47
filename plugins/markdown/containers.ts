// deno-lint-ignore-file no-import-prefix -- a plugin folder has no import map: packages are named where they are used
import type { TokenizerAndRendererExtension, Tokens } from "npm:marked@18";
import { escapeHtml } from "./escape.ts";

/** The alerts that GitHub knows, and what other generators call them. */
const ALERTS: Readonly<Record<string, string>> = {
  note: "note",
  info: "note",
  tip: "tip",
  success: "tip",
  important: "important",
  warning: "warning",
  caution: "caution",
  danger: "caution",
};
const OPENING = /^(:{3,})[ \t]*([a-z]+)[ \t]*(?:\[([^\]\n]{0,200})\]|([^\n{\[]{0,200}))[^\n]*\n/;
const MAX_LENGTH = 64 * 1024;
const QUOTED = /^<p>\[!(note|tip|important|warning|caution)\][ \t]*(?:<br>)?\n?/i;

/** Containers as Docusaurus and others write them: `:::note`, text, `:::`. */
export const containers: TokenizerAndRendererExtension = {
  name: "container",
  level: "block",
  tokenizer(src) {
    const match = OPENING.exec(src);
    const kind = match?.[2];
    if (!match || !kind || !Object.hasOwn(ALERTS, kind)) return undefined;
    const rest = src.slice(match[0].length, match[0].length + MAX_LENGTH);
    const end = new RegExp(`^${match[1]}[ \\t]*$`, "m").exec(rest);
    if (!end) return undefined;
    const title = (match[3] ?? match[4] ?? "").trim();
    const raw = src.slice(0, match[0].length + end.index + end[0].length);
    return {
      type: "container",
      raw,
      kind,
      title,
      tokens: this.lexer.blockTokens(rest.slice(0, end.index), []),
    };
  },
  renderer(token) {
    const { kind, title, tokens } = token as Tokens.Generic & { kind: string; title: string };
    return renderAlert(kind, title, this.parser.parse(tokens ?? []));
  },
};

/** A block quote, or the alert that it is on GitHub (`> [!NOTE]`). */
export function renderQuote(body: string): string {
  const kind = QUOTED.exec(body)?.[1];
  if (!kind) return `<blockquote>${body}</blockquote>`;
  return renderAlert(kind.toLowerCase(), "", body.replace(QUOTED, "<p>").replace(/^<p>\s*<\/p>\s*/, ""));
}

function renderAlert(kind: string, title: string, body: string): string {
  const name = ALERTS[kind]!;
  const shown = title || kind[0]!.toUpperCase() + kind.slice(1);
  return `<div class="alert alert-${name}"><p class="alert-title">${escapeHtml(shown)}</p>${body}</div>`;
}
