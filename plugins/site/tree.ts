import { hashText } from "./hash.ts";
import { folderOf, nameOf } from "./resolve.ts";
import type { Places } from "./resolve.ts";

/** A page as the site knows it; its text is not kept. */
export interface Page {
  readonly path: string;
  hash: string;
  title: string;
  order?: number;
  /** Where it is written. */
  out: string;
  /** Hash of what surrounds it: its way up, its neighbours. */
  context: number;
  /** Links within the site, as written, and a hash of where they lead. */
  links: readonly string[];
  targets: number;
  /** Why it could not be rendered. */
  problem?: string;
}

/** A folder with pages in it, at any depth. */
export interface Folder {
  readonly path: string;
  title: string;
  order?: number;
  /** Where its index is written: a page, or a list of what is in it. */
  readonly out: string;
  readonly index?: Page;
  readonly parent?: Folder;
  children: Entry[];
}

/** What a folder holds. */
export type Entry = { readonly type: "page"; readonly page: Page } | {
  readonly type: "folder";
  readonly folder: Folder;
};

/** A title and the output file that it leads to. */
export interface Reference {
  readonly title: string;
  readonly out: string;
}

/** What surrounds a page. */
export interface Surroundings {
  /** From the root of the site down to the page's folder. */
  readonly crumbs: readonly Reference[];
  readonly folder: Reference;
  /** The page and those around it in its folder. */
  readonly siblings: readonly Reference[];
  /** Whether the folder holds more; not how many, or each page would change with every new one. */
  readonly hasMore: boolean;
  readonly previous?: Reference;
  readonly next?: Reference;
}

const NEIGHBOURS = 12;
const { compare } = new Intl.Collator("en", { numeric: true });

/** The pages of a site as a tree of folders, in reading order. */
export class Tree {
  readonly root: Folder;
  readonly folders = new Map<string, Folder>();
  /** Where each page stands in the reading order. */
  readonly #order: Page[] = [];
  readonly #positions = new Map<string, number>();
  readonly #siblingPositions = new Map<string, number>();

  constructor(pages: Iterable<Page>, places: Places, title?: string) {
    const list = [...pages];
    const byPath = new Map(list.map((page) => [page.path, page]));
    this.root = this.#folder("", byPath, places);
    for (const page of list) {
      const folder = this.#folder(folderOf(page.path), byPath, places);
      if (folder.index !== page) folder.children.push({ type: "page", page });
    }
    this.root.title = title || this.root.title;
    for (const folder of this.folders.values()) {
      folder.children.sort(compareEntries);
      for (const [position, entry] of folder.children.entries()) {
        this.#siblingPositions.set(keyOf(entry), position);
      }
    }
    this.#read(this.root);
  }

