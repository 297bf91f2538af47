/**
 * The variables of the environment that a plugin is handed.
 *
 * @module
 */

/** Reads variables by their exact names; those that are not set are left out. */
export function readEnvironment(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
