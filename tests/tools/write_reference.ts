/**
 * Writes what is generated in `docs/`: the manifest's JSON Schema, its
 * reference table, the diagram of states, the rules of the exposure score and
 * what the kinds of sandbox do (`deno task docs`). A test checks that the committed files are current.
 *
 * @module
 */

import {
  type Attack,
  type AttackedTier,
  CLASSES,
  expectationOf,
  readAttacks,
  TIERS,
  VERDICTS,
} from "../hostile/corpus.ts";
import { CONFORMANCE, SANDBOX_KINDS } from "../sandbox/conformance.ts";
import { manifestJsonSchema } from "../../src/manifest/model.ts";
import { formatStateDiagram } from "../../src/lifecycle/state.ts";
import { EXPOSURE_RULES } from "../../src/permissions/exposure_rules.ts";

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
    ["exposure.md", await fill("exposure.md", "rules", renderRules())],
    ["threat-model.md", await fill("threat-model.md", "corpus", await renderCorpus())],
    ["sandbox.md", await fill("sandbox.md", "conformance", renderConformance())],
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

/** What each kind of sandbox does, from the cases that hold it to it. */
function renderConformance(): string {
  const rows = CONFORMANCE.map(({ name, differs }) =>
    `| ${[name, ...SANDBOX_KINDS.map((kind) => differs?.[kind] ?? "yes")].join(" | ")} |`
  );
  return [
    `| a sandbox … | ${SANDBOX_KINDS.join(" | ")} |`,
    `| --- | ${SANDBOX_KINDS.map(() => "---").join(" | ")} |`,
    ...rows,
  ].join("\n");
}

/**
 * Attacks of the corpus by class and by what stops them on each tier, then
 * those that nothing stops; the test of the corpus holds the run to both.
 */
async function renderCorpus(): Promise<string> {
  const attacks: Attack[] = [];
  for (const className of CLASSES) attacks.push(...await readAttacks(className));
  const blocked = attacks.filter((attack) =>
    TIERS.some((tier) => expectationOf(attack, tier).verdict !== "open")
  );
  return [
    `${attacks.length} attacks. ${TIERS.map((tier) => countVerdicts(attacks, tier)).join(" ")}`,
    "",
    "| class | attacks | tier `deno` | tier `os` |",
    "| --- | --- | --- | --- |",
    ...groupRows(blocked, (attack) => TIERS.map((tier) => describeOutcome(attack, tier)).join(" | ")),
    "",
    "What is open, and why:",
    "",
    "| class | attacks | open in tier | because |",
    "| --- | --- | --- | --- |",
    ...TIERS.flatMap((tier) =>
      groupRows(
        attacks.filter((attack) => expectationOf(attack, tier).verdict === "open"),
        (attack) => `\`${tier}\` | ${expectationOf(attack, tier).by}`,
      )
    ),
  ].join("\n");
}

/** A row for each class and each text that attacks of it share. */
function groupRows(attacks: readonly Attack[], textOf: (attack: Attack) => string): string[] {
  const groups = Map.groupBy(attacks, (attack) => `${attack.className} ${textOf(attack)}`);
  const rows = [...groups.values()].map((group) => {
    const names = group.map(({ name }) => name.replaceAll("_", " ")).join(", ");
    return { className: group[0]!.className, text: textOf(group[0]!), names };
  });
  const place = (name: string) => (CLASSES as readonly string[]).indexOf(name);
  return rows
    .toSorted((a, b) => place(a.className) - place(b.className) || (a.text < b.text ? -1 : 1))
    .map(({ className, names, text }) => `| ${className} | ${names} | ${text} |`);
}

function describeOutcome(attack: Attack, tier: AttackedTier): string {
  const { verdict, by } = expectationOf(attack, tier);
  if (tier !== "deno" && attack[tier] === undefined) return "the same";
  return `${verdict}: ${by}`;
}

function countVerdicts(attacks: readonly Attack[], tier: AttackedTier): string {
  const counts = VERDICTS.map((verdict) =>
    `${attacks.filter((attack) => expectationOf(attack, tier).verdict === verdict).length} ${verdict}`
  );
  return `Tier \`${tier}\`: ${counts.join(", ")}.`;
}

function renderRules(): string {
  const rows = EXPOSURE_RULES.map(({ id, points, when }) => [`\`${id}\``, String(points), when]);
  const cells = [["rule", "adds", "counts for"], [], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  // As `deno fmt` would have it.
  const pad = (row: readonly string[]) =>
    row.length === 0
      ? widths.map((width) => "-".repeat(width))
      : row.map((cell, index) => cell.padEnd(widths[index]!));
  return cells.map((row) => `| ${pad(row).join(" | ")} |`).join("\n");
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
