/**
 * Where things stand in the text of a TOML document, for changing some of it
 * and leaving the rest as it is. Right for documents that the parser accepted.
 *
 * @module
 */

/** A stretch of text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A `key = value` of a table. */
export interface KeySource extends Span {
  /** The key as written. */
  readonly key: string;
  /** The texts of its list, where its value is one. */
  readonly items: readonly Span[];
}

/** A `[table]` or `[[table]]` with its keys. */
export interface TableSource extends Span {
  /** The header without white space, as `[[permissions.read]]`. */
  readonly header: string;
  /** Its keys. */
  readonly keys: readonly KeySource[];
}

/** The tables that have a header, in order; each ends with its last key. */
export function readTables(text: string): TableSource[] {
  const tables: { start: number; end: number; header: string; keys: KeySource[] }[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    if (/\s/.test(char)) at++;
    else if (char === "#") at = lineEnd(text, at);
    else {
      const end = skipUntil(text, at, char === "[" ? /[\r\n#]/ : /=/);
      const name = text.slice(at, end).replaceAll(/\s/g, "");
      if (char === "[") {
        tables.push({ start: at, end: at + text.slice(at, end).trimEnd().length, header: name, keys: [] });
        at = end;
      } else {
        const value = readValue(text, end + 1);
        tables.at(-1)?.keys.push({ key: name, start: at, ...value });
        if (tables.length > 0) tables.at(-1)!.end = value.end;
        at = value.end;
      }
    }
  }
  return tables;
}

/** The end of the line that a place stands on, without its line break. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  if (end === -1) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

/** A value, from behind its `=`: where it ends, and the texts that it lists. */
function readValue(text: string, from: number): { end: number; items: Span[] } {
  const items: Span[] = [];
  let depth = 0;
  let end = from;
  for (let at = from; at < text.length;) {
    const char = text[at]!;
    if (char === "#") {
      if (depth === 0) break;
      at = lineEnd(text, at);
      continue;
    }
    if (char === "\n" && depth === 0) break;
    const next = char === '"' || char === "'" ? skipString(text, at) : at + 1;
    if (next > at + 1 && depth === 1) items.push({ start: at, end: next });
    if (char === "[" || char === "{") depth++;
    if (char === "]" || char === "}") depth--;
    at = next;
    if (!/\s/.test(char)) end = at;
  }
  return { end, items };
}

/** The first place that matches outside strings. */
function skipUntil(text: string, from: number, stop: RegExp): number {
  let at = from;
  while (at < text.length && !stop.test(text[at]!)) {
    at = text[at] === '"' || text[at] === "'" ? skipString(text, at) : at + 1;
  }
  return at;
}

/** The end of a string of any of the four kinds. */
function skipString(text: string, from: number): number {
  const quote = text[from]!;
  const long = text.startsWith(quote.repeat(3), from);
  const close = long ? quote.repeat(3) : quote;
  let at = from + close.length;
  while (at < text.length && !text.startsWith(close, at)) at += quote === '"' && text[at] === "\\" ? 2 : 1;
  at += close.length;
  // A long string may end with up to two quotes of its own.
  while (long && text[at] === quote) at++;
  return at;
}
