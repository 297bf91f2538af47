import { assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { sanitizeText } from "../../src/internal/sanitize_text.ts";

/** Any text of at most so many UTF-16 units, lone surrogates included. */
function anyText(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff }));
  return fc.array(unit, { maxLength }).map((units) => String.fromCharCode(...units));
}

Deno.test("sanitizeText() takes the teeth out of terminal sequences and direction overrides", () => {
  const hostile = {
    "\u001b[31mred\u001b[0m": "\ufffd[31mred\ufffd[0m",
    "\u001b]0;title\u0007": "\ufffd]0;title\ufffd",
    "\u009b2J": "\ufffd2J",
    "over\rwritten": "over\ufffdwritten",
    "a\u0008b\u0000c\u007fd": "a\ufffdb\ufffdc\ufffdd",
    "\u202etxt.exe\u2066": "\ufffdtxt.exe\ufffd",
  };
  for (const [text, safe] of Object.entries(hostile)) assertStrictEquals(sanitizeText(text), safe);
});

Deno.test("sanitizeText() leaves text, tabs and newlines as they are", () => {
  const text = "Grüße\t€ 日本 👍🏽\nשלום";
  assertStrictEquals(sanitizeText(text), text);
});

Deno.test("sanitizeText() leaves no control character but tab and newline, and changes no length", () => {
  fc.assert(
    fc.property(anyText(30), (text) => {
      const safe = sanitizeText(text);
      assertStrictEquals(safe.length, text.length);
      assertStrictEquals(/\p{Cc}/u.test(safe.replace(/[\t\n]/g, "")), false);
      assertStrictEquals(sanitizeText(safe), safe);
    }),
  );
});
