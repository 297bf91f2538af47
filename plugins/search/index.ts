// deno-lint-ignore-file no-import-prefix -- a plugin folder has no import map: packages are named where they are used
import MiniSearch from "npm:minisearch@7";
import type { SearchResult } from "npm:minisearch@7";
import type { Hit } from "./search.contract.ts";
import { cutSnippet } from "./snippet.ts";
import { findWords, indexForms, normaliseWord } from "./words.ts";

/** The text below one heading of a page. */
export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly text: string;
}

type Entry = { path: string; title: string; heading: string; anchor: string; text: string };
type Page = { readonly hash: string; readonly ids: readonly number[]; readonly isCut: boolean };

const MAX_SECTIONS = 150_000;
const MAX_SECTIONS_OF_PAGE = 1_000;
const MAX_INDEXED = 20_000;
const MAX_KEPT = 4_000;
const HITS_OF_PAGE = 3;

/** Finds sections by their words. Text is indexed up to a bound, and kept, for snippets, up to a smaller one. */
export class SearchIndex {
  readonly #entries = new Map<number, Entry>();
  readonly #pages = new Map<string, Page>();
  #nextId = 1;
  readonly #mini = new MiniSearch<Entry & { id: number; context: string }>({
    fields: ["title", "heading", "context", "text"],
    tokenize: (text) => Array.from(findWords(text), (word) => word.text),
    processTerm: indexForms,
    searchOptions: {
      processTerm: normaliseWord,
      boost: { title: 5, heading: 4, context: 0.6, text: 1 },
      prefix: (term, index, terms) => term.length > 1 && (index === terms.length - 1 || term.length > 3),
      fuzzy: (term) => term.length > 4 && !/\d/.test(term) ? 0.2 : false,
      maxFuzzy: 2,
      weights: { fuzzy: 0.3, prefix: 0.6 },
    },
  });

  /** Pages in the index. */
  get pages(): number {
    return this.#pages.size;
  }

  /** Sections in the index. */
  get sections(): number {
    return this.#entries.size;
  }

  paths(): Iterable<string> {
    return this.#pages.keys();
  }

  /** Whether this very content of a page is in the index. */
  has(path: string, hash: string): boolean {
    return this.#pages.get(path)?.hash === hash;
  }

  /** Puts a page into the index in place of what it was before; returns whether all of it found room. */
  set(path: string, hash: string, page: { title: string; text: readonly Section[] }): boolean {
    this.remove(path);
    const ids: number[] = [];
    const room = Math.max(0, Math.min(MAX_SECTIONS_OF_PAGE, MAX_SECTIONS - this.#entries.size));
    const sections = page.text.length > 0 ? page.text : [{ id: "", heading: "", text: "" }];
    for (const [index, { id: anchor, heading, text }] of sections.slice(0, room).entries()) {
      const id = this.#nextId++;
      const { title } = page;
      const isFirst = index === 0;
      this.#mini.add({
        id,
        path,
        anchor,
        // The title counts fully once, else a page would answer with each of its sections.
        title: isFirst ? title : "",
        context: isFirst ? path : title,
        heading: heading === title ? "" : heading,
        text: text.slice(0, MAX_INDEXED),
      });
      this.#entries.set(id, { path, title, heading, anchor, text: detach(text.slice(0, MAX_KEPT)) });
      ids.push(id);
    }
    const isCut = room < sections.length;
    this.#pages.set(path, { hash, ids, isCut });
    return !isCut;
  }

  remove(path: string): void {
    const page = this.#pages.get(path);
    if (!page) return;
    this.#mini.discardAll([...page.ids]);
    for (const id of page.ids) this.#entries.delete(id);
    this.#pages.delete(path);
  }

  /** The best sections, at most three of one page; those with all the words come first. */
  search(text: string, limit: number): Hit[] {
    const all = this.#mini.search(text, { combineWith: "AND" });
    const found = all.length > 0 ? all : this.#mini.search(text, { combineWith: "OR" });
    const hits: Hit[] = [];
    const counts = new Map<string, number>();
    for (const result of found) {
      if (hits.length >= limit) break;
      const entry = this.#entries.get(result.id);
      if (!entry) continue;
      const count = counts.get(entry.path) ?? 0;
      if (count >= HITS_OF_PAGE) continue;
      counts.set(entry.path, count + 1);
      hits.push(toHit(entry, result));
    }
    return hits;
  }
}

function toHit({ path, title, heading, anchor, text }: Entry, { terms, score }: SearchResult): Hit {
  return {
    path,
    title,
    heading,
    anchor,
    ...cutSnippet(text, new Set(terms)),
    score: Math.round(score * 100) / 100,
  };
}

/** A copy that does not keep the whole text alive that it was cut from. */
function detach(text: string): string {
  return text.length < 13 ? text : JSON.parse(JSON.stringify(text));
}
