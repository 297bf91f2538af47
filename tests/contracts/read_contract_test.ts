import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { interfaceNameOf } from "../../src/contracts/read_contract.ts";
import { MAX_CONTRACT_BYTES } from "../../src/contracts/contract.ts";
import { type NamedText, readTexts } from "./read_text.ts";

/** What a contract is refused for. */
const REFUSED:
  readonly (NamedText & { readonly name: string; readonly problem: string; readonly line?: number })[] = [
    {
      name: "an import",
      text: 'import type { A } from "./a.ts";\nexport interface Thing { a(): A }',
      problem: 'imports "./a.ts": a contract stands alone',
      line: 1,
    },
    {
      name: "an imported type",
      text: '\nexport interface Thing { a(): import("/etc/passwd").A }',
      problem: 'imports "/etc/passwd"',
      line: 2,
    },
    {
      name: "a type of a package",
      text: 'export type { A } from "npm:zod";\nexport interface Thing { a(): string }',
      problem: 'imports "npm:zod"',
      line: 1,
    },
    {
      name: "more for another module",
      text: 'export interface Thing { a(): string }\ndeclare module "./other.ts" { interface A { b: 1 } }',
      problem: 'imports "./other.ts"',
      line: 2,
    },
    {
      name: "more for everybody",
      text: "export interface Thing { a(): string }\ndeclare global { interface Array<T> { b: T } }",
      problem: 'holds the namespace "global": a contract holds interfaces and types',
      line: 2,
    },
    {
      name: "a reference to a file",
      text: '/// <reference path="/etc/passwd" />\nexport interface Thing { a(): string }',
      problem: "refers to other files",
      line: 1,
    },
    {
      name: "a reference to a library",
      text: 'export interface Thing { a(): string }\n  /// <reference lib="dom" />',
      problem: "refers to other files",
      line: 2,
    },
    {
      name: "code",
      text: "export interface Thing { a(): string }\nexport function run() {}",
      problem: 'holds the function "run"',
      line: 2,
    },
    {
      name: "an enum",
      text: "enum E { A }\nexport interface Thing { a(): E }",
      problem: 'holds the enum "E"',
      line: 1,
    },
    { name: "no TypeScript", text: "export interface Thing {\n  a(: string\n}", problem: "SyntaxError" },
    { name: "an image", text: "\u0000PNG\u0001", problem: "SyntaxError" },
    { name: "nothing", text: "", problem: 'expected "export interface Thing"' },
    {
      name: "no exported interface",
      text: "interface Thing { a(): string }",
      problem: "exports no interface",
    },
    {
      name: "several interfaces of other names",
      text: "export interface A { a(): string }\nexport interface B { b(): string }",
      problem: 'exports several interfaces, and none is named "Thing"',
    },
    {
      name: "type parameters",
      text: "export interface Thing<T> { a(): T }",
      problem: "has an interface with type parameters",
      line: 1,
    },
    {
      name: "a value among the methods",
      text: "export interface Thing {\n  a(): string;\n  b: string;\n}",
      problem: '"b" is no method',
      line: 3,
    },
    {
      name: "an accessor",
      text: "export interface Thing { get a(): string }",
      problem: '"a" is no method',
      line: 1,
    },
    {
      name: "a call signature",
      text: "export interface Thing { (x: string): void }",
      problem: "other members than methods",
      line: 1,
    },
    {
      name: "an unknown base",
      text: "export interface Thing extends Array<string> { a(): string }",
      problem: "extends something else than an interface that it declares",
      line: 1,
    },
    {
      name: "a Date",
      text: "export interface Thing {\n  a(at: Date): void\n}",
      problem: "write string",
      line: 2,
    },
    {
      name: "a Map",
      text: "export interface Thing { a(): Map<string, 1> }",
      problem: "a Map cannot be carried",
    },
    {
      name: "a bigint",
      text: "export interface Thing { a(): bigint }",
      problem: "a bigint cannot be carried",
    },
    {
      name: "a big literal",
      text: "export interface Thing { a(): 1n }",
      problem: "a bigint cannot be carried",
    },
    {
      name: "a symbol",
      text: "export interface Thing { a(): symbol }",
      problem: "a symbol cannot be carried",
    },
    {
      name: "a callback",
      text: "export interface Thing { a(f: () => void): void }",
      problem: "a function cannot be",
    },
    {
      name: "a method in a value",
      text: "export interface Thing { a(): { b(): void } }",
      problem: "a function cannot",
    },
    {
      name: "floats",
      text: "export interface Thing { a(): Float32Array }",
      problem: "write number[] or Uint8Array",
    },
    {
      name: "a name of nothing",
      text: "export interface Thing { a(): Sting }",
      problem: '"Sting" is no type',
    },
    {
      name: "a promised method that is not there",
      text: "export interface Thing { a(): string }",
      role: "provides",
      methods: ["a", "b"],
      problem: 'does not have "b", which [provides] names for "thing"',
    },
    {
      name: "a method that is not promised",
      text: "export interface Thing {\n  a(): string;\n  b(): string;\n}",
      role: "provides",
      methods: ["a"],
      problem: 'has "b", which [provides] does not name for "thing"',
      line: 3,
    },
    {
      name: "a promised method that may be missing",
      text: "export interface Thing { a?(): string }",
      role: "provides",
      methods: ["a"],
      problem: 'has "a" as an optional method',
      line: 1,
    },
    { name: "too much text", text: `//${"x".repeat(MAX_CONTRACT_BYTES)}`, problem: "is larger than 64 KiB" },
    {
      name: "too many methods",
      text: `export interface Thing {${
        Array.from({ length: 300 }, (_, index) => ` m${index}(): void;`).join("")
      } }`,
      problem: "has more than 256 methods",
    },
  ];

