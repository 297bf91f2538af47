// deno-lint-ignore-file no-import-prefix -- a plugin folder has no import map: packages are named where they are used
import { Lexer, Marked, Tokenizer } from "npm:marked@18";
import type { MarkedOptions, Token, Tokens, TokensList } from "npm:marked@18";
import type { Budget } from "./budget.ts";
import { containers } from "./containers.ts";
import { Footnotes } from "./footnotes.ts";

const MAX_DEPTH = 40;
const MAX_INLINE = 32 * 1024;
const MAX_UNBROKEN_LINES = 1_000;

/** A page in pieces. */
export interface Lexed {
  readonly tokens: TokensList;
  readonly footnotes: Footnotes;
  /** What a parser of the tokens has to know. */
  readonly options: MarkedOptions;
}

/**
 * Cuts Markdown into tokens within bounds: quotes and lists nest at most 40
 * deep, a paragraph of more than 32 KiB is plain text, and the budget ends
 * the rest. Without them, marked needs quadratic time for lines that continue
 * a list item and for runs of `_`, and any stack overflows.
 */
export function lex(markdown: string, budget: Budget): Lexed {
  const footnotes = new Footnotes();
  const { defaults } = new Marked({ gfm: true, extensions: [...footnotes.extensions, containers] });
  const tokenizer = new BoundedTokenizer(budget);
  const lexer = new BoundedLexer({ ...defaults, tokenizer }, tokenizer);
  return { tokens: lexer.lex(markdown), footnotes, options: defaults };
}

class BoundedLexer extends Lexer {
  readonly bounds: BoundedTokenizer;
  #depth = 0;

  constructor(options: MarkedOptions, bounds: BoundedTokenizer) {
    super(options);
    this.bounds = bounds;
  }

  override blockTokens(src: string, tokens?: Token[], lastParagraphClipped?: boolean): Token[];
  override blockTokens(src: string, tokens?: TokensList, lastParagraphClipped?: boolean): TokensList;
  override blockTokens(src: string, tokens: Token[] = [], lastParagraphClipped = false): Token[] {
    this.bounds.budget.check();
    if (this.#depth >= MAX_DEPTH) {
      tokens.push({ type: "paragraph", raw: src, text: src, tokens: [plainText(src)] });
      return tokens;
    }
    const outer = this.bounds.lookedDownTo;
    this.bounds.lookedDownTo = Infinity;
    this.#depth++;
    try {
      return super.blockTokens(src, tokens, lastParagraphClipped);
    } finally {
      this.#depth--;
      this.bounds.lookedDownTo = outer;
    }
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    this.bounds.budget.check();
    if (src.length > MAX_INLINE || this.#depth >= MAX_DEPTH) {
      tokens.push(plainText(src));
      return tokens;
    }
    this.#depth++;
    try {
      return super.inlineTokens(src, tokens);
    } finally {
      this.#depth--;
    }
  }
}

// marked takes a shorter way while `paragraph`, `emStrong` and `del` are its own, so those stay untouched;
// `space` and `escape` are what it asks first for each block and each piece of text.
class BoundedTokenizer extends Tokenizer {
  readonly budget: Budget;

  constructor(budget: Budget) {
    super();
    this.budget = budget;
  }

  override space(src: string): Tokens.Space | undefined {
    this.budget.check();
    return super.space(src);
  }

  override escape(src: string): Tokens.Escape | undefined {
    this.budget.check();
    return super.escape(src);
  }

  /** Down to how much text that is left the lines of this block were looked at. */
  lookedDownTo = Infinity;

  override list(src: string): Tokens.List | undefined {
    // A list item takes in the lines that continue it in quadratic time, within this one call.
    if (src.length < this.lookedDownTo && startsList(src)) {
      const end = findEndOfList(src);
      if (end === undefined) return undefined;
      this.lookedDownTo = src.length - end;
    }
    return super.list(src);
  }
}

function plainText(text: string): Tokens.Text {
  return { type: "text", raw: text, text, escaped: false };
}

function startsList(src: string): boolean {
  return /^ {0,3}(?:[*+-]|\d{1,9}[.)])(?:[ \t\n]|$)/.test(src);
}

/**
 * Where a list, or several next to each other, ends; `undefined` when an item
 * has very many lines without a blank line or a new item between them.
 */
function findEndOfList(src: string): number | undefined {
  let lines = 0;
  for (let start = 0; start < src.length;) {
    const newline = src.indexOf("\n", start);
    const end = newline < 0 ? src.length : newline;
    const line = src.slice(start, Math.min(end, start + 200));
    if (line.trim() === "") {
      const next = src.slice(end + 1, end + 12);
      if (!/^\s/.test(next) && !startsList(next)) return end;
      lines = 0;
    } else if (/^\s*(?:[*+-]|\d{1,9}[.)])(?:[ \t]|$)/.test(line)) lines = 0;
    else if (++lines > MAX_UNBROKEN_LINES) return undefined;
    start = end + 1;
  }
  return src.length;
}
