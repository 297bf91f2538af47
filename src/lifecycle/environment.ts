/**
 * The environment of a plugin.
 *
 * @module
 */

/** The variables of ours by these names, as far as they are there. */
export function readEnvironment(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
