import { isKnown, parseRange, streamPart, tagFile } from "./content.ts";
import type { LivePages } from "./live.ts";
import { answerSearch } from "./search_api.ts";
import type { Search } from "./search_api.ts";
import type { SiteFile, SiteFiles } from "./site_files.ts";

/** What the server serves. */
export interface ServerParts {
  readonly files: SiteFiles;
  readonly live: LivePages;
  readonly search: () => Promise<Search>;
}

const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: http: data:; " +
  "media-src 'self' https:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
// Images may hold scripts too (SVG): shown on their own, they may do nothing.
const FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";
const HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** Answers the requests of browsers. */
export function createHandler(parts: ServerParts): (request: Request) => Promise<Response> {
  return async (request) => {
    const response = await answer(request, parts);
    for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
    if (!response.headers.has("content-security-policy")) {
      response.headers.set("content-security-policy", FILE_POLICY);
    }
    if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-cache");
    return response;
  };
}

/** Whether a request was meant for this machine: a page elsewhere can make its own name lead here. */
export function isLocalHost(host: string | null): boolean {
  return host !== null && /^(?:127\.0\.0\.1|localhost)(?::\d{1,5})?$/i.test(host);
}

async function answer(request: Request, parts: ServerParts): Promise<Response> {
  if (!isLocalHost(request.headers.get("host"))) {
    return plain(421, "This server answers to 127.0.0.1 and localhost only");
  }
  const isHead = request.method === "HEAD";
  if (request.method !== "GET" && !isHead) {
    return plain(405, "Only GET and HEAD are answered", { allow: "GET, HEAD" });
  }
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/search") {
    if (isHead) return new Response(null, { status: await isSearchable(parts) ? 204 : 503 });
    return await answerSearch(searchParams, parts.search, (path) => findUrl(path, parts.files));
  }
  if (pathname === "/live") {
    if (isHead) return new Response(null, { status: 204 });
    return await parts.live.listen(searchParams.get("path") ?? "/", searchParams.get("tag") ?? "");
  }
  const found = await parts.files.find(pathname);
  if (found.type === "redirect") return plain(308, "It is a folder", { location: found.to });
  if (found.type === "file") return await sendFile(request, found.file, 200);
  const missing = await parts.files.find("/404.html");
  if (missing.type === "file") return await sendFile(request, missing.file, 404);
  return plain(404, "There is nothing at this address");
}

async function isSearchable({ search }: ServerParts): Promise<boolean> {
  try {
    await search();
    return true;
  } catch {
    return false; // it is missing, which is the answer
  }
}

async function sendFile(request: Request, file: SiteFile, status: number): Promise<Response> {
  const { tag, bytes } = await tagFile(file);
  const isPage = file.type.startsWith("text/html");
  const headers = new Headers({ "content-type": file.type, etag: tag, "accept-ranges": "bytes" });
  if (isPage) {
    headers.set("content-security-policy", PAGE_POLICY);
    // How the page learns which content it shows, without another request.
    headers.set("server-timing", `page;desc="${tag.replace(/[W/"]/g, "")}"`);
  } else if (file.type === "application/pdf") {
    // A sandbox would keep the browser from showing it.
    headers.set(
      "content-security-policy",
      "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'",
    );
  }
  if (status === 200 && isKnown(request, tag)) return new Response(null, { status: 304, headers });
  const range = status === 200 ? parseRange(request.headers.get("range"), file.size) : undefined;
  if (range === "invalid") {
    headers.set("content-range", `bytes */${file.size}`);
    return new Response(null, { status: 416, headers });
  }
  const part = range ?? { start: 0, end: (bytes?.length ?? file.size) - 1 };
  if (range) headers.set("content-range", `bytes ${part.start}-${part.end}/${file.size}`);
  headers.set("content-length", String(part.end - part.start + 1));
  const code = range ? 206 : status;
  if (request.method === "HEAD") return new Response(null, { status: code, headers });
  const body = bytes ? bytes.subarray(part.start, part.end + 1) : await streamPart(file, part);
  return new Response(body, { status: code, headers });
}

/** The page that a Markdown file became; where two files wanted one name, cordon.site gave the second a longer one. */
async function findUrl(path: string, files: SiteFiles): Promise<string> {
  const plain = path.replace(/\.[^./]*$/, "");
  const index = path.replace(/(^|\/)(?:index|readme)\.[^./]*$/i, "$1index");
  const candidates = [`${path}.html`, `${plain}.html`, `${index}.html`];
  for (const candidate of candidates) {
    const url = candidate.split("/").map(encodeURIComponent).join("/");
    if ((await files.find(`/${url}`)).type === "file") return url;
  }
  return candidates[1]!.split("/").map(encodeURIComponent).join("/");
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}
