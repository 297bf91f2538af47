import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { EventBus, type Subscriber } from "../../src/bus/event_bus.ts";
import type { KeptReply } from "../../src/bus/event_cursor.ts";
import { parseListenOptions } from "../../src/bus/listen_options.ts";
import type { Delivery } from "../../src/bus/published_event.ts";
import { CordonError } from "../../src/errors.ts";
import { type Database, openDatabase, openMemoryDatabase } from "../../src/store/database.ts";
import { EventStore } from "../../src/store/event_store.ts";

const BOUNDS = { retain: false, maxEvents: 10_000, maxAgeMs: 1e9, maxBytes: 1e9 };

/** A bus that keeps events, and what is said about it. */
class Lab implements Disposable {
  readonly #database: Database;
  readonly bus: EventBus;
  readonly store: EventStore;
  readonly notes: [type: string, id: string | undefined, facts: Record<string, unknown>][] = [];
  now = 1_000;

  constructor(database: Database = openMemoryDatabase(), pausesMs: readonly number[] = [0, 0, 0]) {
    this.#database = database;
    this.store = new EventStore(database);
    this.bus = new EventBus({
      store: this.store,
      note: (type, facts, id) => this.notes.push([type, id, facts]),
      now: () => this.now,
      pausesMs,
    });
  }

  async publish(topic: string, values: readonly unknown[], bounds = BOUNDS, publisher = "acme.app") {
    await Promise.all(values.map((value) => this.bus.publish(topic, value, publisher, { keep: bounds })));
  }

  [Symbol.dispose](): void {
    this.bus[Symbol.dispose]();
    this.#database[Symbol.dispose]();
  }
}

/** A plugin's subscriber: takes each event as `react` says; an error is a failure. */
class Taker implements Subscriber {
  readonly plugin: string | undefined;
  readonly deliveries: Delivery[] = [];
  readonly batches: number[] = [];
  readonly #react: (value: unknown, delivery: Delivery) => unknown;

  constructor(plugin: string | undefined, react: (value: unknown, delivery: Delivery) => unknown = () => {}) {
    this.plugin = plugin;
    this.#react = react;
  }

  async take(batch: readonly Delivery[]): Promise<void> {
    await this.takeKept(batch);
  }

  async takeKept(batch: readonly Delivery[]): Promise<KeptReply> {
    this.batches.push(batch.length);
    for (const [index, delivery] of batch.entries()) {
      this.deliveries.push(delivery);
      try {
        await this.#react(delivery.event.value.decode(), delivery);
      } catch (error) {
        if (error instanceof CordonError) throw error;
        return { taken: index, error: String((error as Error).message) };
      }
    }
    return { taken: batch.length };
  }

  get values(): unknown[] {
    return this.deliveries.map(({ event }) => event.value.decode());
  }
}

function listen(lab: Lab, taker: Subscriber, options = {}, pattern = "a.*") {
  return lab.bus.subscribe(pattern, taker, parseListenOptions(options));
}