  /** What surrounds a page, or the list of a folder. */
  surroundings(place: Page | Folder): Surroundings {
    const isFolder = "children" in place;
    const own = isFolder ? place : this.folders.get(folderOf(place.path))!;
    const isIndex = isFolder || own.index === place;
    const crumbs: Reference[] = [];
    for (let up = isIndex ? own.parent : own; up; up = up.parent) {
      crumbs.unshift({ title: up.title, out: up.out });
    }
    const position = isIndex ? 0 : this.#siblingPositions.get(`page ${place.path}`) ?? 0;
    const first = Math.max(0, Math.min(position - NEIGHBOURS, own.children.length - 2 * NEIGHBOURS - 1));
    const at = this.#positions.get(isFolder ? "" : place.path);
    const siblings = own.children.slice(first, first + 2 * NEIGHBOURS + 1).map(referenceTo);
    return {
      crumbs,
      folder: { title: own.title, out: own.out },
      siblings,
      hasMore: siblings.length < own.children.length,
      previous: at === undefined || at === 0 ? undefined : pageReference(this.#order[at - 1]!),
      next: at === undefined || at + 1 >= this.#order.length
        ? undefined
        : pageReference(this.#order[at + 1]!),
    };
  }

  /** The tree in short form for the browser: `[title, name]`, and for folders `[title, name, children]`. */
  toJson(): unknown {
    const write = (folder: Folder): unknown[] =>
      folder.children.map((entry) =>
        entry.type === "page"
          ? [entry.page.title, encodeURIComponent(nameOf(entry.page.out))]
          : [entry.folder.title, encodeURIComponent(nameOf(entry.folder.path)), write(entry.folder)]
      );
    return [this.root.title, "", write(this.root)];
  }

  #folder(path: string, pages: ReadonlyMap<string, Page>, places: Places): Folder {
    const known = this.folders.get(path);
    if (known) return known;
    const parent = path === "" ? undefined : this.#folder(folderOf(path), pages, places);
    const index = pages.get(places.indexOf(path) ?? "");
    const title = index?.title ?? (path === "" ? "Documentation" : toTitle(nameOf(path)));
    const out = path === "" ? "index.html" : `${path}/index.html`;
    const folder: Folder = { path, title, order: index?.order, out, index, parent, children: [] };
    this.folders.set(path, folder);
    parent?.children.push({ type: "folder", folder });
    return folder;
  }

  #read(folder: Folder): void {
    const add = (page: Page) => this.#positions.set(page.path, this.#order.push(page) - 1);
    if (folder.index) add(folder.index);
    for (const entry of folder.children) {
      if (entry.type === "page") add(entry.page);
      else this.#read(entry.folder);
    }
  }
}

/** Decides where each page is written, so that no two are written to the same file. */
export function assignOutputs(pages: Iterable<Page>, places: Places): void {
  const taken = new Set<string>();
  const rest: Page[] = [];
  for (const page of pages) {
    const folder = folderOf(page.path);
    if (places.indexOf(folder) !== page.path) rest.push(page);
    else taken.add(page.out = folder === "" ? "index.html" : `${folder}/index.html`);
  }
  // `a.md` before `a.markdown`: the plainer name gets the plainer URL.
  rest.sort((a, b) => a.path.length - b.path.length || (a.path < b.path ? -1 : 1));
  for (const page of rest) {
    const plain = `${page.path.replace(/\.[^./]*$/, "")}.html`;
    const isIndex = /(?:^|\/)index\.html$/i.test(plain);
    page.out = isIndex || taken.has(plain) ? `${page.path}.html` : plain;
    taken.add(page.out);
  }
}

/** A hash of what surrounds a page: when it differs, the page has to be written anew. */
export function hashSurroundings(surroundings: Surroundings, out: string, siteTitle: string): number {
  return hashText(JSON.stringify([surroundings, out, siteTitle]));
}

/** A name of a file or folder as a title. */
export function toTitle(name: string): string {
  const words = name.replace(/^\d{1,3}[-_.\s]+(?=\D)/, "").replace(/[-_]+/g, " ").trim() || name;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function referenceTo(entry: Entry): Reference {
  return entry.type === "page"
    ? pageReference(entry.page)
    : { title: entry.folder.title, out: entry.folder.out };
}

function pageReference({ title, out }: Page): Reference {
  return { title, out };
}

function keyOf(entry: Entry): string {
  return entry.type === "page" ? `page ${entry.page.path}` : `folder ${entry.folder.path}`;
}

/** What its author numbered comes first, in that order; then pages, then folders, each by name. */
function compareEntries(a: Entry, b: Entry): number {
  const order = (entry: Entry) => (entry.type === "page" ? entry.page.order : entry.folder.order) ?? Infinity;
  const name = (entry: Entry) => entry.type === "page" ? entry.page.path : entry.folder.path;
  const [orderA, orderB] = [order(a), order(b)];
  if (orderA !== orderB) return orderA < orderB ? -1 : 1;
  if (a.type !== b.type) return a.type === "page" ? -1 : 1;
  return compare(name(a), name(b)) || (name(a) < name(b) ? -1 : 1);
}
