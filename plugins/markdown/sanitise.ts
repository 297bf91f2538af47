// deno-lint-ignore-file no-import-prefix -- a plugin folder has no import map: packages are named where they are used
import { Parser } from "npm:htmlparser2@12";
import type { Budget } from "./budget.ts";
import { escapeHtml } from "./escape.ts";
import { cleanAttributes, fateOf, idOf, isVoid } from "./policy.ts";
import { Slugger } from "./slug.ts";

/** A heading of a page. */
export interface Heading {
  readonly depth: number;
  readonly text: string;
  readonly id: string;
}

/** The plain text below one heading, down to the next; the first has no heading. */
export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly text: string;
}

/** What is left of a page's HTML, and what was found in it on the way. */
export interface SafePage {
  readonly html: string;
  readonly headings: Heading[];
  /** Ids that are no headings: places that links may lead to as well. */
  readonly anchors: string[];
  readonly sections: Section[];
  /** The first paragraph, shortened; empty when there is none. */
  readonly description: string;
}

type Frame = {
  readonly end: string;
  readonly isDropped: boolean;
  readonly heading?: {
    readonly depth: number;
    readonly part: number;
    readonly id?: string;
    readonly attributes: string;
  };
  readonly isFirstParagraph?: boolean;
};

const MAX_DEPTH = 150;
const MAX_OPEN = 10_000;
const MAX_HEADINGS = 5_000;
const MAX_DESCRIPTION = 200;
const MIN_DESCRIPTION = 20;
const BLOCKS = new Set(
  "p div li dt dd td th tr h1 h2 h3 h4 h5 h6 pre blockquote br hr table ul ol section summary figcaption caption"
    .split(" "),
);
const NOT_DESCRIBING = new Set(["blockquote", "li", "td", "th", "details", "section"]);

/**
 * Rewrites HTML so that only harmless elements remain, each closed, each
 * attribute quoted, each heading with an id and a link to itself. Whatever is
 * written was put together here; no piece of the input is copied through.
 */
export function sanitise(html: string, budget: Budget): SafePage {
  const builder = new PageBuilder(budget);
  const parser = new Parser({
    onopentag: (name, attributes) => builder.open(name, attributes),
    ontext: (text) => builder.text(text),
    onclosetag: () => builder.close(),
  }, { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true });
  parser.end(html);
  return builder.finish();
}

class PageBuilder {
  readonly #budget: Budget;
  readonly #parts: string[] = [];
  readonly #frames: Frame[] = [];
  readonly #slugger = new Slugger();
  readonly #headings: Heading[] = [];
  readonly #anchors = new Set<string>();
  readonly #sections: { id: string; heading: string; text: string[] }[] = [{ id: "", heading: "", text: [] }];
  #headingText: string[] | undefined;
  #paragraph: string[] | undefined;
  #description = "";
  #dropped = 0;
  #notDescribing = 0;
  #tables = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  open(name: string, attributes: Record<string, string>): void {
    this.#budget.check();
    if (this.#frames.length > MAX_OPEN) {
      throw new RangeError(`It opens more than ${MAX_OPEN} HTML elements without closing them`);
    }
    const fate = fateOf(name);
    const isDropped = fate === "drop";
    if (isDropped) this.#dropped++;
    const isCheckbox = name === "input" && attributes["type"]?.toLowerCase() === "checkbox";
    const isHeading = /^h[1-6]$/.test(name) && this.#headings.length < MAX_HEADINGS;
    const isLeftOut = this.#dropped > 0 || fate !== "keep" || this.#frames.length > MAX_DEPTH ||
      (name === "input" && !isCheckbox) || (isHeading && this.#headingText !== undefined);
    if (isLeftOut) {
      this.#frames.push({ end: "", isDropped });
      return;
    }
    const kept = cleanAttributes(name, attributes);
    const id = idOf(name, attributes);
    if (BLOCKS.has(name)) this.#say(" ");
    if (isHeading) return this.#openHeading(name, kept, id);
    if (id !== undefined) this.#anchors.add(id);
    // An old anchor, often never closed, marks a place and holds nothing.
    if (name === "a" && !Object.hasOwn(attributes, "href")) {
      if (id !== undefined) this.#parts.push(`<a id="${escapeHtml(id)}"></a>`);
      this.#frames.push({ end: "", isDropped });
      return;
    }
    const tag = `<${name}${id === undefined ? "" : ` id="${escapeHtml(id)}"`}${kept}>`;
    let end = isVoid(name) ? "" : `</${name}>`;
    if (name === "table" && this.#tables++ === 0) {
      // Wide tables scroll inside this, also by keyboard.
      this.#parts.push('<div class="table" role="group" aria-label="Table" tabindex="0">');
      end += "</div>";
    }
    if (NOT_DESCRIBING.has(name)) this.#notDescribing++;
    const isFirstParagraph = name === "p" && this.#description === "" && this.#notDescribing === 0;
    if (isFirstParagraph) this.#paragraph = [];
    this.#parts.push(tag);
    this.#frames.push({ end, isDropped: false, isFirstParagraph });
  }

