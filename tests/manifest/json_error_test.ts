import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { describeJsonError, type JsonMistake } from "../../src/manifest/json_error.ts";

function describe(text: string): JsonMistake | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return describeJsonError(text, error as Error);
  }
}

Deno.test("describeJsonError() finds the line where V8 names none", () => {
  assertEquals(describe('{\n"a": }\n'), { message: 'Unexpected token "}"', line: 2 });
  assertEquals(describe("abc"), { message: 'Unexpected token "a"', line: 1 });
  assertEquals(describe("[1,\n2,\ntru\n]"), { message: 'Unexpected token "\\n"', line: 3 });
  assertEquals(describe(`[\n${"1,\n".repeat(10_000)}x]`), { message: 'Unexpected token "x"', line: 10_002 });
  assertEquals(describe("\n\n"), { message: "Unexpected end of JSON input", line: 3 });
  assertEquals(describe("[1,\n'a']"), { message: `Unexpected token "'"`, line: 2 });
});

Deno.test("describeJsonError() gives one line of text, and a line where there is one, whatever is no JSON", () => {
  const piece = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"',
    "1",
    "-",
    "tru",
    "true",
    "null",
    "\n",
    " ",
    "\\",
    "'",
    "//",
    "\u0000",
    "é",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")), (text) => {
      const mistake = describe(text);
      if (mistake === undefined) return;
      assert(!/[\n\r]/.test(mistake.message), mistake.message);
      assert(mistake.line !== undefined, `${JSON.stringify(text)}: ${mistake.message}`);
      assert(mistake.line >= 1 && mistake.line <= text.split("\n").length);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("describeJsonError() leaves the line out where it cannot know", () => {
  assertStrictEquals(describeJsonError("x", new SyntaxError("Something else")).line, undefined);
});
