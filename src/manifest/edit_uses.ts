/**
 * Names the contract of a used capability in a manifest, and changes nothing
 * else in its text: comments, order and layout stay.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { Manifest } from "./manifest.ts";
import { parseManifest } from "./parse.ts";
import { type KeySource, readTables } from "./toml_source.ts";

/** Which contract is named. */
export interface ContractEdit {
  /** A capability under `[uses]`. */
  readonly capability: string;
  /** File of the contract, inside the plugin's folder. */
  readonly contract: string;
}

/**
 * The text of a manifest that names a contract.
 *
 * @param text Text of the manifest.
 * @param file Its path; `.json` is read as JSON, anything else as TOML.
 * @throws {CordonError} `not_editable` if the text is laid out in a way that cannot be changed safely.
 */
export function editUsedContract(text: string, file: string, edit: ContractEdit): string {
  const before = parseManifest(text, file);
  const edited = file.endsWith(".json") ? editJson(text, edit) : editToml(text, edit);
  if (edited !== undefined && isIntended(edited, file, { before, edit })) return edited;
  throw new CordonError(
    "not_editable",
    `Cannot edit "${file}": its [uses] is not laid out as usual, or names another contract`,
    { hint: `Write there: ${formatUse(before, edit)}` },
  );
}

/** The line of a manifest that names the contract of a used capability. */
export function formatUse({ uses }: Pick<Manifest, "uses">, { capability, contract }: ContractEdit): string {
  const { version, optional } = uses[capability]!;
  const more = optional ? ", optional = true" : "";
  return `${formatKey(capability)} = { version = ${JSON.stringify(version)}${more}, contract = ${
    JSON.stringify(contract)
  } }`;
}

/** The last door: the text says just what was meant, whatever made it. */
function isIntended(
  edited: string,
  file: string,
  { before, edit: { capability, contract } }: { readonly before: Manifest; readonly edit: ContractEdit },
): boolean {
  const use = { ...before.uses[capability]!, contract };
  const meant = { ...before, uses: { ...before.uses, [capability]: use } };
  try {
    return sortedJson(parseManifest(edited, file)) === sortedJson(meant);
  } catch {
    // What cannot be read was not meant.
    return false;
  }
}

function sortedJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, inner) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
  );
}

function editToml(text: string, { capability, contract }: ContractEdit): string | undefined {
  const named = `contract = ${JSON.stringify(contract)}`;
  for (const { header, keys, end } of readTables(text)) {
    const table = header.slice(1, -1);
    if (table === "uses") {
      const key = keys.find(({ key }) => unquote(key) === capability);
      if (key !== undefined) return editValue(text, key, named);
    } else if (/^uses\./.test(table) && unquote(table.slice("uses.".length)) === capability) {
      return `${text.slice(0, end)}\n${named}${text.slice(end)}`;
    }
  }
  return undefined;
}

/** A range alone becomes a table; a table gets one key more. */
function editValue(text: string, { start, end }: KeySource, named: string): string | undefined {
  const valueStart = text.indexOf("=", start) + 1;
  const value = text.slice(valueStart, end).trim();
  const [head, tail] = [text.slice(0, valueStart), text.slice(end)];
  if (/^["']/.test(value)) return `${head} { version = ${value}, ${named} }${tail}`;
  if (value.endsWith("}")) return `${head} ${value.slice(0, -1).trimEnd()}, ${named} }${tail}`;
  return undefined;
}

function editJson(text: string, { capability, contract }: ContractEdit): string {
  const document = JSON.parse(text) as { uses: Record<string, string | Record<string, unknown>> };
  const use = document.uses[capability]!;
  document.uses[capability] = { ...(typeof use === "string" ? { version: use } : use), contract };
  const indent = /^\s*\{\r?\n([ \t]+)/.exec(text)?.[1] ?? "";
  return `${JSON.stringify(document, undefined, indent)}${/\s*$/.exec(text)![0]}`;
}

function formatKey(name: string): string {
  return /^[a-z0-9-]+$/.test(name) ? name : JSON.stringify(name);
}

function unquote(key: string): string {
  return key.replace(/^(["'])(.*)\1$/, "$2");
}
