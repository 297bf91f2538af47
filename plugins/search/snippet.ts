import { findWords, indexForms } from "./words.ts";

/** Part of a text, and where in it the found words stand: `[start, end)` each. */
export interface Snippet {
  readonly snippet: string;
  readonly marks: [number, number][];
}

const LENGTH = 180;
const LEAD = 40;

/** Picks the part of a text in which most of the found words stand close together. */
export function cutSnippet(text: string, terms: ReadonlySet<string>): Snippet {
  const hits: { start: number; end: number; term: string }[] = [];
  for (const { text: word, start } of findWords(text)) {
    const term = indexForms(word).find((form) => terms.has(form));
    if (term !== undefined) hits.push({ start, end: start + word.length, term });
  }
  const from = bestStart(hits);
  const start = from <= LEAD ? 0 : nextWord(text, from - LEAD, from);
  const end = start + LENGTH >= text.length ? text.length : lastWord(text, start, start + LENGTH);
  const prefix = start > 0 ? "…" : "";
  const snippet = `${prefix}${text.slice(start, end)}${end < text.length ? "…" : ""}`;
  const shift = prefix.length - start;
  const marks = merge(hits.filter((hit) => hit.start >= start && hit.end <= end)).map((
    [from, to],
  ): [number, number] => [from + shift, to + shift]);
  return { snippet, marks };
}

function bestStart(hits: readonly { start: number; end: number; term: string }[]): number {
  let best = 0;
  let most = 0;
  let first = 0;
  const inside = new Map<string, number>();
  for (const [index, hit] of hits.entries()) {
    inside.set(hit.term, (inside.get(hit.term) ?? 0) + 1);
    for (; first < index && hit.end - hits[first]!.start > LENGTH - LEAD; first++) {
      const { term } = hits[first]!;
      const left = inside.get(term)! - 1;
      if (left > 0) inside.set(term, left);
      else inside.delete(term);
    }
    if (inside.size > most) {
      most = inside.size;
      best = hits[first]!.start;
    }
  }
  return best;
}

/** Overlapping pairs of characters become one mark. */
function merge(hits: readonly { start: number; end: number }[]): [number, number][] {
  const marks: [number, number][] = [];
  for (const { start, end } of hits) {
    const last = marks.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else marks.push([start, end]);
  }
  return marks;
}

function nextWord(text: string, from: number, limit: number): number {
  const space = text.indexOf(" ", from);
  return space >= 0 && space < limit ? space + 1 : from + (isLowSurrogate(text, from) ? 1 : 0);
}

function lastWord(text: string, start: number, end: number): number {
  const space = text.lastIndexOf(" ", end);
  return space > start + LENGTH / 2 ? space : end - (isLowSurrogate(text, end) ? 1 : 0);
}

function isLowSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}
