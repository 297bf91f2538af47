/**
 * Which plugin is to provide a capability: what the site's file says, and what
 * an administrator chose by a command where the file says nothing.
 *
 * @module
 */

import type { ProviderChoice } from "../../solver/offers.ts";
import type { ChoiceStore } from "../../store/choice_store.ts";

/** The choices of a host. */
export class ChoiceBook {
  readonly #site: ReadonlyMap<string, string>;
  readonly #store: ChoiceStore;
  #kept: ReadonlyMap<string, string>;

  /**
   * @param site What the site's file says, by capability.
   * @param store Keeps what an administrator chose.
   */
  constructor(site: Readonly<Record<string, string>>, store: ChoiceStore) {
    this.#site = new Map(Object.entries(site));
    this.#store = store;
    this.#kept = store.all();
  }

  /** What is in force, by capability. */
  get all(): ReadonlyMap<string, ProviderChoice> {
    return this.#merge(this.#kept);
  }

  /** What would be in force if an administrator had chosen `provider`. */
  with(capability: string, provider: string): ReadonlyMap<string, ProviderChoice> {
    return this.#merge(new Map([...this.#kept, [capability, provider]]));
  }

  /** Keeps what an administrator chose; undefined takes a choice back. It is kept when this returns. */
  change(capability: string, provider: string | undefined): void {
    if (provider === undefined) this.#store.remove(capability);
    else this.#store.put(capability, provider);
    this.#kept = this.#store.all();
  }

  #merge(kept: ReadonlyMap<string, string>): Map<string, ProviderChoice> {
    const all = new Map<string, ProviderChoice>();
    for (const [capability, id] of kept) all.set(capability, { id, by: "administrator" });
    for (const [capability, id] of this.#site) all.set(capability, { id, by: "site" });
    return all;
  }
}
