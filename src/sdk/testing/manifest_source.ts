/**
 * Where the manifest of a tested plugin comes from, and what its variables
 * stand for.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { parseManifest } from "../../manifest/parse.ts";
import { resolveRequest } from "../../permissions/effective.ts";
import { listVariables } from "../../permissions/parse.ts";

/**
 * Reads a manifest.
 *
 * @param source Its path or URL, or its text: whatever holds a line break or begins with `{`.
 * @throws {CordonError} `not_found`, `not_readable`, or `invalid_plugin` with every problem in it.
 */
export async function readManifest(source: string | URL): Promise<Manifest> {
  if (typeof source === "string" && (source.includes("\n") || source.startsWith("{"))) {
    return parseManifest(source, source.startsWith("{") ? "plugin.json" : "plugin.toml");
  }
  const place = source instanceof URL ? source.href : source;
  try {
    return parseManifest(await Deno.readTextFile(source), place);
  } catch (cause) {
    const [code, state, hint] = cause instanceof Deno.errors.NotFound
      ? ["not_found", "it does not exist", 'Name it: manifest: new URL("plugin.toml", import.meta.url)']
      : cause instanceof Deno.errors.NotCapable
      ? ["not_readable", "this test may not read it", "Let it: deno test --allow-read=."]
      : [];
    if (code === undefined) throw cause;
    throw new CordonError(code, `Cannot read the manifest "${place}": ${state}`, { hint, cause });
  }
}

/**
 * Values of the variables that the manifest names, defaults included.
 *
 * @throws {CordonError} `invalid_input`, where the host would not start the plugin.
 */
export function resolveVariables(
  { id, permissions }: Manifest,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const named = new Map(
    permissions.flatMap(({ values }) => values.flatMap(listVariables)).map((
      { name, fallback },
    ) => [name, fallback]),
  );
  const unknown = Object.keys(given).find((name) => !named.has(name));
  if (unknown !== undefined) {
    throw new CordonError("invalid_input", `Cannot set "${unknown}": no permission in the manifest names it`);
  }
  const isWindows = Object.values(given).some((value) => /^[A-Za-z]:[/\\]/.test(value));
  const request = resolveRequest(permissions, {
    pluginDir: isWindows ? "C:\\plugin" : "/plugin",
    dataDir: "/data",
    tmpDir: "/tmp",
    vars: given,
    realPath: (path) => path,
  });
  const subject = `Cannot start "${id}"`;
  if (request.missingVariables.length > 0) {
    const names = request.missingVariables.map((name) => `"${name}"`).join(", ");
    throw new CordonError("invalid_input", `${subject}: its permissions need a value for ${names}`, {
      hint: `Give it: vars: { ${request.missingVariables[0]}: "…" }`,
    });
  }
  if (request.problems.length > 0) {
    const { path, message } = request.problems[0]!;
    throw new CordonError("invalid_input", `${subject}: ${path}: ${message}`);
  }
  const values = [...named].map(([name, fallback]) =>
    [name, Object.hasOwn(given, name) ? given[name] : fallback] as const
  );
  return Object.fromEntries(values.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
