/**
 * Providers by the name of their capability and the id of their plugin.
 *
 * @module
 */

import type { Provider } from "./provider.ts";

const NOBODY: ReadonlyMap<string, Provider> = new Map();

/** Who provides what. */
export class ProviderTable {
  readonly #providers = new Map<string, Map<string, Provider>>();
  /** What each plugin provides. */
  readonly #names = new Map<string, Set<string>>();

  /** The providers of a capability, by plugin. */
  of(name: string): ReadonlyMap<string, Provider> {
    return this.#providers.get(name) ?? NOBODY;
  }

  /** Adds a provider; what its plugin provided before under the name gives way. */
  add(name: string, provider: Provider): void {
    const { id } = provider;
    const known = this.#providers.get(name) ?? new Map<string, Provider>();
    this.#providers.set(name, known.set(id, provider));
    const names = this.#names.get(id) ?? new Set<string>();
    this.#names.set(id, names.add(name));
  }

  /** Has a plugin provide these and nothing else; the capabilities that this may change. */
  replace(id: string, providers: ReadonlyMap<string, Provider>): string[] {
    const names = new Set([...this.remove(id), ...providers.keys()]);
    for (const [name, provider] of providers) this.add(name, provider);
    return [...names];
  }

  /** Removes a plugin; the capabilities it provided. */
  remove(id: string): string[] {
    const names = [...this.#names.get(id) ?? []];
    this.#names.delete(id);
    for (const name of names) {
      const known = this.#providers.get(name)!;
      known.delete(id);
      if (known.size === 0) this.#providers.delete(name);
    }
    return names;
  }
}
