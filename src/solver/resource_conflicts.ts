/**
 * Plugins that declare one shared thing to be different things.
 *
 * @module
 */

/** A plugin with the things it shares. */
export interface Declaring {
  /** Plugin id. */
  readonly id: string;
  /** Name to what it declares each to be, in words. */
  readonly resources: Readonly<Record<string, string>>;
}

/**
 * Finds them: with each name the plugins of the publisher that it begins with come first, then the id's
 * order; whoever differs from the first cannot start.
 *
 * @returns Ids, each with why, as one sentence.
 */
export function* findResourceConflicts(nodes: readonly Declaring[]): Generator<[id: string, why: string]> {
  const first = new Map<string, Declaring>();
  for (const node of nodes) {
    for (const name of Object.keys(node.resources)) {
      const chosen = first.get(name);
      if (chosen === undefined || rankOf(node, name) < rankOf(chosen, name)) first.set(name, node);
    }
  }
  for (const node of nodes) {
    for (const [name, what] of Object.entries(node.resources)) {
      const chosen = first.get(name)!;
      if (chosen.resources[name] === what) continue;
      yield [
        node.id,
        `Cannot start "${node.id}": it declares the resource "${name}" as ${what}, but ` +
        `"${chosen.id}" declares it as ${chosen.resources[name]}`,
      ];
    }
  }
}

function rankOf({ id }: Declaring, name: string): string {
  const isOfPublisher = name.split(".")[0] === id.split(".")[0];
  return `${isOfPublisher ? 0 : 1} ${id}`;
}
