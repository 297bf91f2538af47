/**
 * Copies plain data so that `node:util` compares it as std does: no difference between `0` and `-0`, nor
 * between objects with and without a prototype.
 */
export function normalize(value: unknown, seen: Map<object, object> = new Map()): unknown {
  if (value === 0) return 0; // -0 === 0
  if (typeof value !== "object" || value === null) return value;
  const known = seen.get(value);
  if (known) return known;
  switch (Object.getPrototypeOf(value)) {
    case null:
    case Object.prototype:
      return copyProperties(value, {}, seen);
    case Array.prototype:
      return copyProperties(value, new Array((value as unknown[]).length), seen);
    case Set.prototype: {
      const copy = new Set<unknown>();
      seen.set(value, copy);
      for (const item of value as Set<unknown>) copy.add(normalize(item, seen));
      return copy;
    }
    case Map.prototype: {
      const copy = new Map<unknown, unknown>();
      seen.set(value, copy);
      for (const [key, item] of value as Map<unknown, unknown>) {
        copy.set(normalize(key, seen), normalize(item, seen));
      }
      return copy;
    }
    default:
      return value;
  }
}

function copyProperties(source: object, copy: object, seen: Map<object, object>): object {
  seen.set(source, copy);
  for (const key of Reflect.ownKeys(source)) {
    const descriptor = Object.getOwnPropertyDescriptor(source, key);
    if (!descriptor?.enumerable) continue;
    const value = normalize(Reflect.get(source, key), seen);
    Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}
