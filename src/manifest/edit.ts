/**
 * Changes what a manifest asks for, and nothing else in its text: comments,
 * order and layout stay.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { PERMISSION_KINDS, type PermissionKind } from "../permissions/permission_set.ts";
import type { Manifest, PermissionRequest } from "./manifest.ts";
import { PERMISSION_FIELDS } from "./model.ts";
import { parseManifest } from "./parse.ts";
import { lineEnd, readTables, type Span, type TableSource } from "./toml_source.ts";

/** A value of a manifest. */
export interface ManifestValue {
  /** Kind of permission. */
  readonly kind: PermissionKind;
  /** The value as written. */
  readonly text: string;
}

/** What is to change. */
export interface PermissionEdit {
  /** Values that go. */
  readonly removed: readonly ManifestValue[];
  /** Values that come, in entries of their own. */
  readonly added: readonly ManifestValue[];
}

/**
 * The text of a manifest that asks for more and less.
 *
 * @param text Text of the manifest.
 * @param file Its path; `.json` is read as JSON, anything else as TOML.
 * @throws {CordonError} `not_editable` if the text is laid out in a way that cannot be changed safely.
 */
export function editPermissions(text: string, file: string, edit: PermissionEdit): string {
  const before = parseManifest(text, file);
  const edited = file.endsWith(".json") ? editJson(text, edit) : editToml(text, before, edit);
  if (edited === undefined || !isIntended(edited, file, { before, edit })) {
    throw new CordonError(
      "not_editable",
      `Cannot edit "${file}": its permissions are not laid out as usual`,
      {
        hint: "Write each as a [[permissions.KIND]] table with a list, or change it by hand",
      },
    );
  }
  return edited;
}

/** The last door: the text says just what was meant, whatever made it. */
function isIntended(
  edited: string,
  file: string,
  { before, edit }: { readonly before: Manifest; readonly edit: PermissionEdit },
): boolean {
  const permissions = PERMISSION_KINDS.flatMap((kind) => [
    ...before.permissions.filter((entry) => entry.kind === kind).flatMap((entry) => without(entry, edit)),
    ...addedEntries(kind, edit),
  ]);
  try {
    return JSON.stringify(parseManifest(edited, file)) === JSON.stringify({ ...before, permissions });
  } catch {
    // What cannot be read was not meant.
    return false;
  }
}

function without(entry: PermissionRequest, edit: PermissionEdit): PermissionRequest[] {
  const values = entry.values.filter((text) => !isRemoved(entry.kind, text, edit));
  return values.length === 0 ? [] : [{ ...entry, values }];
}

function addedEntries(kind: PermissionKind, { added }: PermissionEdit): PermissionRequest[] {
  const values = added.filter((value) => value.kind === kind).map(({ text }) => text);
  return values.length === 0 ? [] : [{ kind, values, reason: undefined, optional: false }];
}

function isRemoved(kind: PermissionKind, text: string, { removed }: PermissionEdit): boolean {
  return removed.some((value) => value.kind === kind && value.text === text);
}

