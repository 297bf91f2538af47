import { Validator } from "@cfworker/json-schema";
import { assert, assertEquals } from "@std/assert";
import { BYTES_TYPE, type Schema } from "../../src/contracts/schema.ts";
import { SchemaCompiler } from "../../src/contracts/value_check.ts";
import type { ContractFile } from "../../src/contracts/contract.ts";
import { readTexts } from "./read_text.ts";

const bytes = new Uint8Array(2);

/** A type, what fits it and what does not. */
interface Case {
  readonly type: string;
  /** Types that it names. */
  readonly where?: string;
  readonly fits: readonly unknown[];
  readonly not: readonly unknown[];
  /** What is said to be unchecked. */
  readonly unchecked?: string;
}

const TREE = "interface Tree { value: number; left?: Tree; right?: Tree | null }";
const PLACE = "interface Place { lat: number; lon?: number }";

const CASES: readonly Case[] = [
  { type: "string", fits: ["", "a"], not: [1, null, {}, [], bytes] },
  { type: "number", fits: [0, -1.5], not: ["1", null, true] },
  { type: "boolean", fits: [true, false], not: [0, "true"] },
  { type: "null", fits: [null], not: [0, "", {}] },
  // What is undefined arrives as null.
  { type: "undefined", fits: [null, undefined], not: [0] },
  { type: "unknown", fits: [1, null, {}, bytes], not: [] },
  { type: "any", fits: [1, null, {}, bytes], not: [] },
  { type: "never", fits: [], not: [1, null, {}] },
  { type: "object", fits: [{}, [], bytes], not: [1, "a", null] },
  { type: "{}", fits: [{ a: 1 }, [], "a", 1, false, bytes], not: [null, undefined] },
  { type: '"a" | "b"', fits: ["a", "b"], not: ["c", null] },
  { type: '"a" | 2 | true | null', fits: ["a", 2, true, null], not: ["2", false] },
  { type: "-1", fits: [-1], not: [1] },
  { type: "string | number", fits: ["a", 1], not: [null, true] },
  { type: "string | undefined", fits: ["a", null, undefined], not: [1] },
  { type: "string[]", fits: [[], ["a"]], not: [["a", 1], "a", {}] },
  { type: "(string | number)[]", fits: [["a", 1]], not: [[null]] },
  { type: "ReadonlyArray<Array<number>>", fits: [[[1]]], not: [[1]] },
  { type: "readonly string[]", fits: [["a"]], not: [[1]] },
  { type: "[string, number]", fits: [["a", 1]], not: [["a"], ["a", 1, 2], [1, "a"], {}] },
  { type: "[name: string, age: number]", fits: [["a", 1]], not: [["a"]] },
  { type: "[string, number?]", fits: [["a"], ["a", 1], ["a", null]], not: [[], ["a", "b"], ["a", 1, 2]] },
  { type: "[string, ...number[]]", fits: [["a"], ["a", 1, 2]], not: [[], ["a", "b"]] },
  {
    type: "[a: string, b?: number]",
    fits: [["a"], ["a", 1]],
    not: [[1], ["a", "b"], ["a", 1, 2]],
    unchecked: "the length of tuples",
  },
  {
    type: "{ a: string; b?: number }",
    fits: [{ a: "x" }, { a: "x", b: 1, c: [] }],
    not: [{}, { a: 1 }, null],
  },
  { type: "{ a: string | undefined }", fits: [{}, { a: "x" }, { a: undefined }], not: [{ a: 1 }] },
  { type: "{ readonly a: { b: 1 } }", fits: [{ a: { b: 1 } }], not: [{ a: { b: 2 } }, { a: {} }] },
  { type: "{ [key: string]: number }", fits: [{}, { x: 1 }], not: [{ x: "1" }, []] },
  { type: "{ a: string; [key: string]: unknown }", fits: [{ a: "x", b: 1 }], not: [{ b: 1 }] },
  { type: "Record<string, boolean>", fits: [{}, { x: true }], not: [{ x: 1 }, bytes] },
  { type: 'Record<"x" | "y", number>', fits: [{ x: 1, y: 2, z: "" }], not: [{ x: 1 }] },
  { type: "Place", where: PLACE, fits: [{ lat: 1 }], not: [{ lat: "1" }, { lon: 1 }] },
  { type: "Partial<Place>", where: PLACE, fits: [{}, { lat: 1 }], not: [{ lat: "1" }] },
  { type: "Required<Place>", where: PLACE, fits: [{ lat: 1, lon: 2 }], not: [{ lat: 1 }] },
  { type: "Readonly<Place>", where: PLACE, fits: [{ lat: 1 }], not: [{}] },
  { type: 'Pick<Place, "lon">', where: PLACE, fits: [{}, { lat: "any" }], not: [{ lon: "1" }] },
  { type: 'Omit<Place, "lat">', where: PLACE, fits: [{}, { lat: "any" }], not: [{ lon: "1" }] },
  { type: "Omit<Place, Names>", where: `${PLACE} type Names = "lat"`, fits: [{}], not: [{ lon: "1" }] },
  { type: "Place & { name: string }", where: PLACE, fits: [{ lat: 1, name: "x" }], not: [{ lat: 1 }] },
  {
    type: "Place & ({ a: 1 } | { b: 2 })",
    where: PLACE,
    fits: [{ lat: 1, a: 1 }, { lat: 1, b: 2 }],
    not: [{ lat: 1 }, { a: 1 }],
  },
  {
    type: "Town",
    where: `${PLACE} interface Named { name: string } interface Town extends Place, Named { mayor?: Named }`,
    fits: [{ lat: 1, name: "x" }, { lat: 1, name: "x", mayor: { name: "y" } }],
    not: [{ lat: 1 }, { name: "x" }, { lat: 1, name: "x", mayor: {} }],
  },
  {
    type: "Tree",
    where: TREE,
    fits: [{ value: 1 }, { value: 1, left: { value: 2, right: null } }],
    not: [{ value: 1, left: { value: "2" } }, { value: 1, left: null }],
  },
  {
    type: "Json",
    where: "type Json = string | number | boolean | null | Json[] | { [key: string]: Json }",
    fits: [null, [1, { a: [] }]],
    not: [bytes, [[bytes]]],
  },
  { type: "Id", where: "type Id = string", fits: ["a"], not: [1] },
  { type: "Promise", where: "interface Promise { x: 1 }", fits: [{ x: 1 }], not: [{}] },
  { type: "Uint8Array", fits: [bytes], not: ["a", [1, 2], {}, null] },
  { type: "Uint8Array<ArrayBuffer> | null", fits: [bytes, null], not: [{}] },
  { type: "{ tile: Uint8Array }", fits: [{ tile: bytes }], not: [{ tile: {} }, bytes] },
  { type: "`x-${string}`", fits: ["x-1", "y"], not: [1], unchecked: "the pattern of template texts" },
  {
    type: "T",
    where: "type T = string extends string ? 1 : 2",
    fits: [1, "x"],
    not: [],
    unchecked: "conditional",
  },
  { type: "{ [K in 'a']: string }", fits: [1], not: [], unchecked: "mapped types" },
  { type: '{ a: string }["a"]', fits: [1], not: [], unchecked: "types looked up in others" },
  { type: "keyof Place", where: PLACE, fits: [1], not: [], unchecked: 'types with "keyof"' },
  { type: "NonNullable<string>", fits: [1], not: [], unchecked: "NonNullable" },
  {
    type: "Page<string>",
    where: "interface Page<T> { items: T[] }",
    fits: [1],
    not: [],
    unchecked: "generic",
  },
  {
    type: "Branded",
    where: "type Branded = string & { __brand: 1 }",
    fits: ["x"],
    not: [],
    unchecked: "intersections",
  },
  {
    type: "Branded",
    where: "type Id = string; type Branded = Id & { b: 1 }",
    fits: ["x"],
    not: [],
    unchecked: "intersections",
  },
  {
    type: "{ at: Date[] } | AsyncIterable<string>",
    where: "type Date = number",
    fits: [{ at: [1] }, 3],
    not: [],
    unchecked: "stream",
  },
];