const reports = await readTexts(REFUSED);

for (const [index, { name, problem, line }] of REFUSED.entries()) {
  Deno.test(`readContracts() refuses ${name}, and names the place`, () => {
    const { contracts, problems } = reports[index]!;
    assertEquals(contracts, []);
    const found = problems.find(({ message }) => message.includes(problem));
    assert(found !== undefined, JSON.stringify(problems));
    assertEquals(found.file, "thing.ts");
    if (line !== undefined) assertEquals(found.line, line);
  });
}

Deno.test("readContracts() takes the default export, the interface of the capability's name, or the only one", async () => {
  const texts: NamedText[] = [
    {
      text:
        "export interface Other { x(): void }\nexport default interface Any { a(): Any2 }\ntype Any2 = string",
    },
    {
      text: "export interface Other { x(): void }\nexport interface ThingOne { a(): void }",
      capability: "thing.one",
    },
    { text: "export interface Any { a(): void }\ninterface Hidden { b(): void }" },
    {
      text: "interface Base { a(): void }\nexport interface Thing extends Base {}\nexport interface Other {}",
    },
    { text: "export interface Thing { a: (x: string) => number }" },
    { text: "export interface Thing { a(x: string): number }\nexport interface Thing { b(): void }" },
  ];
  const found = (await readTexts(texts)).map(({ contracts, problems }) => {
    assertEquals(problems, []);
    const { interfaceName, methods } = contracts[0]!.contract;
    return `${interfaceName}: ${methods.map(({ name }) => name)}`;
  });
  assertEquals(found, ["default: a", "ThingOne: a", "Any: a", "Thing: a", "Thing: a", "Thing: a,b"]);
  assertEquals(interfaceNameOf("weather.daily-report"), "WeatherDailyReport");
});

Deno.test("readContracts() leaves methods unchecked that have type parameters or several signatures, and says so", async () => {
  const [report] = await readTexts([{
    text: "export interface Thing { a<T>(x: T, y: string): T; b(x: string): void; b(x: number): void }",
  }]);
  assertEquals(report!.problems, []);
  const { methods, unchecked } = report!.contracts[0]!.contract;
  assertEquals(methods[0]!.parameters.prefixItems, [{}, { type: "string" }]);
  assertEquals(methods.slice(1).map(({ parameters }) => parameters), [{}]);
  assertEquals(unchecked, [
    'a(): what depends on the type parameter "T"',
    "b(): a method with several signatures",
  ]);
});

Deno.test("readContracts() comes to an end with types that name each other without end", async () => {
  const chain = (make: (index: number) => string) =>
    Array.from({ length: 60 }, (_, index) => make(index)).join("\n");
  const texts = [
    `type A0 = { x: 1 };\n${
      chain((at) => `type A${at + 1} = A${at} & A${at};`)
    }\nexport interface Thing { a(): A60 }`,
    `type A0 = undefined;\n${chain((at) => `type A${at + 1} = A${at} | A${at};`)}\n` +
    "export interface Thing { a(): { x: A60 } }",
    `interface A0 { a(): void }\n${chain((at) => `interface A${at + 1} extends A${at}, A${at} {}`)}\n` +
    "export interface Thing extends A60 {}",
    `export interface Thing { a(): ${"[".repeat(2_000)}string${"]".repeat(2_000)} }`,
    "type A = A; type B = B | B; interface C extends C { x: 1 }\nexport interface Thing { a(): A; b(): B; c(): C }",
    "export interface Thing extends Thing { a(): void }",
  ];
  for (const { contracts, problems } of await readTexts(texts.map((text) => ({ text })))) {
    assert(contracts.length === 1 || problems.length > 0);
  }
});

Deno.test("A contract that Deno cannot read harms no other", async () => {
  const [good, bad] = await readTexts([
    { text: "export interface Thing { a(): string }" },
    { text: "export interface Thing { a(): `${ }" },
  ]);
  assertEquals(good!.problems, []);
  assertEquals(good!.contracts.length, 1);
  assertStringIncludes(bad!.problems[0]!.message, "SyntaxError");
});
