import type { SiteFile } from "./site_files.ts";

/** A file's tag, and its bytes if they had to be read for it. */
export interface Tagged {
  readonly tag: string;
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

const MAX_HASHED = 4 * 1024 * 1024;

/**
 * Reads a file if it is small enough, for a tag that depends on nothing but
 * its content; a large file is known by its size and time.
 */
export async function tagFile({ absolute, size, modified }: SiteFile): Promise<Tagged> {
  if (size > MAX_HASHED) return { tag: `W/"${size.toString(36)}-${modified.toString(36)}"` };
  const bytes = await Deno.readFile(absolute);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { tag: `"${digest.subarray(0, 12).toHex()}"`, bytes };
}

/** Whether a browser has this content already. */
export function isKnown(request: Request, tag: string): boolean {
  const known = request.headers.get("if-none-match");
  if (known === null) return false;
  const bare = (text: string) => text.trim().replace(/^W\//, "");
  return known.trim() === "*" || known.split(",").some((one) => bare(one) === bare(tag));
}

/** The part of a file that a request asks for: players of video ask for parts. */
export function parseRange(
  header: string | null,
  size: number,
): { start: number; end: number } | "invalid" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  const [from, to] = [match[1] ?? "", match[2] ?? ""];
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  return start > end || start >= size ? "invalid" : { start, end };
}

/** A part of a file, read as it is sent. */
export async function streamPart(
  { absolute }: SiteFile,
  { start, end }: { start: number; end: number },
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const file = await Deno.open(absolute, { read: true });
  if (start > 0) await file.seek(start, Deno.SeekMode.Start);
  let left = end - start + 1;
  const cut = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      controller.enqueue(chunk.length > left ? chunk.slice(0, left) : chunk);
      left -= chunk.length;
      if (left <= 0) controller.terminate();
    },
  });
  return file.readable.pipeThrough(cut);
}
