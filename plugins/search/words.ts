const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}_$']*/gu;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const MAX_WORD = 64;

/** A word and where it stands in the text. */
export interface Word {
  readonly text: string;
  readonly start: number;
}

/**
 * Cuts text into words. Chinese, Japanese and Thai have no spaces between
 * words; there every two neighbouring characters count as one.
 */
export function* findWords(text: string): IterableIterator<Word> {
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (!UNSPACED.test(word)) yield { text: word, start: index };
    else {
      const characters = [...word];
      let start = index;
      for (let at = 0; at < characters.length; at++) {
        const pair = characters[at]! + (characters[at + 1] ?? "");
        if (at === 0 || at + 1 < characters.length) yield { text: pair, start };
        start += characters[at]!.length;
      }
    }
  }
}

/** The form in which words are compared: without case and accents. */
export function normaliseWord(word: string): string {
  // deno-lint-ignore no-control-regex -- plain ASCII is the common case, and needs no normal form
  const plain = /^[\u0000-\u007f]*$/.test(word) ? word : word.normalize("NFKD").replace(/\p{M}/gu, "");
  return plain.toLowerCase().replace(/^[_$']+|[_$']+$|'s$/g, "").slice(0, MAX_WORD);
}

/** The forms under which a word is found: itself, and the parts of `camelCase` and `snake_case`. */
export function indexForms(word: string): string[] {
  const whole = normaliseWord(word);
  if (whole === "") return [];
  const parts = word.split(/_+|(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u);
  if (parts.length < 2 || word.length > MAX_WORD) return [whole];
  return [...new Set([whole, ...parts.map(normaliseWord).filter((part) => part.length > 1)])];
}
