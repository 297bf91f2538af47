import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { type Delivery, EventBus, MAX_QUEUED_EVENTS } from "../../src/bus/event_bus.ts";

/** Events handed to a subscriber that has not taken them yet. */
const WINDOW = 64;

/** A subscriber that takes each event only when it is told to. */
class SlowSubscriber {
  readonly deliveries: Delivery[] = [];
  readonly #gates: PromiseWithResolvers<void>[] = [];

  readonly deliver = (delivery: Delivery): Promise<void> => {
    this.deliveries.push(delivery);
    this.#gates.push(Promise.withResolvers());
    return this.#gates.at(-1)!.promise;
  };

  get values(): unknown[] {
    return this.deliveries.map(({ value }) => value);
  }

  /** Takes the oldest event that it has not taken. */
  async take(count = 1): Promise<void> {
    for (const { resolve } of this.#gates.splice(0, count)) resolve();
    await Promise.resolve();
    await Promise.resolve();
  }
}

function publishMany(bus: EventBus, topic: string, count: number): void {
  for (let index = 0; index < count; index++) bus.publish(topic, index, "host");
}

Deno.test("EventBus.publish() reaches everyone whose pattern matches, with where it came from", () => {
  const bus = new EventBus();
  const taken: [string, Delivery][] = [];
  for (const pattern of ["clock.hour", "clock.*", "**", "clock.minute", "*"]) {
    bus.subscribe(pattern, (delivery) => Promise.resolve(void taken.push([pattern, delivery])));
  }
  bus.publish("clock.hour", { at: 3 }, "acme.clock");
  const delivery = { value: { at: 3 }, origin: { topic: "clock.hour", publisher: "acme.clock", missed: 0 } };
  assertEquals(taken, [["clock.hour", delivery], ["clock.*", delivery], ["**", delivery]]);
});

Deno.test("EventBus hands events over in order, and no more at once than the window", async () => {
  const bus = new EventBus();
  const slow = new SlowSubscriber();
  bus.subscribe("a", slow.deliver);
  publishMany(bus, "a", 200);
  assertStrictEquals(slow.deliveries.length, WINDOW);
  await slow.take(10);
  assertStrictEquals(slow.deliveries.length, WINDOW + 10);
  await slow.take(64);
  await slow.take(200);
  assertEquals(slow.values, Array.from({ length: 200 }, (_, index) => index));
});

Deno.test("EventBus drops the oldest events of a full queue, and says how many were missed", async () => {
  const bus = new EventBus();
  const slow = new SlowSubscriber();
  const subscription = bus.subscribe("a", slow.deliver);
  publishMany(bus, "a", WINDOW + MAX_QUEUED_EVENTS);
  assertStrictEquals(subscription.dropped, 0);
  publishMany(bus, "a", 5);
  assertStrictEquals(subscription.dropped, 5);
  await slow.take(2);
  const [next, afterwards] = slow.deliveries.slice(WINDOW);
  // The five after the window are gone.
  assertEquals([next!.value, next!.origin.missed], [WINDOW + 5, 5]);
  assertEquals([afterwards!.value, afterwards!.origin.missed], [WINDOW + 6, 0]);
});

Deno.test("EventBus keeps a stuck subscriber from everyone else", async () => {
  const bus = new EventBus();
  const stuck = new SlowSubscriber();
  const [exact, pattern]: [unknown[], unknown[]] = [[], []];
  const subscription = bus.subscribe("a", stuck.deliver);
  bus.subscribe("a", ({ value }) => Promise.resolve(void exact.push(value)));
  bus.subscribe("*", ({ value }) => Promise.resolve(void pattern.push(value)));
  const count = WINDOW + MAX_QUEUED_EVENTS + 1_000;
  // In turns: a subscriber needs one to say that it has taken what it was given.
  for (let sent = 0; sent < count; sent += 32) {
    publishMany(bus, "a", 32);
    await Promise.resolve();
  }
  assert(exact.length >= count && pattern.length >= count);
  assertStrictEquals(stuck.deliveries.length, WINDOW);
  assert(subscription.dropped >= 1_000);
});

Deno.test("EventBus goes on after a subscriber that fails", async () => {
  const bus = new EventBus();
  const taken: unknown[] = [];
  bus.subscribe("a", ({ value }) => {
    taken.push(value);
    return Promise.reject(new Error("no"));
  });
  publishMany(bus, "a", 500);
  while (taken.length < 500) await Promise.resolve();
  assertEquals(taken, Array.from({ length: 500 }, (_, index) => index));
});

Deno.test("EventBus subscriptions end while events wait, and nothing comes after", async () => {
  const bus = new EventBus();
  const slow = new SlowSubscriber();
  {
    using _subscription = bus.subscribe("a.*", slow.deliver);
    publishMany(bus, "a.b", 500);
  }
  await slow.take(64);
  publishMany(bus, "a.b", 10);
  assertStrictEquals(slow.deliveries.length, WINDOW);
});

Deno.test("EventBus subscriptions that are disposed of twice take nobody along", () => {
  for (const pattern of ["a", "*"]) {
    const bus = new EventBus();
    const first = bus.subscribe(pattern, () => Promise.resolve());
    first[Symbol.dispose]();
    const taken: unknown[] = [];
    bus.subscribe(pattern, ({ value }) => Promise.resolve(void taken.push(value)));
    first[Symbol.dispose]();
    bus.publish("a", 1, "host");
    assertEquals(taken, [1]);
  }
});

Deno.test("EventBus takes subscribers that publish, subscribe and end while they are told of something", () => {
  const bus = new EventBus();
  const taken: string[] = [];
  const first = bus.subscribe("a", ({ value }) => {
    taken.push(`first ${value}`);
    if (value === 1) {
      bus.publish("a", 2, "host");
      bus.publish("b", 3, "host");
    } else first[Symbol.dispose]();
    return Promise.resolve();
  });
  bus.subscribe("b", ({ value }) => Promise.resolve(void taken.push(`second ${value}`)));
  bus.publish("a", 1, "host");
  bus.publish("a", 4, "host");
  assertEquals(taken, ["first 1", "first 2", "second 3"]);
});

Deno.test("EventBus loses no event of a subscriber that keeps up, and counts each one of others", async () => {
  const script = fc.array(fc.oneof(fc.integer({ min: 1, max: 700 }), fc.constantFrom("take" as const)), {
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(script, async (script) => {
      const bus = new EventBus();
      const slow = new SlowSubscriber();
      const subscription = bus.subscribe("a", slow.deliver);
      let published = 0;
      for (const step of script) {
        if (step === "take") await slow.take(50);
        else for (let count = 0; count < step; count++) bus.publish("a", published++, "host");
      }
      while (slow.deliveries.length + subscription.dropped < published) await slow.take(64);
      let expected = 0;
      for (const { value, origin } of slow.deliveries) {
        expected += origin.missed;
        assertStrictEquals(value, expected++);
      }
    }),
    { numRuns: 30 },
  );
});
