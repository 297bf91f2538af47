/** The URL of one output file, seen from another. */
export function relativeUrl(from: string, to: string): string {
  const start = from.split("/").slice(0, -1);
  const end = to.split("/");
  let common = 0;
  while (common < start.length && common < end.length - 1 && start[common] === end[common]) common++;
  return "../".repeat(start.length - common) + encodePath(end.slice(common).join("/"));
}

/** The way from an output file up to the root of the site. */
export function rootUrl(from: string): string {
  return "../".repeat(from.split("/").length - 1);
}

/** A path as it stands in a URL. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
