import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseDuration, parseRate, parseShare, parseSize } from "../../src/internal/units.ts";

Deno.test("parseDuration() reads every unit", () => {
  const durations = {
    "250ms": 250,
    "5s": 5_000,
    "1.5h": 5_400_000,
    "10m": 600_000,
    "2d": 172_800_000,
    "24d": 2_073_600_000,
  };
  for (const [text, ms] of Object.entries(durations)) assertStrictEquals(parseDuration(text), ms);
});

Deno.test("parseDuration() gives no more than a timer can wait", () => {
  assert(parseDuration("24d") < 2 ** 31);
  assertThrows(() => parseDuration("25d"), SyntaxError, "at most 24d");
});

Deno.test("parseSize() reads decimal and binary units, in whole bytes", () => {
  const sizes = {
    "1B": 1,
    "1KB": 1_000,
    "1.5KiB": 1_536,
    "128MiB": 134_217_728,
    "2GB": 2e9,
    "1GiB": 2 ** 30,
    "1.0009KB": 1_000,
  };
  for (const [text, bytes] of Object.entries(sizes)) assertStrictEquals(parseSize(text), bytes);
});

Deno.test("parseShare() reads a fraction of one core", () => {
  for (const [text, share] of Object.entries({ "50%": 0.5, "1%": 0.01, "250%": 2.5, "12.5%": 0.125 })) {
    assertStrictEquals(parseShare(text), share);
  }
});

Deno.test("parseRate() reads a count in a period, with or without a number before the unit", () => {
  assertEquals(parseRate("200/s"), { count: 200, periodMs: 1_000 });
  assertEquals(parseRate("5/10m"), { count: 5, periodMs: 600_000 });
  assertEquals(parseRate("1/250ms"), { count: 1, periodMs: 250 });
});

Deno.test("The units refuse what is no number with a unit, and say what would do", () => {
  const never = [
    "",
    " ",
    "5",
    "s",
    "-5s",
    "+5s",
    "5 s",
    "5S",
    "1e3s",
    "0x5s",
    "5s ",
    "５s",
    "NaNs",
    "Infinitys",
    "1.s",
    ".5s",
    "1,5s",
    "5toString",
    "9999999999999s",
  ];
  for (const text of never) {
    assertThrows(() => parseDuration(text), SyntaxError, `Cannot parse duration "${text}"`);
    assertThrows(() => parseSize(text), SyntaxError, `Cannot parse size "${text}"`);
    assertThrows(() => parseShare(text), SyntaxError, `Cannot parse share "${text}"`);
    assertThrows(() => parseRate(text), SyntaxError, `Cannot parse rate "${text}"`);
  }
  for (const text of ["0s", "0ms", "24.1d", "366d", "1w", "5kB"]) {
    assertThrows(() => parseDuration(text), SyntaxError);
  }
  for (const text of ["0B", "0.5B", "2000000GiB", "1TB", "1kb"]) {
    assertThrows(() => parseSize(text), SyntaxError);
  }
  for (const text of ["0%", "0.5%", "10001%", "0.5"]) assertThrows(() => parseShare(text), SyntaxError);
  for (
    const text of ["0/s", "-1/s", "1.5/s", "5/", "/s", "5/0s", "5/10", "5/s/s", "5/10 m", "1000000000/s"]
  ) {
    assertThrows(() => parseRate(text), SyntaxError);
  }
});

Deno.test("The units return a finite positive number or throw a SyntaxError, whatever the text", () => {
  const text = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[0-9.]{1,8}[A-Za-z%]{1,3}$/),
    fc.stringMatching(/^\d{1,4}\/\d{0,3}[a-z]{1,2}$/),
  );
  fc.assert(
    fc.property(text, (text) => {
      for (
        const parse of [parseDuration, parseSize, parseShare, (text: string) => parseRate(text).periodMs]
      ) {
        try {
          const value = parse(text);
          assertStrictEquals(Number.isFinite(value) && value > 0, true);
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
        }
      }
    }),
  );
});
