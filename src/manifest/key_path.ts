/**
 * How paths inside a document are written in messages.
 *
 * @module
 */

/** Longest key shown; no valid one is longer. */
const MAX_KEY = 256;

/** Renders a path as `permissions.net[0].hosts[1]`, with quotes around unusual keys. */
export function formatKeyPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const name = String(key).slice(0, MAX_KEY);
    const shown = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) ? name : JSON.stringify(name);
    return text === "" ? shown : `${text}.${shown}`;
  }, "");
}
