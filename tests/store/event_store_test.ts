import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { openDatabase, openMemoryDatabase } from "../../src/store/database.ts";
import type { TopicBounds } from "../../src/store/event_rows.ts";
import { EventStore } from "../../src/store/event_store.ts";

const BOUNDS = { retain: false, maxEvents: 100, maxAgeMs: 1e9, maxBytes: 1e9 };

function append(
  store: EventStore,
  topic: string,
  { time = 0, bytes = 10, value = "1" as string | Uint8Array } = {},
) {
  const position = store.head().position + 1;
  store.append({ position, topic, publisher: "acme.app", trace: null, time, bytes, value });
  return position;
}

Deno.test("EventStore keeps events, topics and positions across a reopening, bytes too", async () => {
  const path = `${await Deno.makeTempDir()}/cordon.db`;
  const position = {
    plugin: "a.b",
    pattern: "x.*",
    name: "1",
    position: 1,
    attempts: 2,
    careful: 3,
    missed: 4,
  };
  {
    using database = openDatabase(path).database;
    const store = new EventStore(database);
    store.putTopic("x.y", BOUNDS);
    store.putTopic("x.y", { ...BOUNDS, retain: true });
    assertStrictEquals(append(store, "x.y", { time: 5 }), 1);
    assertStrictEquals(append(store, "x.z", { value: new Uint8Array([1, 2]) }), 2);
    store.putPosition({ ...position, position: 0 });
    store.putPosition(position);
    store.putPosition({ ...position, name: "2" });
    store.removePosition({ ...position, name: "2" });
  }
  using database = openDatabase(path).database;
  const store = new EventStore(database);
  assertEquals([...store.topics()], [["x.y", { ...BOUNDS, retain: true }]]);
  assertEquals({ ...store.read("x.y", 0, 10)[0] }, {
    position: 1,
    topic: "x.y",
    publisher: "acme.app",
    trace: null,
    time: 5,
    bytes: 10,
    value: "1",
  });
  assertEquals(store.last("x.z")!.value, new Uint8Array([1, 2]));
  assertEquals(store.positions().map((row) => ({ ...row })), [position]);
  assertEquals(store.head(), { position: 2, time: 0 });
  store.drop("x.z", 2);
  // Positions are never given twice.
  assertEquals(store.head(), { position: 2, time: 0 });
  assertStrictEquals(append(store, "x.z"), 3);
  await Deno.remove(path.slice(0, -"/cordon.db".length), { recursive: true });
});

Deno.test("EventStore.positionBefore() finds the first event since a time, whatever was dropped", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 }),
      fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
      fc.integer({ min: -1, max: 80 }),
      (steps, dropped, wanted) => {
        using database = openMemoryDatabase();
        const store = new EventStore(database);
        let time = 0;
        for (const [index, step] of steps.entries()) {
          append(store, dropped[index] ? "dropped" : "stays", { time: time += step });
        }
        store.drop("dropped", 100);
        const found = store.read("stays", store.positionBefore(wanted), 1)[0]?.position;
        const expected = store.read("stays", 0, 100).find((row) => row.time >= wanted)?.position;
        assertStrictEquals(found, expected);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("EventStore.findCut() keeps within each bound, and spares the newest of a topic that retains it", () => {
  using database = openMemoryDatabase();
  const store = new EventStore(database);
  for (let time = 1; time <= 1_000; time++) {
    append(store, "a", { time });
    append(store, "b", { time });
  }
  const positionOf = (time: number) => 2 * time - 1;
  const cutOf = (topic: string, bounds: TopicBounds, oldest = 0) =>
    store.findCut(topic, bounds, { figures: store.figures(topic), oldest }).upTo;
  assertStrictEquals(cutOf("a", { ...BOUNDS, maxEvents: 1_000 }), 0);
  assertStrictEquals(cutOf("a", BOUNDS), positionOf(900));
  assertStrictEquals(cutOf("a", { ...BOUNDS, maxBytes: 505 }), positionOf(950));
  assertStrictEquals(cutOf("a", BOUNDS, 990), positionOf(989));
  assertStrictEquals(cutOf("a", BOUNDS, 5_000), positionOf(1_000));
  assertStrictEquals(cutOf("a", { ...BOUNDS, retain: true }, 5_000), positionOf(999));
  assertStrictEquals(cutOf("none", BOUNDS), 0);
  const { upTo, left } = store.findCut("a", BOUNDS, { figures: store.figures("a"), oldest: 0 });
  store.drop("a", upTo);
  assertEquals(store.figures("a"), left);
  assertEquals(left, { count: 100, bytes: 1_000, last: 1_999, since: 901 });
  assertStrictEquals(store.figures("b").count, 1_000);
  assertStrictEquals(store.count("a", positionOf(950), positionOf(960)), 10);
});
