import type { FileKind } from "./catalog.ts";

/** A file that cannot be listed, read or shown, and why. */
export interface Problem {
  readonly path: string;
  readonly reason: string;
}

/** The largest page that is read. */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/** A folder with a file of this name was written by cordon.site and is no source. */
export const SITE_MARKER = ".cordon-site";

const PAGE = /\.(?:md|markdown)$/i;
const ASSET = /\.(?:png|jpe?g|gif|svg|webp|avif|ico|pdf|txt|csv|json|zip|mp4|webm)$/i;

/** What a file of this name would be listed as. */
export function kindOf(name: string): FileKind | undefined {
  if (PAGE.test(name)) return "page";
  return ASSET.test(name) ? "asset" : undefined;
}

/** Whether a name is left out wherever it stands: hidden, or installed packages. */
export function isSkipped(name: string): boolean {
  return name.startsWith(".") || name === "node_modules";
}

/** Why a name cannot become part of a URL, or `undefined`. */
export function nameProblem(name: string): string | undefined {
  if (name.includes("\uFFFD")) return "Its name is not valid UTF-8";
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return "Its name holds a control character";
  return name.includes("\\") ? "Its name holds a backslash" : undefined;
}

/** An error in words for a list of problems: what the operating system said, without the path. */
export function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "It does not exist (a link that leads nowhere)";
  if (error instanceof Deno.errors.PermissionDenied) return "Permission denied";
  if (error instanceof Deno.errors.NotCapable) return "It leads outside the input folder";
  if (error instanceof Deno.errors.FilesystemLoop) return "It is a symbolic link that leads to itself";
  return error instanceof Error ? error.message.replace(/: \w+ '.*$/s, "") : String(error);
}

/** The input folder: every path given to it is relative, and what it opens lies inside. */
export class Folder {
  readonly path: string;
  readonly #real: string;

  private constructor(path: string, real: string) {
    this.path = path;
    this.#real = real;
  }

  /**
   * Opens the input folder.
   *
   * @throws {Error} in one sentence, when it is missing, no folder, unreadable, or itself a site.
   */
  static async open(path: string | undefined): Promise<Folder> {
    if (!path) throw new Error("Cannot read input folder: no folder is named; pass --var input=DIR");
    const refuse = (reason: string, cause?: unknown) =>
      new Error(`Cannot read input folder "${path}": ${reason}; pass --var input=DIR`, { cause });
    try {
      if (!(await Deno.stat(path)).isDirectory) throw refuse("it is a file");
      for await (const _ of Deno.readDir(path)) break;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw refuse("it does not exist", error);
      if (error instanceof Deno.errors.PermissionDenied) throw refuse("permission denied", error);
      throw error;
    }
    const folder = new Folder(path, await Deno.realPath(path));
    if (await folder.isSite()) throw refuse("it is a site that cordon.site wrote");
    return folder;
  }

  /** The last part of the path. */
  get name(): string {
    return this.#real.split(/[\\/]/).filter(Boolean).at(-1) ?? "";
  }

  /** The absolute path of something in the folder. */
  at(path: string): string {
    return path === "" ? this.path : `${this.path}/${path}`;
  }

  /** The relative path of something the watcher named, or `undefined` when it lies elsewhere. */
  relative(absolute: string): string | undefined {
    for (const root of [this.path, this.#real]) {
      if (absolute === root) return "";
      if (!absolute.startsWith(root)) continue;
      const rest = absolute.slice(root.length).replaceAll(Deno.build.os === "windows" ? "\\" : "/", "/");
      if (rest.startsWith("/") || root.endsWith("/")) return rest.replace(/^\/+/, "");
    }
    return undefined;
  }

  /** Whether a folder holds the marker of cordon.site. */
  async isSite(path = ""): Promise<boolean> {
    try {
      await Deno.lstat(`${this.at(path)}/${SITE_MARKER}`);
      return true;
    } catch {
      return false; // missing is the usual case; an unreadable folder is reported by whoever lists it
    }
  }

  /**
   * Finds out what a path leads to. Deno's read permission for a folder lets
   * symbolic links in it lead anywhere, so it is this check that keeps them inside.
   *
   * @throws {Deno.errors.NotCapable} when a symbolic link leads outside.
   */
  async stat(path: string): Promise<Deno.FileInfo> {
    const absolute = this.at(path);
    const real = await Deno.realPath(absolute);
    if (!this.#contains(real)) throw new Deno.errors.NotCapable(`"${path}" leads outside the input folder`);
    return await Deno.stat(absolute);
  }

  /**
   * Reads part of a file.
   *
   * @throws {Deno.errors.NotCapable} when a symbolic link leads outside.
   */
  async readBytes(path: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const real = await Deno.realPath(this.at(path));
    if (!this.#contains(real)) throw new Deno.errors.NotCapable(`"${path}" leads outside the input folder`);
    using file = await Deno.open(this.at(path), { read: true });
    const { isFile, size } = await file.stat();
    if (!isFile) throw new Error("It is not a regular file");
    if (offset > 0) await file.seek(offset, Deno.SeekMode.Start);
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
    let filled = 0;
    while (filled < bytes.length) {
      const count = await file.read(bytes.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  }

  #contains(real: string): boolean {
    if (real === this.#real) return true;
    const next = real.charAt(this.#real.length);
    return real.startsWith(this.#real) && (next === "/" || next === "\\" || /[\\/]$/.test(this.#real));
  }
}

/**
 * The text of a page.
 *
 * @throws {TypeError} in one sentence, when the bytes are not UTF-8.
 */
export function decodePage(bytes: Uint8Array): string {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TypeError(`It is not valid UTF-8${utf16 ? ", but UTF-16" : ""}; save it as UTF-8`, { cause });
  }
}