/** Waits until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn++) {
    assert(turn < 10_000, "it did not come about");
    await new Promise((resolve) => setTimeout(resolve));
  }
}

const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, index) => index + from);

Deno.test("EventBus keeps an event before its publisher is told, and the events of one turn in one write", async () => {
  using lab = new Lab();
  let writes = 0;
  const { transaction } = lab.store;
  lab.store.transaction = (run) => {
    writes++;
    return transaction.call(lab.store, run) as ReturnType<typeof run>;
  };
  const taker = new Taker("acme.reader", () => assertStrictEquals(lab.store.head().position, 100));
  listen(lab, taker);
  const published = lab.publish("a.x", upTo(100));
  assertStrictEquals(lab.store.head().position, 0);
  await published;
  assertStrictEquals(writes, 1);
  await until(() => taker.deliveries.length === 100);
  assertEquals(taker.values, upTo(100));
  const { event, ...told } = taker.deliveries[7]!;
  assertEquals(event.originFor(told), {
    topic: "a.x",
    publisher: "acme.app",
    missed: 0,
    position: 8,
    time: 1_000,
    attempt: 1,
  });
});

Deno.test("EventBus refuses an event that cannot be kept, gives it to nobody and goes on once it can", async () => {
  using lab = new Lab();
  const taker = new Taker("acme.reader");
  listen(lab, taker);
  await lab.publish("a.x", [1]);
  const { append } = lab.store;
  lab.store.append = (event) => {
    if (event.value === "3") throw new CordonError("not_writable", "Cannot write the database: full");
    return append.call(lab.store, event);
  };
  for (const group of [[3], [2, 3]]) {
    const error = await assertRejects(() => lab.publish("a.x", group), CordonError);
    assertStrictEquals(error.code, "not_writable");
  }
  lab.store.append = append;
  await lab.publish("a.x", [4]);
  await until(() => taker.deliveries.length === 2);
  assertEquals(taker.values, [1, 4]);
});

Deno.test("EventBus hands a plugin what it has not taken when it comes again, after a crash of the host too", async () => {
  const dir = await Deno.makeTempDir();
  const open = () => openDatabase(`${dir}/cordon.db`).database;
  {
    const database = open();
    const lab = new Lab(database);
    const stuck = new Taker("acme.reader", (value) => value === 3 ? new Promise(() => {}) : undefined);
    listen(lab, stuck);
    await lab.publish("a.x", [1]);
    await lab.publish("a.x", [2]);
    await until(() => stuck.deliveries.length === 2);
    await lab.publish("a.x", [3, 4]);
    await until(() => stuck.deliveries.length === 3);
    // The host is gone, with the position of before the last events at best; that is what a crash leaves.
    database[Symbol.dispose]();
    lab.bus[Symbol.dispose]();
  }
  {
    using lab = new Lab(open());
    await lab.publish("a.x", [5]);
    assert(lab.bus.isBehind("acme.reader"));
    assert(!lab.bus.isBehind("acme.other"));
    const taker = new Taker("acme.reader");
    const subscription = listen(lab, taker);
    await until(() => taker.values.includes(5));
    assertEquals(taker.values.slice(-3), [3, 4, 5]);
    subscription[Symbol.dispose]();
    await lab.publish("a.x", [6]);
    const again = new Taker("acme.reader");
    listen(lab, again);
    await until(() => again.deliveries.length === 1);
    assertEquals(again.values, [6]);
    await until(() => !lab.bus.isBehind("acme.reader"));
  }
  {
    using lab = new Lab(open());
    assert(!lab.bus.isBehind("acme.reader"));
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("EventBus keeps a position from the first event of a topic on, and forgets it with the subscription", async () => {
  using lab = new Lab();
  const early = listen(lab, new Taker("acme.early", () => new Promise(() => {})));
  listen(lab, new Taker(undefined));
  await lab.publish("b.x", [0]);
  assertEquals(lab.store.positions(), []);
  await lab.publish("a.x", [1]);
  assertEquals(lab.store.positions().map(({ plugin, position, name }) => [plugin, position, name]), [
    ["acme.early", 0, "1"],
  ]);
  early.end();
  assertEquals(lab.store.positions(), []);
});

Deno.test("EventBus hands an event that fails over again, in its place, and sets it aside in the end", async () => {
  using lab = new Lab();
  const taker = new Taker("acme.reader", (value) => {
    if (value === 3) throw new Error("indigestible");
  });
  listen(lab, taker);
  await lab.publish("a.x", upTo(5));
  await until(() => taker.values.includes(5));
  assertEquals(taker.values, [1, 2, 3, 3, 3, 3, 4, 5]);
  assertEquals(taker.deliveries.map(({ attempt }) => attempt), [1, 1, 1, 2, 3, 4, 1, 1]);
  assertEquals(lab.notes, [["event.set_aside", "acme.reader", {
    pattern: "a.*",
    name: "1",
    topic: "a.x",
    publisher: "acme.app",
    position: 3,
    attempts: 4,
    message: "indigestible",
  }]]);
});

Deno.test("EventBus pauses longer each time before it hands an event over again", async () => {
  using time = new FakeTime();
  using lab = new Lab(openMemoryDatabase(), [100, 1_000]);
  const at: number[] = [];
  const taker = new Taker("acme.reader", () => {
    at.push(time.now - time.start);
    throw new Error("no");
  });
  listen(lab, taker);
  await lab.publish("a.x", [1]);
  for (let step = 0; step < 30; step++) await time.tickAsync(50);
  assertEquals(at, [0, 100, 1_100]);
});

Deno.test("EventBus finds out which event ends a plugin, though it had several at once", async () => {
  using lab = new Lab();
  const handed: unknown[] = [];
  // It dies of 40, whatever it has taken before that of the batch.
  const start = () =>
    listen(
      lab,
      new Taker("acme.fragile", (value) => {
        handed.push(value);
        if (value === 40) throw new CordonError("channel_closed", "the other side is gone");
      }),
    );
  let subscription = start();
  await lab.publish("a.x", upTo(100));
  for (let restart = 0; restart < 10; restart++) {
    await until(() => handed.includes(40) || handed.includes(100));
    subscription[Symbol.dispose]();
    subscription = start();
    await until(() => lab.notes.length > 0 || handed.filter((value) => value === 40).length > restart);
  }
  await until(() => handed.includes(100));
  assertEquals(lab.notes.map(([type, , { position }]) => [type, position]), [["event.set_aside", 40]]);
  assertStrictEquals(handed.filter((value) => value === 99).length, 1);
});

Deno.test("EventBus holds nothing against events whose plugin is stopped", async () => {
  using lab = new Lab();
  const leaving: Subscriber = {
    plugin: "acme.reader",
    take: () => Promise.resolve(),
    takeKept: () => Promise.resolve({ taken: 0, isGone: true }),
  };
  for (let restart = 0; restart < 10; restart++) {
    const subscription = listen(lab, leaving);
    await lab.publish("a.x", [restart]);
    subscription[Symbol.dispose]();
  }
  const taker = new Taker("acme.reader");
  listen(lab, taker);
  await until(() => taker.deliveries.length === 10);
  assertEquals([taker.values, taker.deliveries[0]!.attempt], [upTo(10, 0), 1]);
});

Deno.test("EventBus replays from the start, a position, a time, and begins with what is retained", async () => {
  using lab = new Lab();
  const retain = { ...BOUNDS, retain: true };
  for (let n = 1; n <= 5; n++) {
    lab.now = 1_000 * n;
    await lab.publish("a.x", [`x${n}`], retain);
    await lab.publish("a.y", [`y${n}`]);
  }
  const cases: [options: object, values: string[]][] = [
    [{ from: "start" }, ["x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4", "x5", "y5"]],
    [{ from: { position: 8 } }, ["y4", "x5", "y5"]],
    [{ from: { time: 4_500 } }, ["x5", "y5"]],
    [{ from: "retained" }, ["x5"]],
    [{}, ["x5"]],
    [{ from: "now" }, []],
  ];
  for (const [index, [options, values]] of cases.entries()) {
    for (const plugin of [`acme.p${index}`, undefined]) {
      const taker = new Taker(plugin);
      const subscription = listen(lab, taker, options);
      await lab.publish("a.y", ["last"]);
      await until(() => taker.values.includes("last"));
      assertEquals(taker.values.slice(0, values.length), values, JSON.stringify(options));
      subscription.end();
    }
  }
});

Deno.test("EventBus goes on where a plugin was, unless it rewinds", async () => {
  using lab = new Lab();
  await lab.publish("a.x", upTo(3));
  const run = async (options: object, last: number) => {
    const taker = new Taker("acme.reader");
    const subscription = listen(lab, taker, options);
    await until(() => taker.values.includes(last));
    subscription[Symbol.dispose]();
    return taker.values;
  };
  assertEquals(await run({ from: "start" }, 3), [1, 2, 3]);
  await lab.publish("a.x", [4]);
  assertEquals(await run({ from: "start" }, 4), [4]);
  assertEquals(await run({ from: { position: 2 }, rewind: true }, 4), [2, 3, 4]);
});

Deno.test("EventBus keeps two subscriptions to a pattern apart, by their order or their names", async () => {
  using lab = new Lab();
  await lab.publish("a.x", [1]);
  listen(lab, new Taker("acme.reader"));
  const second = listen(lab, new Taker("acme.reader"));
  listen(lab, new Taker("acme.reader"), { name: "mine" });
  const taken = () => listen(lab, new Taker("acme.reader"), { name: "mine" });
  assertStrictEquals(assertThrows(taken, CordonError).code, "invalid_input");
  assertEquals(lab.store.positions().map(({ name }) => name), ["1", "2", "mine"]);
  second[Symbol.dispose]();
  listen(lab, new Taker("acme.reader"));
  assertStrictEquals(lab.store.positions().length, 3);
  for (let n = 0; n < 253; n++) listen(lab, new Taker("acme.reader"), { name: `n${n}` })[Symbol.dispose]();
  const tooMany = () => listen(lab, new Taker("acme.reader"), { name: "more" });
  assertStrictEquals(assertThrows(tooMany, CordonError).code, "too_many_subscriptions");
});

Deno.test("EventBus refuses replay where no topic is kept, and knows those that will be", async () => {
  using lab = new Lab();
  for (const from of ["start", { position: 1 }, { time: 1 }]) {
    for (const plugin of ["acme.reader", undefined]) {
      const error = assertThrows(() => listen(lab, new Taker(plugin), { from }), CordonError);
      assertStrictEquals(error.code, "not_durable");
    }
  }
  lab.bus.declare("a.x");
  const taker = new Taker("acme.reader");
  listen(lab, taker, { from: "start" });
  await lab.publish("a.x", [1]);
  await until(() => taker.deliveries.length === 1);
});

Deno.test("EventBus drops events beyond the bounds of their topic, and tells those who have not had them", async () => {
  using lab = new Lab();
  const bounds = { ...BOUNDS, maxEvents: 10 };
  let isStuck = true;
  const gate = Promise.withResolvers<void>();
  const stuck = new Taker("acme.stuck", () => isStuck ? gate.promise : undefined);
  listen(lab, stuck);
  await lab.publish("a.x", [1], bounds);
  await until(() => stuck.deliveries.length === 1);
  for (let n = 2; n <= 40; n++) await lab.publish("a.x", [n], bounds);
  assertStrictEquals(lab.store.figures("a.x").count, 10);
  isStuck = false;
  gate.resolve();
  await until(() => stuck.values.includes(40));
  assertEquals(stuck.values, [1, ...upTo(10, 31)]);
  assertStrictEquals(stuck.deliveries[1]!.missed, 29);
  assertStrictEquals(stuck.deliveries[2]!.missed, 0);
  // One line, until it was told.
  assertEquals(lab.notes.map(([type, id]) => [type, id]), [["event.expired", "acme.stuck"]]);

  lab.now += 1e10;
  await lab.publish("a.x", [41], { ...bounds });
  assertStrictEquals(lab.store.figures("a.x").count, 1);
  await lab.publish("a.x", upTo(5), { ...bounds, maxBytes: 600 });
  assertStrictEquals(lab.store.figures("a.x").count, 2);
});

Deno.test("EventBus takes a slow reader through more than memory holds, in order, among other topics", async () => {
  using lab = new Lab();
  const published: string[] = [];
  for (let n = 0; n < 40; n++) {
    const [x, y] = [upTo(30, n * 30).map((i) => `x${i}`), upTo(n % 7).map((i) => `y${n}.${i}`)];
    await Promise.all([lab.publish("a.x", x), lab.publish("a.y", y), lab.publish("b.z", ["z"])]);
    published.push(...x, ...y);
  }
  await lab.publish("a.large", upTo(12).map((n) => `${n}`.repeat(500_000)));
  const taker = new Taker("acme.reader");
  listen(lab, taker, { from: "start" });
  await until(() => taker.deliveries.length === published.length + 12);
  assertEquals(taker.values.slice(0, published.length), published);
  const positions = taker.deliveries.map(({ event }) => event.kept!.position);
  assertEquals(positions, positions.toSorted((a, b) => a - b));
  assert(taker.batches.some((count) => count === 64));
});

Deno.test("EventBus keeps the order of each publisher across failures and restarts", async () => {
  using lab = new Lab();
  const seen = new Map<string, number>();
  let count = 0;
  const start = () =>
    listen(
      lab,
      new Taker("acme.reader", (value, { event: { publisher } }) => {
        if (++count % 7 === 0) throw new Error("again");
        const last = seen.get(publisher) ?? 0;
        assert((value as number) <= last + 1, `${publisher} ${value} after ${last}`);
        seen.set(publisher, Math.max(last, value as number));
      }),
    );
  let subscription = start();
  for (let n = 1; n <= 200; n += 2) {
    await Promise.all(["p.a", "p.b"].map((publisher) => lab.publish("a.x", [n, n + 1], BOUNDS, publisher)));
    if (n % 31 === 0) {
      subscription[Symbol.dispose]();
      subscription = start();
    }
  }
  await until(() => seen.get("p.a") === 200 && seen.get("p.b") === 200);
  assertEquals(lab.notes, []);
});
