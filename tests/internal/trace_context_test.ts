import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  formatTraceparent,
  normalizeTraceparent,
  TraceSource,
  tryParseTraceparent,
} from "../../src/internal/trace_context.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

Deno.test("tryParseTraceparent() reads what the specification allows", () => {
  const expected = { traceId: TRACE, spanId: SPAN, traceFlags: 1 };
  assertEquals(tryParseTraceparent(`00-${TRACE}-${SPAN}-01`), expected);
  assertEquals(tryParseTraceparent(`00-${TRACE}-${SPAN}-00`), { ...expected, traceFlags: 0 });
  // Flags without a meaning are not passed on.
  assertEquals(tryParseTraceparent(`00-${TRACE}-${SPAN}-fe`), { ...expected, traceFlags: 0 });
  assertEquals(tryParseTraceparent(`00-${TRACE}-${SPAN}-ff`), expected);
  // A later version may say more, behind another dash.
  assertEquals(tryParseTraceparent(`cc-${TRACE}-${SPAN}-01`), expected);
  assertEquals(tryParseTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-brings`), expected);
});

Deno.test("tryParseTraceparent() refuses everything else", async (test) => {
  const hostile: Record<string, string> = {
    "nothing": "",
    "another version's shape": `cc-${TRACE}-${SPAN}-01.what`,
    "the version that is none": `ff-${TRACE}-${SPAN}-01`,
    "more than this version has": `00-${TRACE}-${SPAN}-01-more`,
    "an end that is open": `00-${TRACE}-${SPAN}-01-`,
    "a trace of zeros": `00-${"0".repeat(32)}-${SPAN}-01`,
    "a span of zeros": `00-${TRACE}-${"0".repeat(16)}-01`,
    "large letters": `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    "other digits": `00-${TRACE.replace("4", "g")}-${SPAN}-01`,
    "digits of another script": `00-${TRACE.replace("4", "４")}-${SPAN}-01`,
    "too few digits": `00-${TRACE.slice(1)}-${SPAN}-01`,
    "too many digits": `00-${TRACE}0-${SPAN}-01`,
    "a space before": ` 00-${TRACE}-${SPAN}-01`,
    "a space after": `00-${TRACE}-${SPAN}-01 `,
    "a line after": `00-${TRACE}-${SPAN}-01\n`,
    "a header of its own": `00-${TRACE}-${SPAN}-01\r\nx: y`,
    "two of them": `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`,
    "a megabyte": `cc-${TRACE}-${SPAN}-01-${"x".repeat(1 << 20)}`,
    "short flags": `00-${TRACE}-${SPAN}-1`,
    "no dashes": `00${TRACE}${SPAN}01`,
  };
  for (const [name, text] of Object.entries(hostile)) {
    await test.step(name, () => {
      assertEquals(tryParseTraceparent(text), undefined);
      assertEquals(normalizeTraceparent(text), undefined);
    });
  }
});

Deno.test("normalizeTraceparent() keeps what is well-formed, and passes nothing on that it does not know", () => {
  for (const flags of ["00", "01"]) {
    assertEquals(normalizeTraceparent(`00-${TRACE}-${SPAN}-${flags}`), `00-${TRACE}-${SPAN}-${flags}`);
  }
  assertEquals(normalizeTraceparent(`00-${TRACE}-${SPAN}-03`), `00-${TRACE}-${SPAN}-01`);
  assertEquals(normalizeTraceparent(`cc-${TRACE}-${SPAN}-01-more`), `00-${TRACE}-${SPAN}-01`);
});

Deno.test("formatTraceparent() writes version 00, whatever was read", () => {
  const text = `00-${TRACE}-${SPAN}-01`;
  assertEquals(formatTraceparent(tryParseTraceparent(`cc-${TRACE}-${SPAN}-ff-more`)!), text);
  assertEquals(formatTraceparent({ traceId: TRACE, spanId: SPAN, traceFlags: 2 }), `00-${TRACE}-${SPAN}-00`);
});

Deno.test("TraceSource.begin() draws random bytes for many traces at once, and no id twice", () => {
  let draws = 0;
  const source = new TraceSource((bytes) => {
    draws++;
    return crypto.getRandomValues(bytes);
  });
  const traces = Array.from({ length: 1_000 }, () => tryParseTraceparent(source.begin()));
  assert(traces.every((trace) => trace !== undefined && trace.traceFlags === 0));
  assertEquals(new Set(traces.map((trace) => trace!.traceId)).size, 1_000);
  assertEquals(new Set(traces.map((trace) => trace!.spanId)).size, 1_000);
  assertEquals(draws, Math.ceil(1_000 / 128));
  assertNotEquals(new TraceSource().begin(), new TraceSource().begin());
});
