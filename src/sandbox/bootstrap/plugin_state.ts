/**
 * What a plugin hands to its next version: values that arrive there as they
 * were, and not more of them than the manifest allows.
 *
 * @module
 */

/** Levels of lists and objects in each other. */
const MAX_DEPTH = 64;

/**
 * Sees that a state can be handed on.
 *
 * @param state The state.
 * @param maxBytes What it may weigh, roughly as JSON.
 * @throws {TypeError} For what would arrive as something else, with its place.
 * @throws {RangeError} If there is too much of it.
 */
export function checkState(state: unknown, maxBytes: number): void {
  const above = new Set<object>();
  let bytes = 0;
  const weigh = (more: number) => {
    bytes += more;
    if (bytes > maxBytes) {
      throw new RangeError(`the state is more than ${maxBytes} bytes (reload.state_size)`);
    }
  };
  const check = (value: unknown, place: string): void => {
    const refuse = (what: string): never => {
      throw new TypeError(`${place} is ${what}, which cannot be handed on`);
    };
    switch (typeof value) {
      case "string":
        return weigh(value.length + 2);
      case "boolean":
        return weigh(5);
      case "number":
        return Number.isFinite(value) ? weigh(8) : refuse(String(value));
      case "undefined":
        return weigh(1);
      case "object":
        break;
      default:
        return refuse(`a ${typeof value}`);
    }
    if (value === null) return weigh(4);
    if (value instanceof Uint8Array) return weigh(value.byteLength);
    const prototype = Object.getPrototypeOf(value);
    if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
      return refuse(`a ${prototype.constructor?.name ?? "thing of a class"}`);
    }
    if (above.has(value)) return refuse("part of itself");
    if (above.size >= MAX_DEPTH) return refuse(`nested deeper than ${MAX_DEPTH}`);
    above.add(value);
    if (Array.isArray(value)) value.forEach((item, index) => check(item, `${place}[${index}]`));
    else {
      for (const [name, item] of Object.entries(value)) {
        weigh(name.length + 3);
        check(item, `${place}.${name}`);
      }
    }
    above.delete(value);
  };
  check(state, "the state");
}
