import { folderOf, nameOf, Places } from "./resolve.ts";

/** What the checker keeps of a page. */
export interface PageLinks {
  readonly hash: string;
  readonly links: readonly { readonly href: string; readonly line: number }[];
  /** Ids that links may lead to; `undefined` for a page that could not be parsed. */
  readonly ids?: ReadonlySet<string>;
  /** How many links lead to other sites; those are not looked at. */
  readonly external: number;
}

/** A link that leads nowhere. */
export interface BrokenLink {
  readonly page: string;
  readonly line: number;
  readonly href: string;
  readonly reason: string;
}

const KNOWN_KINDS = /\.(?:md|markdown|png|jpe?g|gif|svg|webp|avif|ico|pdf|txt|csv|json|zip|mp4|webm|html?)$/i;

/**
 * Checks the links between pages. Of each page it keeps only the links and
 * the ids; what is broken follows from all of them together, so a page that
 * comes or goes changes the answer for every page that links to it.
 */
export class LinkChecker {
  readonly #places = new Places();
  readonly #pages = new Map<string, PageLinks>();
  #broken: BrokenLink[] | undefined;

  /** Pages looked at. */
  get pages(): number {
    return this.#pages.size;
  }

  /** How many links there are, within the documentation and out of it. */
  get counts(): { internal: number; external: number } {
    let internal = 0;
    let external = 0;
    for (const page of this.#pages.values()) {
      internal += page.links.length;
      external += page.external;
    }
    return { internal, external };
  }

  paths(): Iterable<string> {
    return this.#places.files();
  }

  has(path: string, hash: string): boolean {
    return this.#pages.get(path)?.hash === hash;
  }

  /** Knows of a file that links may lead to. */
  addPlace(path: string): void {
    if (this.#places.has(path)) return;
    this.#places.add(path);
    this.#broken = undefined;
  }

  setPage(path: string, page: PageLinks): void {
    this.#pages.set(path, page);
    this.#broken = undefined;
  }

  remove(path: string): void {
    this.#places.remove(path);
    this.#pages.delete(path);
    this.#broken = undefined;
  }

  /** The links that lead nowhere, by page and line. */
  broken(): BrokenLink[] {
    return this.#broken ??= this.#check();
  }

  #check(): BrokenLink[] {
    const broken: BrokenLink[] = [];
    const hints = new Map<string, string>();
    for (const path of this.#places.files()) {
      hints.set(path.toLowerCase(), path);
      for (let folder = folderOf(path); folder !== ""; folder = folderOf(folder)) {
        hints.set(`${folder}/`, folder);
      }
    }
    for (const [page, { links }] of this.#pages) {
      for (const { href, line } of links) {
        const reason = this.#reason(page, href, hints);
        if (reason !== undefined) broken.push({ page, line, href, reason });
      }
    }
    return broken.sort((a, b) => a.page === b.page ? a.line - b.line : a.page < b.page ? -1 : 1);
  }

  #reason(page: string, href: string, hints: ReadonlyMap<string, string>): string | undefined {
    const target = this.#places.resolve(page, href);
    if (target.type === "broken") return explain(target.reason, hints);
    if (target.type !== "page") return undefined;
    const anchor = decodeFragment(target.fragment);
    const ids = this.#pages.get(target.path)?.ids;
    if (anchor === "" || anchor === "top" || ids === undefined || ids.has(anchor)) return undefined;
    const like = closest(anchor, ids);
    const hint = like === undefined ? "" : `; did you mean "#${like}"?`;
    return `${target.path === page ? "This page" : `"${target.path}"`} has no place "#${anchor}"${hint}`;
  }
}

function explain(reason: string, hints: ReadonlyMap<string, string>): string {
  const path = /^There is no "(.*)"$/s.exec(reason)?.[1];
  if (path === undefined) return reason;
  const like = hints.get(path.toLowerCase()) ?? hints.get(`${path.toLowerCase()}.md`);
  if (like !== undefined) return `${reason}; did you mean "${like}"?`;
  if (hints.has(`${path}/`)) return `The folder "${path}" holds no pages`;
  if (nameOf(path).includes(".") && !KNOWN_KINDS.test(path)) {
    return `${reason} among the pages and their assets`;
  }
  return reason;
}

/** What a fragment names; empty for text fragments, which name no place. */
function decodeFragment(fragment: string): string {
  const name = fragment.replace(/^#/, "").replace(/:~:.*$/s, "");
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** An id that differs only in case, punctuation or a number at the end. */
function closest(anchor: string, ids: ReadonlySet<string>): string | undefined {
  const bare = (id: string) => id.toLowerCase().replace(/-\d+$/, "").replace(/[^\p{L}\p{N}]/gu, "");
  const wanted = bare(anchor);
  if (wanted === "") return undefined;
  for (const id of ids) if (bare(id) === wanted) return id;
  return undefined;
}
