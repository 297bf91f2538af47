import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { EventBus } from "../../src/bus/event_bus.ts";
import { QueueBudget } from "../../src/bus/event_queue.ts";
import { parseListenOptions } from "../../src/bus/listen_options.ts";
import { CordonError } from "../../src/errors.ts";
import { quickSubscriber, SlowSubscriber } from "./slow_subscriber.ts";

/** A bus whose notes are kept. */
function createBus() {
  const notes: [type: string, id: string | undefined, facts: Record<string, unknown>][] = [];
  const bus = new EventBus({ note: (type, facts, id) => notes.push([type, id, facts]) });
  return { bus, notes };
}

/** Subscribes, and collects what comes. */
function listen(bus: EventBus, pattern: string, options = {}): unknown[] {
  const taken: unknown[] = [];
  const subscriber = quickSubscriber(({ event }) => taken.push(event.value.decode()));
  bus.subscribe(pattern, subscriber, parseListenOptions(options));
  return taken;
}

Deno.test("EventBus.publish() reaches everyone whose pattern matches, with where it came from", () => {
  const { bus } = createBus();
  const taken: unknown[] = [];
  for (const pattern of ["clock.hour", "clock.*", "**", "clock.minute", "*"]) {
    bus.subscribe(
      pattern,
      quickSubscriber((delivery) => {
        const { event } = delivery;
        taken.push([pattern, event.value.decode(), event.originFor(delivery)]);
      }),
    );
  }
  assertStrictEquals(bus.publish("clock.hour", { at: 3 }, "acme.clock"), undefined);
  const origin = { topic: "clock.hour", publisher: "acme.clock", missed: 0 };
  for (const pattern of ["clock.hour", "clock.*", "**"]) {
    assert(
      taken.some((one) => JSON.stringify(one) === JSON.stringify([pattern, { at: 3 }, origin])),
      pattern,
    );
  }
  assertStrictEquals(taken.length, 3);
});

Deno.test("EventBus keeps a stuck subscriber from everyone else", async () => {
  const { bus } = createBus();
  const stuck = new SlowSubscriber();
  const subscription = bus.subscribe("a", stuck);
  const [exact, pattern] = [listen(bus, "a"), listen(bus, "*")];
  for (let sent = 0; sent < 3_000; sent++) {
    bus.publish("a", sent, "host");
    // In turns: a subscriber needs one to say that it has taken what it was given.
    if (sent % 64 === 0) await Promise.resolve();
  }
  while (exact.length < 3_000 || pattern.length < 3_000) await Promise.resolve();
  assertStrictEquals(stuck.deliveries.length, 4);
  assertStrictEquals(subscription.dropped, 3_000 - 4 - 1_024);
});

Deno.test("EventBus notes what a subscriber misses, once a minute, under its name", () => {
  const { bus, notes } = createBus();
  for (const plugin of ["acme.slow", undefined]) {
    const options = parseListenOptions({ queue: 2, overflow: "drop-newest" });
    bus.subscribe("a.*", new SlowSubscriber(plugin), options);
  }
  for (let n = 0; n < 100; n++) bus.publish("a.b", n, "host");
  const facts = { pattern: "a.*", overflow: "drop-newest", queue: 2, dropped: 1 };
  assertEquals(notes, [["event.dropped", "acme.slow", facts], ["event.dropped", undefined, facts]]);
});

Deno.test("EventBus ends the subscription of one that asked for it when its queue is full, with a word", async () => {
  const { bus, notes } = createBus();
  const slow = new SlowSubscriber("acme.slow");
  bus.subscribe("a", slow, parseListenOptions({ queue: 1, overflow: "disconnect" }));
  const other = listen(bus, "a");
  for (let n = 0; n < 5; n++) bus.publish("a", n, "host");
  assertEquals(slow.errors.map(({ code }) => code), ["subscriber_too_slow"]);
  assertEquals(notes.map(([type, id]) => [type, id]), [["event.disconnected", "acme.slow"]]);
  await slow.takeAll();
  assertEquals(slow.values, [0]);
  assertStrictEquals(other.length, 5);
});

Deno.test("EventBus has a publish wait for every subscriber with the rule block, and for nobody else", async () => {
  const { bus } = createBus();
  const slow = [new SlowSubscriber(), new SlowSubscriber()];
  for (const one of slow) bus.subscribe("a", one, parseListenOptions({ queue: 1, overflow: "block" }));
  bus.subscribe("b", new SlowSubscriber(), parseListenOptions({ queue: 1 }));
  for (let n = 0; n < 2; n++) assertStrictEquals(bus.publish("a", n, "x.y", { waitMs: 60_000 }), undefined);
  let isDone = false;
  const waiting = bus.publish("a", 2, "x.y", { waitMs: 60_000 })!.then(() => isDone = true);
  for (let n = 0; n < 5; n++) assertStrictEquals(bus.publish("b", n, "x.y", { waitMs: 60_000 }), undefined);
  await slow[0]!.takeAll();
  assertStrictEquals(isDone, false);
  await slow[1]!.takeAll();
  await waiting;
  assertEquals(slow.map(({ values }) => values), [[0, 1, 2], [0, 1, 2]]);
});

