/**
 * `grants.toml`: the text of what an administrator decided. It may be edited
 * by hand, so it is read as strictly as a manifest.
 *
 * @module
 */

import { tryParse } from "@std/semver";
import { z } from "zod";
import { errorMessage, type Problem } from "../../errors.ts";
import { type DocumentReading, readDocument } from "../../manifest/document.ts";
import { PLUGIN_ID } from "../../manifest/model_values.ts";
import type { Grants } from "../../permissions/grants.ts";
import { isPathKind, listVariables, parsePermission } from "../../permissions/parse.ts";
import {
  createPermissionSet,
  type Permission,
  PERMISSION_KINDS,
  type PermissionKind,
} from "../../permissions/permission_set.ts";

/** Longest file, in characters. */
const MAX_LENGTH = 1024 * 1024;

const HEADER = `# What plugins of this site may do, kept by Cordon.
# Change it with: cordon grant ID, cordon revoke ID. Edited by hand it counts
# when the host starts next, or after cordon reload ID.
`;

const pluginId = z.string().regex(PLUGIN_ID, { error: 'expected a plugin id, as "acme.weather"' });
const version = z.string().refine((text) => text.length <= 256 && tryParse(text) !== undefined, {
  error: 'expected a version, as "1.4.2"',
});
const time = z.iso.datetime({
  offset: true,
  error: 'expected a date and time in quotes, as "2026-01-31T12:00:00Z"',
});

function values(kind: PermissionKind) {
  return z.array(
    z.string().superRefine((text, context) => {
      try {
        if (listVariables(text).length > 0) {
          throw new SyntaxError(`"${text}" holds a variable: a grant names what it stands for`);
        }
        canonical(kind, text);
      } catch (error) {
        context.addIssue({ code: "custom", message: errorMessage(error) });
      }
    }),
  ).max(4096).optional();
}

const model = z.strictObject({
  schema: z.literal(1, { error: "expected 1, the only version of this format there is" }),
  grants: z.array(z.strictObject({
    plugin: pluginId,
    version,
    granted: time,
    supervised: z.boolean().optional(),
    permissions: z.strictObject({
      net: values("net"),
      read: values("read"),
      write: values("write"),
      env: values("env"),
      sys: values("sys"),
      run: values("run"),
      ffi: values("ffi"),
    }),
  })).optional(),
  refusals: z.array(z.strictObject({ plugin: pluginId, version, refused: time })).optional(),
});

/** Reads the text of `grants.toml`: all of it, or every problem with its line. */
export function readGrants(text: string): DocumentReading<Grants> {
  const reading = readDocument(text, {
    model,
    maxLength: MAX_LENGTH,
    purpose: "it holds what was granted only",
    reference: "docs/consent.md",
    checkWhole: findDoubles,
  });
  if (reading.type === "refused") return reading;
  const { grants = [], refusals = [] } = reading.data;
  return {
    type: "read",
    data: {
      grants: grants.map(({ supervised = false, permissions, ...grant }) => ({
        ...grant,
        supervised,
        permissions: createPermissionSet(
          PERMISSION_KINDS.flatMap((kind) => (permissions[kind] ?? []).map((text) => canonical(kind, text))),
        ),
      })),
      refusals,
    },
  };
}

/** Writes decisions as `grants.toml`, in the order of the plugins' ids. */
export function formatGrants({ grants, refusals }: Grants): string {
  const byPlugin = <Decision extends { plugin: string; version: string }>(decisions: readonly Decision[]) =>
    decisions.toSorted((a, b) => compare(a.plugin, b.plugin) || compare(a.version, b.version));
  const blocks = [
    ...byPlugin(grants).map(({ plugin, version, granted, supervised, permissions }) => [
      "[[grants]]",
      assign("plugin", plugin),
      assign("version", version),
      assign("granted", granted),
      ...(supervised ? ["supervised = true"] : []),
      "[grants.permissions]",
      ...PERMISSION_KINDS.filter((kind) => permissions[kind].length > 0).map((kind) =>
        `${kind} = [${permissions[kind].map(quote).join(", ")}]`
      ),
    ]),
    ...byPlugin(refusals).map(({ plugin, version, refused }) => [
      "[[refusals]]",
      assign("plugin", plugin),
      assign("version", version),
      assign("refused", refused),
    ]),
  ];
  return `${HEADER}\n${["schema = 1", ...blocks.map((lines) => lines.join("\n"))].join("\n\n")}\n`;
}

/**
 * A value as Cordon would have written it. Links are not resolved: what was
 * granted goes by the name it had then.
 */
function canonical(kind: PermissionKind, text: string): Permission {
  const scope = { pluginDir: "/p", dataDir: "/d", tmpDir: "/t", vars: {}, realPath: (path: string) => path };
  // A path of another system is one all the same.
  const { value } = parsePermission(
    kind,
    text,
    /^[A-Za-z]:/.test(text) ? { ...scope, pluginDir: "C:\\p" } : scope,
  );
  const own = isPathKind(kind) ? /^\$[A-Z]+/.exec(text)?.[0] : undefined;
  return { kind, value: own === undefined ? value : own + value.slice("/p".length) };
}

/** Two grants to one plugin: nobody could tell which was meant. */
function findDoubles(document: unknown): Problem[] {
  const { grants } = (document ?? {}) as { grants?: unknown };
  if (!Array.isArray(grants)) return [];
  const ids = grants.map((grant) => (grant as { plugin?: unknown } | null)?.plugin);
  return ids.flatMap((id, index) =>
    typeof id === "string" && ids.indexOf(id) < index
      ? [{ path: `grants[${index}].plugin`, message: `"${id}" has a grant already: keep one` }]
      : []
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function assign(key: string, value: string): string {
  return `${key} = ${quote(value)}`;
}

/** A TOML basic string; values hold no control characters. */
function quote(text: string): string {
  return JSON.stringify(text);
}