  text(text: string): void {
    if (this.#dropped > 0) return;
    this.#parts.push(escapeHtml(text));
    this.#say(text);
  }

  close(): void {
    const frame = this.#frames.pop();
    if (!frame) return;
    if (frame.isDropped) this.#dropped--;
    if (frame.end === "") return;
    if (frame.heading) return this.#closeHeading(frame.end, frame.heading);
    const name = /\w+/.exec(frame.end)![0];
    if (name === "table") this.#tables--;
    if (NOT_DESCRIBING.has(name)) this.#notDescribing--;
    if (frame.isFirstParagraph) this.#closeParagraph();
    if (BLOCKS.has(name)) this.#say(" ");
    this.#parts.push(frame.end);
  }

  finish(): SafePage {
    while (this.#frames.length > 0) this.close();
    const sections = this.#sections.map(({ text, ...section }) => ({
      ...section,
      text: collapse(text.join("")),
    }));
    return {
      html: this.#parts.join(""),
      headings: this.#headings,
      anchors: [...this.#anchors],
      sections: sections.filter((section, index) => index > 0 || section.text !== ""),
      description: this.#description,
    };
  }

  #say(text: string): void {
    if (this.#headingText) this.#headingText.push(text);
    else this.#sections.at(-1)!.text.push(text);
    this.#paragraph?.push(text);
  }

  #openHeading(name: string, attributes: string, id: string | undefined): void {
    this.#headingText = [];
    const heading = { depth: Number(name[1]), part: this.#parts.length, id, attributes };
    this.#parts.push("");
    this.#frames.push({ end: `</${name}>`, isDropped: false, heading });
  }

  #closeHeading(end: string, { depth, part, id: wanted, attributes }: NonNullable<Frame["heading"]>): void {
    const text = collapse(this.#headingText!.join(""));
    this.#headingText = undefined;
    const id = wanted === undefined
      ? this.#slugger.slug(text) || this.#slugger.claim("section")
      : this.#slugger.claim(wanted);
    const shown = escapeHtml(id);
    this.#parts[part] = `<h${depth} id="${shown}"${attributes}>`;
    const label = escapeHtml(text === "" ? "Link to this section" : `Link to “${text}”`);
    this.#parts.push(` <a class="anchor" href="#${encodeURIComponent(id)}" aria-label="${label}"></a>`, end);
    this.#headings.push({ depth, text, id });
    this.#sections.push({ id, heading: text, text: [] });
  }

  #closeParagraph(): void {
    const text = collapse(this.#paragraph?.join("") ?? "");
    this.#paragraph = undefined;
    if (this.#description === "" && text.length >= MIN_DESCRIPTION) this.#description = shorten(text);
  }
}

function collapse(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function shorten(text: string): string {
  if (text.length <= MAX_DESCRIPTION) return text;
  const cut = text.slice(0, MAX_DESCRIPTION);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), MAX_DESCRIPTION / 2)).trimEnd()}…`;
}
