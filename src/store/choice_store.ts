/**
 * Which plugin an administrator chose to provide each capability.
 *
 * @module
 */

import type { Database } from "./database.ts";

/** Keeps choices by the name of the capability. */
export class ChoiceStore {
  readonly #database: Database;

  /** @param database Where they are kept. */
  constructor(database: Database) {
    this.#database = database;
  }

  /** Every choice, by capability. */
  all(): Map<string, string> {
    const rows = this.#database.all<{ capability: string; provider: string }>(
      "SELECT capability, provider FROM provider_choices ORDER BY capability",
    );
    return new Map(rows.map(({ capability, provider }) => [capability, provider]));
  }

  /** Keeps a choice; it is kept when this returns. */
  put(capability: string, provider: string): void {
    this.#database.run(
      "INSERT INTO provider_choices (capability, provider) VALUES (?, ?) " +
        "ON CONFLICT (capability) DO UPDATE SET provider = excluded.provider",
      capability,
      provider,
    );
  }

  /** Forgets a choice. */
  remove(capability: string): void {
    this.#database.run("DELETE FROM provider_choices WHERE capability = ?", capability);
  }
}
