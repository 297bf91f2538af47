/**
 * Replacing texts inside JSON values: secrets before they are written, folders
 * before they are replayed.
 *
 * @module
 */

/** Shorter secrets are replaced only where the configuration has them: they would stand everywhere. */
const MIN_SECRET = 6;

/** What stands in a recording in place of a secret. */
export const HIDDEN = "(secret)";

/** A copy of a JSON value with each text in it mapped; keys stay. */
export function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map));
  // Not an assignment: a key may be "__proto__".
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, map)]));
}

/** The texts in some values of a configuration that are long enough to be told from others. */
export function listSecrets(config: Readonly<Record<string, unknown>>, keys: readonly string[]): string[] {
  const found = new Set<string>();
  for (const key of keys) {
    if (!Object.hasOwn(config, key)) continue;
    mapTexts(config[key], (text) => {
      if (text.length >= MIN_SECRET) found.add(text);
      return text;
    });
  }
  return [...found];
}

/** A configuration without the values of its secrets. */
export function hideConfig(
  config: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, keys.includes(key) ? HIDDEN : value]),
  );
}

/** Replaces each text by another wherever it stands; the longest first. */
export function createReplacer(
  replacements: ReadonlyMap<string, string>,
  { isPath = false }: { readonly isPath?: boolean } = {},
): (text: string) => string {
  const sources = [...replacements.keys()].sort((a, b) => b.length - a.length).map(RegExp.escape);
  if (sources.length === 0) return (text) => text;
  const any = `(?:${sources.join("|")})`;
  // The folder "/a/docs" is no part of "/a/docs-old", nor of "/b/a/docs".
  const pattern = new RegExp(isPath ? `(?<![\\w.-])${any}(?![\\w.-])` : any, "g");
  return (text) => text.replace(pattern, (found) => replacements.get(found)!);
}
