/**
 * On which line each key of a document stands, for messages. Parsers do not
 * tell; this scan only needs to be right for documents they accepted.
 *
 * @module
 */

import { formatKeyPath } from "./key_path.ts";

/** Where keys stand. */
export interface Location {
  /** Line, counted from 1, by path. */
  readonly lines: ReadonlyMap<string, number>;
  /** Keys that stand twice; not every parser refuses them. */
  readonly duplicates: readonly (readonly PropertyKey[])[];
}

type Path = (string | number)[];

/** Deeper than the model goes; what stands deeper is wrong for what stands around it. */
const MAX_DEPTH = 16;

/** Locates the tables and keys of a TOML document; values over several lines count by their first. */
export function locateToml(text: string): Location {
  const lines = new Map<string, number>();
  /** What only stands there as a part of longer keys. */
  const implied = new Map<string, number>();
  const duplicates: Path[] = [];
  const note = (path: Path, line: number) => {
    for (let length = 1; length < Math.min(path.length, MAX_DEPTH); length++) {
      const name = formatKeyPath(path.slice(0, length));
      if (!implied.has(name)) implied.set(name, line);
    }
    if (path.length > MAX_DEPTH) return;
    const name = formatKeyPath(path);
    if (lines.has(name)) duplicates.push(path);
    else lines.set(name, line);
  };
  const arrayLengths = new Map<string, number>();
  let table: Path = [];
  let openString: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (openString !== undefined) {
      if (line.includes(openString)) openString = undefined;
      continue;
    }
    const header = /^\s*(\[\[?)([^\]]+)\]/.exec(line);
    const key =
      /^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=(.*)$/.exec(
        line,
      );
    if (header !== null && key === null) {
      table = insideArrays(splitKeys(header[2]!).slice(0, MAX_DEPTH + 1), arrayLengths, header[1] === "[[");
      note(table, index + 1);
    } else if (key !== null) {
      const path = [...table, ...splitKeys(key[1]!)];
      note(path, index + 1);
      const opening = /^\s*("""|''')/.exec(key[2]!)?.[1];
      if (opening !== undefined && key[2]!.split(opening).length === 2) openString = opening;
    }
  }
  return { lines: new Map([...implied, ...lines]), duplicates };
}

/** Locates the keys and items of a JSON document, and keys that stand twice. */
export function locateJson(text: string): Location {
  const lines = new Map<string, number>();
  const duplicates: Path[] = [];
  const stack: { path: Path; isArray: boolean; next: string | number }[] = [];
  let line = 1;
  let expectsKey = false;
  for (const [token] of text.matchAll(/\n|"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g)) {
    const top = stack.at(-1);
    if (token === "\n") {
      line++;
    } else if (token === "{" || token === "[") {
      // Beyond the bound nothing is noted, so that a path no longer has to grow.
      const path = top === undefined ? [] : isNoted(top.path) ? [...top.path, top.next] : top.path;
      if (top?.isArray && isNoted(top.path)) lines.set(formatKeyPath(path), line);
      stack.push({ path, isArray: token === "[", next: token === "[" ? 0 : "" });
      expectsKey = token === "{";
    } else if (token === "}" || token === "]") {
      stack.pop();
      expectsKey = false;
    } else if (token === ",") {
      if (top?.isArray) top.next = Number(top.next) + 1;
      expectsKey = top?.isArray === false;
    } else if (expectsKey && token.startsWith('"') && top !== undefined) {
      top.next = JSON.parse(token) as string;
      expectsKey = false;
      if (!isNoted(top.path)) continue;
      const path = [...top.path, top.next];
      const name = formatKeyPath(path);
      if (lines.has(name)) duplicates.push(path);
      lines.set(name, line);
    } else if (top?.isArray && isNoted(top.path) && token !== ":") {
      lines.set(formatKeyPath([...top.path, top.next]), line);
    }
  }
  return { lines, duplicates };
}

function isNoted(parent: Path): boolean {
  return parent.length < MAX_DEPTH;
}

function splitKeys(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)/g)].map((match) =>
    match[1] ?? match[2] ?? match[3]!
  );
}

/** Adds the index of the current element behind each key that names an array of tables. */
function insideArrays(keys: readonly string[], lengths: Map<string, number>, isElement: boolean): Path {
  const path: Path = [];
  for (const [index, key] of keys.entries()) {
    path.push(key);
    const name = formatKeyPath(path);
    if (isElement && index === keys.length - 1) lengths.set(name, (lengths.get(name) ?? 0) + 1);
    const length = lengths.get(name);
    if (length !== undefined) path.push(length - 1);
  }
  return path;
}
