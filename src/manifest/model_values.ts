/**
 * The values that stand in a manifest: versions, ranges, paths, names, topics.
 *
 * @module
 */

import { tryParse, tryParseRange } from "@std/semver";
import { z } from "zod";
import { parseSize } from "../internal/units.ts";
import { checked, matching } from "./fields.ts";
import { MAX_PERMITS } from "./shared_resource.ts";

// Zod compiles validators with `new Function` unless told not to.
z.config({ jitless: true });

/** The form of a plugin's id: publisher and name. */
export const PLUGIN_ID = /^[a-z][a-z0-9-]{0,62}\.[a-z][a-z0-9-]{0,62}$/;
/** The form of a capability's name. */
export const CAPABILITY_NAME = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*){0,7}$/;
const METHOD = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
export const TOPIC = /^[a-z0-9_-]+(\.[a-z0-9_-]+){0,15}$/;
export const TOPIC_PATTERN = /^([a-z0-9_-]+|\*)(\.([a-z0-9_-]+|\*)){0,15}(\.\*\*)?$|^\*\*$/;
const MAX_KEPT_BYTES = 256 * 2 ** 20;
/** It travels in one message. */
const MAX_STATE_BYTES = 15 * 2 ** 20;
const INHERITED_NAMES = new Set(["then", ...Object.getOwnPropertyNames(Object.prototype)]);
/** What `ctx.use()` returns has these besides the methods. */
const HANDLE_NAMES = new Set(["available", "provider", "onChange"]);

/** One plugin could fill the disk with what it publishes. */
export function parseKeptSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes > MAX_KEPT_BYTES) throw new RangeError(`"${text}" is more than 256MiB`);
  return bytes;
}

/** What crosses from one version to the next passes through the host's memory. */
export function parseStateSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes > MAX_STATE_BYTES) throw new RangeError(`"${text}" is more than 15MiB`);
  return bytes;
}

export const versionText = checked(
  (text) => {
    if (text.length > 256 || tryParse(text) === undefined) {
      throw new SyntaxError(`"${text.slice(0, 80)}" is no semantic version, as "1.4.2"`);
    }
  },
  "Semantic version.",
  ["1.4.2"],
);

export const rangeText = checked(
  (text) => {
    if (text.length > 256 || text.trim() === "" || tryParseRange(text) === undefined) {
      throw new SyntaxError(`"${text.slice(0, 80)}" is no range of versions, as "^1.2" or ">=1 <3"`);
    }
  },
  "Range of versions.",
  ["^1.2", ">=1 <3", "*"],
);

export const insidePath = checked(
  (text) => {
    const segments = text.split("/");
    if (
      text === "" || text.length > 1024 || /[\\:\p{Cc}]/u.test(text) || !text.isWellFormed() ||
      segments.some((segment) => segment === "" || segment === "." || segment === "..")
    ) {
      throw new SyntaxError(
        `${JSON.stringify(text.slice(0, 80))} is no path inside the plugin's folder, as "src/main.ts"`,
      );
    }
  },
  "Path inside the plugin's folder, with `/`.",
  ["main.ts"],
);

export const mainPath = insidePath.refine((text) => /\.(ts|mts|tsx|js|mjs|jsx)$/.test(text), {
  error: "expected a module that ends in .ts, .mts, .tsx, .js, .mjs or .jsx",
});

export const contractPath = insidePath.refine((text) => /(?<!\.d)\.ts$/.test(text), {
  error: "expected a module of types that ends in .ts, and not in .d.ts",
}).meta({
  description: "Its contract: a module of TypeScript types with the methods as an interface.",
  examples: ["geocode.contract.ts"],
});

export const pluginId = matching(
  PLUGIN_ID,
  'an id of the form "publisher.name" in lower case, as "acme.weather"',
);
export const capabilityName = matching(CAPABILITY_NAME, 'a name in lower case, as "geocode"');
export const methodName = matching(METHOD, 'a method name, as "today"').refine(
  (name) => !INHERITED_NAMES.has(name),
  {
    error: "this name is every object's own: choose another",
  },
).refine((name) => !HANDLE_NAMES.has(name), {
  error: "every handle on a capability has this name itself: choose another",
});
export const line = z.string().max(500).refine((text) => !/\p{Cc}/u.test(text), {
  error: "holds a control character",
});
export const pluginRanges = z.record(pluginId, rangeText);
const resourceAccess = z.enum(["read", "write"]).meta({
  description: "Whether it only reads. Default: `write`.",
}).optional();
const resourceSize = checked(parseSize, "Most bytes it holds.", ["4MiB"]);
export const sharedResource = z.union([
  z.enum(["lock", "counter"]),
  z.strictObject({ kind: z.literal("lock") }),
  z.strictObject({ kind: z.literal("semaphore"), permits: z.int().min(1).max(MAX_PERMITS) }),
  z.strictObject({ kind: z.literal("counter"), access: resourceAccess }),
  z.strictObject({ kind: z.enum(["cache", "blob"]), max: resourceSize, access: resourceAccess }),
], {
  error:
    `expected "lock", "counter", { kind = "semaphore", permits = 3 } with ${MAX_PERMITS} permits at most, ` +
    'or { kind = "cache", max = "4MiB" }, or "blob" in its place; a dotted name needs quotes',
});
