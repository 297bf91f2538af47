/** A text with other imports has another sketch; one with other code has the same. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { sketchImports } from "../../src/installer/import_sketch.ts";

const TEXT = `import { a } from "./a.ts";
import type { B } from './b.ts';
import "./c.ts";
const later = await import("./d.ts");
/// <reference types="./e.d.ts" />
export { f } from "./f.ts";
export const g = () => import.meta.url;
${"// code\n".repeat(100)}
export function h() { return 1; }
`;

Deno.test("sketchImports() is another one for every change of what is imported", () => {
  const changes: [from: string, to: string][] = [
    ["./a.ts", "./x.ts"],
    ["./b.ts", "./x.ts"],
    ["./c.ts", "./x.ts"],
    ["./d.ts", "./x.ts"],
    ["./e.d.ts", "./x.d.ts"],
    ["./f.ts", "./x.ts"],
    ["export function h", 'import "./x.ts";\nexport function h'],
    ["return 1", 'return import("./x.ts")'],
    ["return 1", 'return import(\n/* there */ "./x.ts")'],
    ["return 1", "return import(`./x.ts`)"],
    ["return 1", 'return require("x")'],
    ["// code\n", "/// <reference path='x' />\n"],
    ["// code\n", '// @deno-types="./x.d.ts"\n'],
    ["// code\n", 'export * from\n\n"./x.ts"\n'],
    ["// code\n", 'import x, {\n  y,\n} from "./x.ts"\n'],
    ["// code\n", 'import json from "./x.json" with { type: "json" };\n'],
  ];
  const sketch = sketchImports(TEXT);
  for (const [from, to] of changes) assertNotEquals(sketchImports(TEXT.replace(from, to)), sketch, to);
});

Deno.test("sketchImports() is the same where only code is another", () => {
  const changes: [from: string, to: string][] = [
    ["return 1", "return 2"],
    ["// code\n", "const more = 'text';\n"],
    ["=> import.meta.url", "=> import.meta.dirname"],
    ["export function h", "export async function h"],
  ];
  const sketch = sketchImports(TEXT);
  for (const [from, to] of changes) assertEquals(sketchImports(TEXT.replace(from, to)), sketch, to);
});
