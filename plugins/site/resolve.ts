/** Where a link leads. */
export type Target =
  | { readonly type: "external" }
  | {
    readonly type: "page" | "asset" | "folder";
    readonly path: string;
    readonly query: string;
    readonly fragment: string;
  }
  | { readonly type: "broken"; readonly reason: string };

const PAGE = /\.(?:md|markdown)$/i;
const INDEX = /^(?:index|readme)\.(?:md|markdown)$/i;
// Where a folder has several, the one that is meant for a site comes first.
const INDEX_RANKS = ["index.md", "readme.md", "index.markdown", "readme.markdown"];

/** The folder of a path; empty for the input folder itself. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Everything that a link may lead to, and how links are read. */
export class Places {
  readonly #files = new Set<string>();
  /** Folders with pages in them, at any depth, and how many. */
  readonly #folders = new Map<string, number>();
  readonly #indexes = new Map<string, string[]>();

  has(path: string): boolean {
    return this.#files.has(path);
  }

  files(): Iterable<string> {
    return this.#files;
  }

  /** The page that stands for a folder: its README or index. */
  indexOf(folder: string): string | undefined {
    return this.#indexes.get(folder)?.[0];
  }

  add(path: string): void {
    if (this.#files.has(path)) return;
    this.#files.add(path);
    if (!PAGE.test(path)) return;
    this.#count(path, 1);
    if (!INDEX.test(nameOf(path))) return;
    const folder = folderOf(path);
    const indexes = [...this.#indexes.get(folder) ?? [], path];
    this.#indexes.set(folder, indexes.sort((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1)));
  }

  remove(path: string): void {
    if (!this.#files.delete(path) || !PAGE.test(path)) return;
    this.#count(path, -1);
    const folder = folderOf(path);
    const indexes = this.#indexes.get(folder)?.filter((index) => index !== path) ?? [];
    if (indexes.length > 0) this.#indexes.set(folder, indexes);
    else this.#indexes.delete(folder);
  }

  /** Finds out where a link on a page leads. */
  resolve(from: string, href: string): Target {
    const link = href.trim();
    if (link === "") return { type: "broken", reason: "The link is empty" };
    if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) return { type: "external" };
    const [, encoded = "", query = "", fragment = ""] = /^([^?#]*)(\?[^#]*)?(#[\s\S]*)?$/.exec(link) ?? [];
    if (encoded === "") return { type: "page", path: from, query, fragment };
    let decoded: string;
    try {
      decoded = decodeURIComponent(encoded);
    } catch {
      return { type: "broken", reason: "Its percent-encoding is malformed" };
    }
    const path = join(decoded.startsWith("/") ? "" : folderOf(from), decoded);
    if (path === undefined) return { type: "broken", reason: "It leads outside the folder" };
    const found = this.#find(path, decoded.endsWith("/"));
    if (found) return { ...found, query, fragment };
    return { type: "broken", reason: `There is no "${path}"` };
  }

  #find(path: string, isFolder: boolean): { type: "page" | "asset" | "folder"; path: string } | undefined {
    if (!isFolder && this.#files.has(path)) return { type: PAGE.test(path) ? "page" : "asset", path };
    const index = this.indexOf(path);
    if (index !== undefined) return { type: "page", path: index };
    if (isFolder && this.#folders.has(path)) return { type: "folder", path };
    // What other generators of documentation accept: no ending, or that of the finished page.
    const bare = path.replace(/\.html?$/i, "");
    const page = [`${bare}.md`, `${bare}.markdown`].find((candidate) => this.#files.has(candidate));
    if (page !== undefined) return { type: "page", path: page };
    if (this.#folders.has(path)) return { type: "folder", path };
    if (!/^index$/i.test(nameOf(bare)) || bare === path) return undefined;
    return this.#find(folderOf(bare), true);
  }

  #count(path: string, change: number): void {
    for (let folder = folderOf(path);; folder = folderOf(folder)) {
      const count = (this.#folders.get(folder) ?? 0) + change;
      if (count > 0) this.#folders.set(folder, count);
      else this.#folders.delete(folder);
      if (folder === "") return;
    }
  }
}

function rankOf(path: string): number {
  return INDEX_RANKS.indexOf(nameOf(path).toLowerCase());
}

/** Joins and tidies a path, or `undefined` when it climbs out of the input folder. */
function join(folder: string, path: string): string | undefined {
  const names: string[] = folder === "" ? [] : folder.split("/");
  for (const name of path.split("/")) {
    if (name === "..") {
      if (names.pop() === undefined) return undefined;
    } else if (name !== "" && name !== ".") names.push(name);
  }
  return names.join("/");
}
