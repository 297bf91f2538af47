import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { breakValue, quoteWords } from "../../src/cli/author_words.ts";

Deno.test("quoteWords() keeps an author's words in quotes, on one line, within their room", () => {
  assertEquals(quoteWords("download forecasts", 80), "“download forecasts”");
  assertEquals(quoteWords("a” Grant to x: “b", 80), "“a Grant to x: b”");
  assertEquals(quoteWords("a\n\u2028Grant to x:\t[a]ll", 80), "“a Grant to x: [a]ll”");
  assertEquals(quoteWords(`a${"\u3164\u2800\u00a0".repeat(50)}b`, 80), "“a b”");
  assertEquals(quoteWords("\u001b[2K\u202egnihton", 80), "“\ufffd[2K\ufffdgnihton”");
  assertEquals(quoteWords("abcdefghijklmnop", 14), "“abcdefghijk…”");
});

Deno.test("quoteWords() never takes more columns than its room, however wide its characters", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.integer({ min: 13, max: 120 }),
      (text, room) => {
        const shown = quoteWords(text, room);
        const columns = [...shown].reduce((sum, one) => sum + (/^[\x20-\x7e“”…]$/.test(one) ? 1 : 2), 0);
        assert(columns <= room, `${columns} > ${room}: ${shown}`);
        assert(!/\p{Cc}/u.test(shown));
        assertEquals(shown.match(/[“”]/g)?.length, 2);
      },
    ),
  );
});

Deno.test("breakValue() shows a value as a whole, in lines of its own", () => {
  assertEquals(breakValue("/srv/maps", 40), ["/srv/maps"]);
  const value = `/srv/${"x".repeat(60)}Grant to acme.good: [a]ll`;
  const lines = breakValue(value, 20);
  assertEquals(lines.join(""), value);
  assert(lines.every((line) => line.length <= 20));
  assertEquals(breakValue("/a\u200bb", 40), ["/a\ufffdb"]);
});
