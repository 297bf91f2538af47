/**
 * Writes what is generated in `docs/`: the manifest's JSON Schema, its
 * reference table and the diagram of states (`deno task docs`). A test checks
 * that the committed files are current.
 *
 * @module
 */

import { manifestJsonSchema } from "../../src/manifest/model.ts";
import { formatStateDiagram } from "../../src/lifecycle/state.ts";

const DOCS = new URL("../../docs/", import.meta.url);

/** The part of JSON Schema that the manifest's uses. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}

/** Every generated file, path inside `docs/` to text. */
export async function renderReference(): Promise<Map<string, string>> {
  const schema = manifestJsonSchema() as Schema;
  return new Map([
    ["manifest.schema.json", `${JSON.stringify(schema, null, 2)}\n`],
    ["manifest.md", await fill("manifest.md", "reference", renderTable(schema))],
    [
      "architecture.md",
      await fill("architecture.md", "states", ["```mermaid", formatStateDiagram(), "```"].join("\n")),
    ],
  ]);
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
async function fill(file: string, name: string, text: string): Promise<string> {
  const page = await Deno.readTextFile(new URL(file, DOCS));
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  if (!page.includes(begin) || !page.includes(end)) {
    throw new Error(`Cannot fill ${file}: "${begin}" is missing`);
  }
  return `${page.slice(0, page.indexOf(begin) + begin.length)}\n\n${text}\n\n${
    page.slice(page.indexOf(end))
  }`;
}

function renderTable(schema: Schema): string {
  const rows = [...listKeys(schema, "")];
  return ["| key | type | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}

function* listKeys(schema: Schema, path: string): Generator<string> {
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    const name = path === "" ? key : `${path}.${key}`;
    const isRequired = schema.required?.includes(key) ?? false;
    const isTable = value.properties !== undefined || value.items?.properties !== undefined;
    if (!isTable || value.description !== undefined) {
      yield `| \`${name}\`${isRequired ? " (required)" : ""} | ${describeType(value)} | ${
        describeMeaning(value)
      } |`;
    }
    if (value.properties !== undefined) yield* listKeys(value, name);
    if (value.items?.properties !== undefined) yield* listKeys(value.items, `${name}[]`);
    const entries = value.additionalProperties;
    if (typeof entries === "object" && entries.properties !== undefined) {
      yield* listKeys(entries, `${name}.<name>`);
    }
  }
}

function describeType(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(" or ");
  if (schema.prefixItems !== undefined) return "pair of strings";
  if (schema.items !== undefined) return `list of ${schema.items.type ?? "value"}s`;
  return schema.type === "object" ? "table" : schema.type ?? "value";
}

function describeMeaning({ description = "", examples, items }: Schema): string {
  const shown = (examples ?? items?.examples ?? []).map((example) => `\`${example}\``).join(", ");
  return [description || items?.description || "", shown === "" ? "" : `As ${shown}.`].filter((part) =>
    part !== ""
  )
    .join(" ").replaceAll("|", "\\|");
}

if (import.meta.main) {
  for (const [file, text] of await renderReference()) await Deno.writeTextFile(new URL(file, DOCS), text);
}
