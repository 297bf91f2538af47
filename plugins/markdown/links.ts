// deno-lint-ignore-file no-import-prefix -- a plugin folder has no import map: packages are named where they are used
import { Parser } from "npm:htmlparser2@12";
import type { Token } from "npm:marked@18";

/** A link or image as the author wrote it, and the line where it stands. */
export interface Link {
  readonly href: string;
  readonly line: number;
}

type Part = Token & { href?: string; tokens?: Token[]; items?: Token[]; header?: Part[]; rows?: Part[][] };

const MAX_LINKS = 20_000;
const MAX_MISSES = 50;
const TARGETS: Readonly<Record<string, string>> = {
  a: "href",
  img: "src",
  source: "src",
  video: "src",
  audio: "src",
};

/** Collects the links and images of a page, also those in raw HTML, in the order of the text. */
export function collectLinks(tokens: readonly Token[], firstLine: number): Link[] {
  const links: Link[] = [];
  let line = firstLine;
  for (const token of tokens) {
    if (links.length >= MAX_LINKS) break;
    new BlockLinks(token, line, links).collect(token as Part);
    line += countLines(token.raw, 0, token.raw.length);
  }
  return links;
}

/** Finds the lines of the links of one block: tokens know their text, but not their place. */
class BlockLinks {
  readonly #raw: string;
  readonly #links: Link[];
  #line: number;
  #lineAt = 0;
  #cursor = 0;
  #misses = 0;

  constructor(token: Token, line: number, links: Link[]) {
    this.#raw = token.raw;
    this.#line = line;
    this.#links = links;
  }

  collect(token: Part): void {
    if (token.type === "html") {
      this.#moveTo(token.raw);
      this.#collectHtml(token.raw);
      return;
    }
    if (token.type === "link" || token.type === "image") {
      this.#moveTo(token.raw);
      this.#add(token.href ?? "", 0);
    }
    for (const cell of token.header ?? []) this.#collectAll(cell.tokens);
    for (const row of token.rows ?? []) for (const cell of row) this.#collectAll(cell.tokens);
    this.#collectAll(token.items);
    this.#collectAll(token.tokens);
  }

  #collectAll(tokens: Token[] | undefined): void {
    for (const token of tokens ?? []) this.collect(token as Part);
  }

  #collectHtml(html: string): void {
    const parser: Parser = new Parser({
      onopentag: (name, attributes) => {
        const target = Object.hasOwn(TARGETS, name) ? attributes[TARGETS[name]!] : undefined;
        if (target !== undefined) this.#add(target, countLines(html, 0, parser.startIndex));
      },
    });
    parser.end(html);
  }

  #add(href: string, below: number): void {
    if (this.#links.length < MAX_LINKS) this.#links.push({ href, line: this.#line + below });
  }

  /** Text inside quotes and table cells differs from the source; what is not found keeps the line before it. */
  #moveTo(raw: string): void {
    if (this.#misses > MAX_MISSES) return;
    const found = this.#raw.indexOf(raw, this.#cursor);
    if (found < 0) {
      this.#misses++;
      return;
    }
    this.#line += countLines(this.#raw, this.#lineAt, found);
    this.#lineAt = found;
    this.#cursor = found + 1;
  }
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