function editToml(text: string, { permissions }: Manifest, edit: PermissionEdit): string | undefined {
  const cuts: Span[] = [];
  for (const kind of PERMISSION_KINDS) {
    const tables = readTables(text).filter(({ header }) => header === `[[permissions.${kind}]]`);
    const entries = permissions.filter((entry) => entry.kind === kind);
    if (tables.length !== entries.length) return undefined;
    for (const [index, { values }] of entries.entries()) {
      const cut = cutValues(text, tables[index]!, { kind, values, edit });
      if (cut === undefined) return undefined;
      cuts.push(...cut);
    }
  }
  const kept = cuts.toSorted((a, b) => b.start - a.start)
    .reduce((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text);
  return addTables(kept, edit);
}

/** What has to go of one entry; undefined where its list cannot be found. */
function cutValues(
  text: string,
  table: TableSource,
  { kind, values, edit }: {
    readonly kind: PermissionKind;
    readonly values: readonly string[];
    readonly edit: PermissionEdit;
  },
): Span[] | undefined {
  const indexes = [...values.keys()].filter((index) => isRemoved(kind, values[index]!, edit));
  if (indexes.length === 0) return [];
  if (indexes.length === values.length) return [wholeTable(text, table)];
  const items = table.keys.find(({ key }) => key === PERMISSION_FIELDS[kind])?.items;
  if (items?.length !== values.length) return undefined;
  const lastKept = [...values.keys()].findLast((index) => !indexes.includes(index))!;
  return indexes.map((index) => {
    const item = items[index]!;
    const line = ownLine(text, item);
    if (line !== undefined) return line;
    // Up to the next, with the comma between; behind the last that stays, from the one before.
    return index < lastKept
      ? { start: item.start, end: items[index + 1]!.start }
      : { start: items[index - 1]!.end, end: item.end };
  });
}

/** The whole line of an item that stands alone on it, with its comment. */
function ownLine(text: string, { start, end }: Span): Span | undefined {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const lineStop = lineEnd(text, end);
  const isAlone = /^\s*$/.test(text.slice(lineStart, start)) &&
    /^\s*,?\s*(#.*)?$/.test(text.slice(end, lineStop));
  return isAlone ? { start: lineStart, end: afterBreak(text, lineStop) } : undefined;
}

/** A table with the comment lines that stand right on it, and the empty lines behind. */
function wholeTable(text: string, { start, end }: TableSource): Span {
  let from = text.lastIndexOf("\n", start - 1) + 1;
  while (from > 0) {
    const before = text.lastIndexOf("\n", from - 2) + 1;
    if (!/^\s*#/.test(text.slice(before, from))) break;
    from = before;
  }
  let to = afterBreak(text, lineEnd(text, end));
  while (to < text.length && /^[ \t]*$/.test(text.slice(to, lineEnd(text, to)))) {
    to = afterBreak(text, lineEnd(text, to));
  }
  return { start: from, end: to };
}

/** Adds entries behind the last one there is, else at the end. */
function addTables(text: string, edit: PermissionEdit): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const blocks = PERMISSION_KINDS.flatMap((kind) => addedEntries(kind, edit)).map(({ kind, values }) => {
    const list = values.map((value) => JSON.stringify(value)).join(", ");
    return `${eol}[[permissions.${kind}]]${eol}${PERMISSION_FIELDS[kind]} = [${list}]${eol}`;
  }).join("");
  if (blocks === "") return text;
  const last = readTables(text).findLast(({ header }) => header.startsWith("[[permissions."));
  const at = last === undefined ? text.length : afterBreak(text, lineEnd(text, last.end));
  const head = text.slice(0, at);
  return `${head}${head.endsWith("\n") ? "" : eol}${blocks}${text.slice(at)}`;
}

function afterBreak(text: string, at: number): number {
  return text.startsWith("\r\n", at) ? at + 2 : Math.min(at + 1, text.length);
}

function editJson(text: string, edit: PermissionEdit): string {
  const document = JSON.parse(text) as { permissions?: Record<string, Record<string, unknown>[]> };
  const permissions = document.permissions ?? {};
  for (const kind of PERMISSION_KINDS) {
    const field = PERMISSION_FIELDS[kind];
    const kept = (permissions[kind] ?? []).flatMap((entry) => {
      const values = (entry[field] as string[]).filter((value) => !isRemoved(kind, value, edit));
      return values.length === 0 ? [] : [{ ...entry, [field]: values }];
    });
    const all = [...kept, ...addedEntries(kind, edit).map(({ values }) => ({ [field]: values }))];
    if (all.length > 0) permissions[kind] = all;
    else delete permissions[kind];
  }
  if (Object.keys(permissions).length > 0) document.permissions = permissions;
  else delete document.permissions;
  const indent = /^\s*\{\r?\n([ \t]+)/.exec(text)?.[1] ?? "";
  return `${JSON.stringify(document, undefined, indent)}${/\s*$/.exec(text)![0]}`;
}