const files: ContractFile[] = (await readTexts(CASES.map(({ type, where = "" }) => ({
  text: `${where}\nexport interface Thing { give(): ${type} }`,
})))).map(({ contracts: [contract], problems }, index) => {
  assert(contract !== undefined, `${CASES[index]!.type}: ${JSON.stringify(problems)}`);
  return contract;
});

for (const [index, { type, fits, not, unchecked }] of CASES.entries()) {
  const { contract } = files[index]!;
  const { result } = contract.methods[0]!;
  Deno.test(`TypeConverter turns ${type.replaceAll("\n", " ")} into a schema (${index})`, () => {
    const check = new SchemaCompiler(contract.definitions).compile(result);
    for (const value of fits) assertEquals(check(value), undefined, `${JSON.stringify(value)} does not fit`);
    for (const value of not) assert(check(value) !== undefined, `${JSON.stringify(value)} fits`);
    if (unchecked === undefined) assertEquals(contract.unchecked, []);
    else assert(contract.unchecked.some((what) => what.includes(unchecked)), contract.unchecked.join());
  });

  Deno.test(`An independent validator reads the schema of ${type.replaceAll("\n", " ")} alike (${index})`, () => {
    const validator = new Validator(
      markBytes({ $defs: contract.definitions, ...result }) as ConstructorParameters<typeof Validator>[0],
      "2020-12",
    );
    for (const value of fits) assert(validator.validate(carried(value)).valid, JSON.stringify(value));
    // To it bytes are a number like others.
    for (const value of not.filter((one) => !JSON.stringify([carried(one)]).includes(String(MARK)))) {
      assert(!validator.validate(carried(value)).valid, JSON.stringify(value));
    }
  });
}

