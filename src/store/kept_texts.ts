/**
 * The last good text of each file that people edit, for when the file is broken.
 *
 * @module
 */

import type { Database } from "./database.ts";

/** Keeps texts by the name of their file. */
export class KeptTexts {
  readonly #database: Database;

  /** @param database Where they are kept. */
  constructor(database: Database) {
    this.#database = database;
  }

  /** The text kept of a file. */
  get(name: string): string | undefined {
    return this.#database.get<{ text: string }>("SELECT text FROM kept_texts WHERE name = ?", name)?.text;
  }

  /** Keeps the text of a file; it is kept when this returns. */
  put(name: string, text: string): void {
    this.#database.run(
      "INSERT INTO kept_texts (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text",
      name,
      text,
    );
  }

  /** Forgets the text of a file. */
  remove(name: string): void {
    this.#database.run("DELETE FROM kept_texts WHERE name = ?", name);
  }
}
