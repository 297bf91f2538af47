// deno-lint-ignore-file no-import-prefix -- a plugin folder has no import map: packages are named where they are used
import type { Token, TokenizerAndRendererExtension, Tokens } from "npm:marked@18";
import { escapeHtml } from "./escape.ts";
import { toSlug } from "./slug.ts";

const REFERENCE = /^\[\^([^\s\[\]^]{1,80})\](?!\()/;
const DEFINITION =
  /^ {0,3}\[\^([^\s\[\]^]{1,80})\]:[ \t]*([^\n]*(?:\n(?!\s*\n| {0,3}\[\^)[^\n]+)*(?:\n[ \t]*\n(?: {4}|\t)[^\n]*)*)\n*/;
const MAX_FOOTNOTES = 1_000;

type FootnoteToken = Tokens.Generic & { label: string };

/** The footnotes of one page: `text[^1]`, and `[^1]: explanation` elsewhere. */
export class Footnotes {
  readonly #definitions = new Map<string, Token[]>();
  /** Labels in the order of their first reference, and how often each was referred to. */
  readonly #references = new Map<string, number>();

  /** What marked needs to recognise them. */
  get extensions(): TokenizerAndRendererExtension[] {
    const definitions = this.#definitions;
    return [
      {
        name: "footnoteDefinition",
        level: "block",
        tokenizer(src) {
          const match = DEFINITION.exec(src);
          if (!match || definitions.size >= MAX_FOOTNOTES) return undefined;
          const label = match[1]!.toLowerCase();
          const tokens = this.lexer.blockTokens(match[2]!.replace(/^(?: {4}|\t)/gm, ""), []);
          if (!definitions.has(label)) definitions.set(label, tokens);
          return { type: "footnoteDefinition", raw: match[0], label, tokens };
        },
        renderer: () => "",
      },
      {
        name: "footnoteReference",
        level: "inline",
        tokenizer(src) {
          const match = REFERENCE.exec(src);
          return match
            ? { type: "footnoteReference", raw: match[0], label: match[1]!.toLowerCase() }
            : undefined;
        },
        renderer: (token) => this.#renderReference(token as FootnoteToken),
      },
    ];
  }

  /** The list of footnotes that were referred to, for the end of the page. */
  render(parse: (tokens: Token[]) => string): string {
    let items = "";
    const done = new Set<string>();
    // A footnote may refer to another one, which then joins the list while it is written.
    for (const label of this.#references.keys()) {
      const tokens = this.#definitions.get(label);
      if (!tokens || done.has(label)) continue;
      done.add(label);
      const body = parse(tokens);
      const back = ` <a class="footnote-back" href="#fnref-${idOf(label)}" title="Back to the text">↩</a>`;
      items += `<li id="fn-${idOf(label)}">${body.replace(/(<\/p>\s*)?$/, (end) => back + end)}</li>`;
    }
    return items === "" ? "" : `<section class="footnotes"><ol>${items}</ol></section>`;
  }

  #renderReference({ label, raw }: FootnoteToken): string {
    if (!this.#definitions.has(label)) return escapeHtml(raw);
    const count = (this.#references.get(label) ?? 0) + 1;
    this.#references.set(label, count);
    const number = [...this.#references.keys()].indexOf(label) + 1;
    const id = count === 1 ? ` id="fnref-${idOf(label)}"` : "";
    return `<sup class="footnote-ref"><a${id} href="#fn-${idOf(label)}">${number}</a></sup>`;
  }
}

function idOf(label: string): string {
  return escapeHtml(toSlug(label) || "note");
}
