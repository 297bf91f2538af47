const MAX_LENGTH = 16 * 1024 * 1024;

/** Texts read for their titles and soon needed again. Bounded: what does not fit is read a second time. */
export class KeptTexts {
  readonly #texts = new Map<string, string>();
  #length = 0;

  keep(path: string, text: string): void {
    this.take(path);
    if (this.#length + text.length > MAX_LENGTH) return;
    this.#texts.set(path, text);
    this.#length += text.length;
  }

  /** Hands a text out, and forgets it. */
  take(path: string): string | undefined {
    const text = this.#texts.get(path);
    if (text === undefined) return undefined;
    this.#texts.delete(path);
    this.#length -= text.length;
    return text;
  }

  clear(): void {
    this.#texts.clear();
    this.#length = 0;
  }
}