/** JSON Schema knows no bytes: for others they are an object that nothing else is. */
function markBytes(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(markBytes);
  if ((schema as Schema).contentMediaType === BYTES_TYPE) return { enum: [MARK] };
  return Object.fromEntries(Object.entries(schema).map(([key, inner]) => [key, markBytes(inner)]));
}

const MARK = 987_654_321;

function carried(value: unknown): unknown {
  if (value === undefined) return null;
  const text = JSON.stringify(value, (_, inner) => inner instanceof Uint8Array ? MARK : inner);
  return JSON.parse(text);
}

Deno.test("TypeConverter takes parameters as a list: optional, at the end any number, and more than are named", async () => {
  const [report] = await readTexts([{
    text: "export interface Thing { a(x: string, y?: number): void; b(x: string, ...rest: number[]): void; " +
      "c({ z }: { z: number }, [w]: string[]): void; d(): Promise<void> }",
  }]);
  const { contract } = report!.contracts[0]!;
  const compiler = new SchemaCompiler(contract.definitions);
  const takes = (name: string, args: unknown[]) =>
    compiler.compile(contract.methods.find((method) => method.name === name)!.parameters)(args) === undefined;
  assert(
    takes("a", ["x"]) && takes("a", ["x", 1]) && takes("a", ["x", null]) && takes("a", ["x", 1, "more"]),
  );
  assert(!takes("a", []) && !takes("a", ["x", "1"]));
  assert(takes("b", ["x"]) && takes("b", ["x", 1, 2]) && !takes("b", ["x", 1, "2"]));
  assert(takes("c", [{ z: 1 }, ["a"]]) && !takes("c", [{ z: "1" }, ["a"]]) && !takes("c", [{ z: 1 }]));
  assert(takes("d", []));
  // A method that answers nothing may answer anything.
  assertEquals(contract.methods.find(({ name }) => name === "d")!.result, {});
});