Deno.test("EventBus bounds what the subscriptions of one subscriber hold together", () => {
  const { bus } = createBus();
  const budget = new QueueBudget(50_000);
  const slow = Object.assign(new SlowSubscriber("acme.slow"), { budget });
  for (let n = 0; n < 20; n++) bus.subscribe("a", slow);
  for (let n = 0; n < 50; n++) bus.publish("a", "x".repeat(1_000), "host");
  assert(budget.used <= 50_000 && budget.used > 40_000);
});

Deno.test("EventBus gives later subscribers the last value of a topic that retains it", () => {
  const { bus } = createBus();
  for (const n of [1, 2]) bus.publish("a.x", n, "acme.app", { retain: true });
  bus.publish("a.y", "gone", "acme.app");
  const deliveries: unknown[] = [];
  bus.subscribe(
    "a.*",
    quickSubscriber((delivery) =>
      deliveries.push([delivery.event.value.decode(), delivery.isRetained ?? false])
    ),
  );
  bus.publish("a.x", 3, "acme.app", { retain: true });
  assertEquals(deliveries, [[2, true], [3, false]]);
  assertEquals(listen(bus, "a.*", { from: "now" }), []);
  assertEquals(listen(bus, "b.*"), []);
  const large = () => bus.publish("a.x", "x".repeat(65_536), "acme.app", { retain: true });
  assertStrictEquals(assertThrows(large, CordonError).code, "too_large");
});

Deno.test("EventBus hands what a plugin was started for to its subscription, once", () => {
  const { bus } = createBus();
  const seen: unknown[] = [];
  const watch = bus.watch("a.**", (event) => seen.push(event));
  bus.publish("a.b", 1, "host", { retain: true });
  bus.publish("b", 2, "host");
  watch[Symbol.dispose]();
  bus.publish("a.b", 3, "host");
  assertStrictEquals(seen.length, 1);
  const taken: unknown[] = [];
  const subscriber = quickSubscriber(({ event }) => taken.push(event.value.decode()));
  const events = seen as Parameters<EventBus["watch"]>[1] extends (event: infer Event) => void ? Event[]
    : never;
  bus.subscribe("a.*", subscriber, parseListenOptions(), { events });
  bus.subscribe("c", subscriber, parseListenOptions(), { events });
  assertEquals(taken, [1]);
});

Deno.test("EventBus refuses replay where nothing is kept, and keeps nothing without a store", () => {
  const { bus } = createBus();
  const taken = listen(bus, "a");
  const keep = { retain: false, maxEvents: 1, maxAgeMs: 1, maxBytes: 1 };
  bus.publish("a", 1, "acme.app", { keep });
  assertEquals(taken, [1]);
});

Deno.test("EventBus subscriptions that are disposed of twice take nobody along, and nothing comes after", async () => {
  for (const pattern of ["a", "*"]) {
    const { bus } = createBus();
    const slow = new SlowSubscriber();
    const first = bus.subscribe(pattern, slow);
    for (let n = 0; n < 100; n++) bus.publish("a", n, "host");
    first[Symbol.dispose]();
    const taken = listen(bus, pattern);
    first[Symbol.dispose]();
    first.end();
    bus.publish("a", 1, "host");
    await slow.takeAll();
    assertEquals(taken, [1]);
    assertStrictEquals(slow.deliveries.length, 4);
  }
});

Deno.test("EventBus takes subscribers that publish, subscribe and end while they are told of something", () => {
  const { bus } = createBus();
  const taken: string[] = [];
  const first = bus.subscribe(
    "a",
    quickSubscriber(({ event }) => {
      const value = event.value.decode();
      taken.push(`first ${value}`);
      if (value === 1) {
        bus.publish("a", 2, "host");
        bus.publish("b", 3, "host");
      } else first[Symbol.dispose]();
    }),
  );
  bus.subscribe("b", quickSubscriber(({ event }) => taken.push(`second ${event.value.decode()}`)));
  bus.publish("a", 1, "host");
  bus.publish("a", 4, "host");
  assertEquals(taken, ["first 1", "first 2", "second 3"]);
});
