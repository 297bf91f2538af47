import { assert, assertEquals } from "@std/assert";
import { hasOptionalLabel } from "../../src/contracts/tuple_labels.ts";
import { isTypesFile, stripHeader, writeTypesFile } from "../../src/contracts/types_file.ts";

const ORIGIN = { capability: "geocode", version: "1.2.0", provider: "acme.geo" };

Deno.test("writeTypesFile() puts a header on a contract, by which it is known again", () => {
  const text = "/** Finds. */\nexport interface Geocode {}\n";
  const written = writeTypesFile(ORIGIN, text);
  assert(isTypesFile(written));
  assertEquals(stripHeader(written), text);
  assertEquals(stripHeader(text), text);
  assertEquals(writeTypesFile(ORIGIN, written), written);
  assert(!isTypesFile(text));
});

Deno.test("hasOptionalLabel() finds named optional members of tuples, and nothing else", () => {
  for (
    const text of ["[a?: string]", "[x: { y: 1 }, b ?: number]", "f(a: [p: string, q?: Array<[1]>]): void"]
  ) {
    assert(hasOptionalLabel(text), text);
  }
  for (
    const text of [
      "f(a: string, b?: number): [string, number?]",
      "{ a?: string, b?: [x: 1] }[]",
      "[{ a?: string }]",
      "[(a?: string) => void]",
      "// [a?: string]\n/* [a?: string] */ '[a?: string]' \"[a?: \" `[a?: 1]`",
    ]
  ) assert(!hasOptionalLabel(text), text);
});
