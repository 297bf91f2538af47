import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { EventValue, MAX_EVENT_BYTES } from "../../src/bus/event_value.ts";
import { PublishedEvent } from "../../src/bus/published_event.ts";
import { CordonError } from "../../src/errors.ts";

Deno.test("EventValue carries JSON and bytes, and gives each reader a copy", () => {
  const values = [
    null,
    1,
    "text",
    { list: [1, { deep: true }], none: null },
    new Uint8Array([1, 2, 3]),
    { ["__proto__"]: 1, parts: [new Uint8Array([7]), "x", new Uint8Array()] },
  ];
  for (const value of values) {
    const encoded = EventValue.encode(value);
    assertEquals(encoded.decode(), value);
    const stored = new EventValue(encoded.stored, 0);
    assertEquals(stored.decode(), value);
  }
  const given = { list: [1] };
  const encoded = EventValue.encode(given);
  given.list.push(2);
  (encoded.decode() as typeof given).list.push(3);
  assertEquals(encoded.decode(), { list: [1] });
  assertStrictEquals(EventValue.encode({ a: [new Uint8Array(1), new Uint8Array(2)] }).attachments, 2);
  assertStrictEquals(EventValue.encode(undefined).decode(), null);
});

Deno.test("EventValue refuses what cannot be carried, and what is larger than an event may be", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  for (const value of [() => {}, 1n, Symbol("x"), new Map(), cycle]) {
    assertThrows(() => EventValue.encode(value), TypeError, "Cannot carry");
  }
  for (const value of ["x".repeat(MAX_EVENT_BYTES), new Uint8Array(MAX_EVENT_BYTES)]) {
    assertStrictEquals(assertThrows(() => EventValue.encode(value), CordonError).code, "too_large");
  }
});

Deno.test("EventValue weighs at least what it takes, in memory and in a message", () => {
  for (const value of ["ä€😀".repeat(100), { a: 1 }, new Uint8Array(1_000)]) {
    const { bytes, stored } = EventValue.encode(value);
    const wire = typeof stored === "string" ? 2 * stored.length : stored.byteLength;
    assertStrictEquals(bytes >= wire, true);
  }
});

Deno.test("PublishedEvent renders value and origin as they are, with what one subscriber is told", () => {
  const event = new PublishedEvent({
    topic: "a.b",
    publisher: "acme.app",
    value: EventValue.encode({ n: 1 }),
    kept: { position: 7, time: 9 },
  });
  const circumstances = [{ missed: 0, attempt: 1 }, { missed: 3, attempt: 2 }, {
    missed: 0,
    isRetained: true,
  }, {
    missed: 0,
  }, { missed: 0, attempt: 1 }];
  for (const circumstance of circumstances) {
    assertEquals(JSON.parse(event.render(circumstance)), [{ n: 1 }, event.originFor(circumstance)]);
  }
  assertEquals(event.originFor(circumstances[1]!), {
    topic: "a.b",
    publisher: "acme.app",
    missed: 3,
    position: 7,
    time: 9,
    attempt: 2,
  });
});
