/** A file of the site that may be sent. */
export interface SiteFile {
  readonly absolute: string;
  readonly size: number;
  readonly modified: number;
  readonly type: string;
}

/** What an address leads to: a file, another address, or nothing. */
export type Found =
  | { readonly type: "file"; readonly file: SiteFile }
  | { readonly type: "redirect"; readonly to: string }
  | { readonly type: "nothing" };

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  svg: "image/svg+xml; charset=utf-8",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  ico: "image/x-icon",
  pdf: "application/pdf",
  zip: "application/zip",
  mp4: "video/mp4",
  webm: "video/webm",
};

/** The type of a file by its name. */
export function typeOf(path: string): string {
  const ending = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  return Object.hasOwn(TYPES, ending) ? TYPES[ending]! : "application/octet-stream";
}

/** The names in the path of a URL, or `undefined` when it names something that no site has. */
export function parsePath(pathname: string): string[] | undefined {
  const names: string[] = [];
  for (const part of pathname.split("/").slice(1)) {
    let name: string;
    try {
      name = decodeURIComponent(part);
    } catch {
      return undefined;
    }
    // Hidden names are never shown: `.` and `..`, and whatever else begins with a dot, the marker for one.
    // deno-lint-ignore no-control-regex -- control characters are what is looked for
    if (name.startsWith(".") || /[/\\\u0000-\u001f]/.test(name)) return undefined;
    names.push(name);
  }
  // An empty name may only stand at the end, where it means a folder.
  return names.slice(0, -1).includes("") ? undefined : names;
}

/** Finds files of a site; whatever leads out of its folder is not there. */
export class SiteFiles {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** @throws {Error} in one sentence, when the folder cannot be read. */
  static async open(path: string | undefined): Promise<SiteFiles> {
    if (!path) throw new Error("Cannot serve the site: no output folder is named; pass --var output=DIR");
    try {
      return new SiteFiles(await Deno.realPath(path));
    } catch (cause) {
      const reason = cause instanceof Deno.errors.NotFound ? "it does not exist" : "permission denied";
      throw new Error(`Cannot serve the site in "${path}": ${reason}; pass --var output=DIR`, { cause });
    }
  }

  /** Finds what an address leads to; a folder shows its index, and an ending may be left out. */
  async find(pathname: string): Promise<Found> {
    const names = parsePath(pathname);
    if (!names) return { type: "nothing" };
    const isFolder = names.at(-1) === "";
    const path = names.filter((name) => name !== "").join("/");
    if (isFolder) {
      return await this.#file(path === "" ? "index.html" : `${path}/index.html`) ?? { type: "nothing" };
    }
    const found = await this.#file(path);
    if (found) return found;
    if (await this.#file(`${path}/index.html`)) return { type: "redirect", to: `${pathname}/` };
    return await this.#file(`${path}.html`) ?? { type: "nothing" };
  }

  async #file(path: string): Promise<Found | undefined> {
    try {
      const absolute = await Deno.realPath(`${this.#root}/${path}`);
      // Read permission for a folder lets symbolic links in it lead anywhere: this keeps them inside.
      const rest = absolute.slice(this.#root.length);
      if (!absolute.startsWith(this.#root) || !/^[\\/]/.test(rest)) return undefined;
      const { isFile, size, mtime } = await Deno.stat(absolute);
      if (!isFile) return undefined;
      return { type: "file", file: { absolute, size, modified: mtime?.getTime() ?? 0, type: typeOf(path) } };
    } catch {
      return undefined; // whatever the reason, there is nothing to show at this address
    }
  }
}
