/**
 * Turns the text of a heading into the id that GitHub gives it: lower case,
 * without punctuation, spaces as hyphens.
 */
export function toSlug(text: string): string {
  return text.trim().toLowerCase().replace(/[^\p{Alphabetic}\p{M}\p{Nd}\p{Nl}\p{Pc}\- ]/gu, "").replaceAll(
    " ",
    "-",
  );
}

/** Gives out the ids of one page, so that no two are equal. */
export class Slugger {
  readonly #used = new Map<string, number>();

  /** The id for a heading; the second of the same text ends in `-1`, the third in `-2`. */
  slug(text: string): string {
    return this.claim(toSlug(text));
  }

  /** Takes a wanted id, or the next free one like it. */
  claim(wanted: string): string {
    let id = wanted;
    let count = this.#used.get(wanted) ?? -1;
    if (count >= 0) {
      do id = `${wanted}-${++count}`; while (this.#used.has(id));
    }
    this.#used.set(wanted, Math.max(count, 0));
    if (id !== wanted) this.#used.set(id, 0);
    return id;
  }
}
