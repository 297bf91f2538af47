/**
 * Which methods an object offers.
 *
 * @module
 */

/** Functions of an object and of its class, bound to it, without what every object has. */
export function listMethods(value: unknown): Map<string, (...args: unknown[]) => unknown> {
  const methods = new Map<string, (...args: unknown[]) => unknown>();
  const seen = new Set(["constructor"]);
  for (
    let owner: unknown = value;
    typeof owner === "object" && owner !== null && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner)
  ) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      const method = (value as Record<string, unknown>)[name];
      if (seen.has(name) || typeof method !== "function") continue;
      seen.add(name);
      methods.set(name, (...args) => method.apply(value, args));
    }
  }
  return methods;
}
