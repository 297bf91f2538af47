import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { compareContracts } from "../../src/installer/contract_check.ts";
import { readTexts } from "../contracts/read_text.ts";

const PLACE = "interface Place { lat: number; lon: number }";

/** What consumers were written against, what is provided now, and what does not fit. */
const PAIRS: readonly [name: string, before: string, now: string, reason?: string][] = [
  ["the same", "a(x: string): number", "a(x: string): number"],
  ["another name of a parameter", "a(x: string): number", "a(y: string): number"],
  ["an optional parameter more", "a(x: string): number", "a(x: string, y?: number): number"],
  ["a parameter less", "a(x: string, y: number): number", "a(x: string): number"],
  ["a method more", "a(): void", "a(): void; b(): void"],
  ["a wider parameter", "a(x: string): void", "a(x: string | number): void"],
  ["a narrower result", "a(): string | number", "a(): string"],
  ["a property more in the result", "a(): { x: 1 }", "a(): { x: 1; y: 2 }"],
  ["a promise instead of a value", "a(): string", "a(): Promise<string>"],
  ["a value instead of a promise", "a(): Promise<string>", "a(): string"],
  ["a function instead of a method", "a(x: string): void", "a: (x: string) => void"],
  ["bytes", "a(x: Uint8Array): Uint8Array", "a(x: Uint8Array): Uint8Array"],
  ["another name of a type", "a(): { lat: number }", "a(): Place"],
  [
    "a required parameter more",
    "a(x: string): void",
    "a(x: string, y: number): void",
    "Expected 2 or more, but got 1",
  ],
  ["a parameter required now", "a(x?: string): void", "a(x: string): void", "undefined"],
  ["a narrower parameter", "a(x: string): void", 'a(x: "b"): void', '(x: "b") => Promise<void>'],
  [
    "a wider result",
    "a(): string",
    "a(): string | number",
    "Type 'number' is not assignable to type 'string'",
  ],
  ["an optional result", "a(): Place", "a(): Place | undefined", "undefined"],
  ["a property less in the result", "a(): { x: 1; y: 2 }", "a(): { x: 1 }", "Property 'y' is missing"],
  [
    "a property more in a parameter",
    "a(x: { b: 1 }): void",
    "a(x: { b: 1; c: 2 }): void",
    "Property 'c' is missing",
  ],
  ["a method less", "a(): void; b(): void", "a(): void", "b() is not there"],
  [
    "everything else",
    "a(): 1; b(): 1; c(): 1",
    "a(): 2; b(): 2; c(): 2",
    "a(): it is () => Promise<2> now, and was",
  ],
];

Deno.test("compareContracts() tells what a consumer can live with, and what not", async (test) => {
  const read = await readTexts(
    PAIRS.flatMap(([, before, now]) =>
      [before, now].map((members) => ({ text: `${PLACE}\nexport interface Thing { ${members} }` }))
    ),
  );
  const pairs = PAIRS.map((_, index) => ({
    consumer: read[2 * index]!.contracts[0]!,
    provider: read[2 * index + 1]!.contracts[0]!,
  }));
  const verdicts = await compareContracts(pairs, { workDir: Deno.env.get("TMPDIR") ?? "/tmp" });
  for (const [index, [name, , , reason]] of PAIRS.entries()) {
    await test.step(name, () => {
      const verdict = verdicts[index]!;
      if (reason === undefined) return assertEquals(verdict, { type: "compatible" });
      assert(verdict.type === "incompatible");
      assertStringIncludes(verdict.reasons.join("; "), reason);
    });
  }
});

Deno.test("compareContracts() says where a contract is no valid TypeScript, and judges the others", async () => {
  const texts = [
    "export interface Thing { a(): NonNullable<string, number> }",
    "export interface Thing { a(): string }",
    "export interface Thing { a(): number }",
  ].map((text) => ({ text }));
  const [broken, text, number] = (await readTexts(texts)).map(({ contracts }) => contracts[0]!);
  const verdicts = await compareContracts([
    { consumer: broken!, provider: broken! },
    { consumer: text!, provider: number! },
  ], { workDir: Deno.env.get("TMPDIR") ?? "/tmp" });
  assertEquals(verdicts.map(({ type }) => type), ["unclear", "incompatible"]);
});
