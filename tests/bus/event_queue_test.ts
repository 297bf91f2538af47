import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import fc from "fast-check";
import { EventQueue, QueueBudget } from "../../src/bus/event_queue.ts";
import { EventValue } from "../../src/bus/event_value.ts";
import { PublishedEvent } from "../../src/bus/published_event.ts";
import type { Overflow } from "../../src/sdk/events.ts";
import { SlowSubscriber } from "./slow_subscriber.ts";

/** Batches handed over at once. */
const BATCHES = 4;

class Lab {
  readonly slow = new SlowSubscriber();
  readonly budget: QueueBudget;
  readonly queue: EventQueue;
  drops = 0;

  constructor(overflow: Overflow, length = 3, maxBytes = 1e6) {
    this.budget = new QueueBudget(maxBytes);
    this.queue = new EventQueue({
      overflow,
      length,
      budget: this.budget,
      take: (batch) => this.slow.take(batch),
      onDrop: () => this.drops++,
    });
  }

  push(value: unknown, waitMs = 0): Promise<void> | undefined {
    return this.queue.push(createEvent(value), { waitMs });
  }

  pushMany(from: number, to: number): void {
    for (let value = from; value <= to; value++) this.push(value);
  }
}

function createEvent(value: unknown): PublishedEvent {
  return new PublishedEvent({ topic: "a", publisher: "host", value: EventValue.encode(value) });
}

Deno.test("EventQueue hands events over one by one while little is in flight, then in batches, in order", async () => {
  const lab = new Lab("drop-oldest", 1024);
  lab.pushMany(1, 500);
  assertStrictEquals(lab.slow.deliveries.length, BATCHES);
  await lab.slow.takeSome();
  assertStrictEquals(lab.slow.deliveries.length, BATCHES + 64);
  await lab.slow.takeAll();
  assertEquals(lab.slow.values, Array.from({ length: 500 }, (_, index) => index + 1));
  assertStrictEquals(lab.budget.used, 0);
});

Deno.test("EventQueue hands a short queue over no further than it is long", async () => {
  const lab = new Lab("drop-oldest", 1);
  lab.pushMany(1, 5);
  assertEquals(lab.slow.heard, [[1, 0]]);
  await lab.slow.takeAll();
  assertEquals(lab.slow.heard, [[1, 0], [5, 3]]);
  assertStrictEquals(lab.queue.dropped, 3);
});

Deno.test("EventQueue drops the oldest or the newest, and says where events are missing", async () => {
  const oldest = new Lab("drop-oldest");
  const newest = new Lab("drop-newest");
  for (const lab of [oldest, newest]) {
    // Three are handed over, three wait, four have no room.
    lab.pushMany(1, 10);
    assertStrictEquals(lab.queue.dropped, 4);
    assertStrictEquals(lab.drops, 4);
    await lab.slow.takeSome();
    lab.pushMany(11, 11);
    await lab.slow.takeAll();
  }
  assertEquals(oldest.slow.heard, [[1, 0], [2, 0], [3, 0], [8, 4], [9, 0], [10, 0], [11, 0]]);
  assertEquals(newest.slow.heard, [[1, 0], [2, 0], [3, 0], [4, 0], [5, 0], [6, 0], [11, 4]]);
});

Deno.test("EventQueue with the rule block has publishers wait for room, in their order", async () => {
  using time = new FakeTime();
  const lab = new Lab("block", 2);
  const settled: number[] = [];
  for (let value = 1; value <= 7; value++) {
    void (lab.push(value, 1_000) ?? Promise.resolve()).then(() => settled.push(value));
  }
  await time.tickAsync(10);
  assertEquals(settled, [1, 2, 3, 4]);
  await lab.slow.takeSome();
  assertEquals(settled, [1, 2, 3, 4, 5]);
  await lab.slow.takeAll();
  assertEquals(settled, [1, 2, 3, 4, 5, 6, 7]);
  assertEquals(lab.slow.values, [1, 2, 3, 4, 5, 6, 7]);
  assertStrictEquals(lab.queue.dropped, 0);
});

Deno.test("EventQueue with the rule block lets publishers go at their deadline, and waits in vain once only", async () => {
  using time = new FakeTime();
  const lab = new Lab("block", 1);
  lab.pushMany(1, 2);
  const waits = [lab.push(3, 1_000)!, lab.push(4, 5_000)!];
  let isLet = false;
  void Promise.all(waits).then(() => isLet = true);
  await time.tickAsync(999);
  assertStrictEquals(isLet, false);
  await time.tickAsync(1);
  await Promise.all(waits);
  assertStrictEquals(isLet, true);
  assertStrictEquals(lab.push(5, 1_000), undefined);
  assertStrictEquals(lab.queue.dropped, 3);
  await lab.slow.takeAll();
  // It takes again: it is worth waiting for again.
  lab.pushMany(6, 7);
  const wait = lab.push(8, 1_000)!;
  await lab.slow.takeAll();
  await wait;
  assertEquals(lab.slow.heard, [[1, 0], [2, 0], [6, 3], [7, 0], [8, 0]]);
});

Deno.test("EventQueue with the rule block holds a bounded number of publishes, and lets them go when it closes", async () => {
  const lab = new Lab("block", 1);
  lab.pushMany(1, 2);
  const waits = Array.from({ length: 1_024 }, (_, value) => lab.push(value, 60_000));
  assert(waits.every((wait) => wait !== undefined));
  assertStrictEquals(lab.push(0, 60_000), undefined);
  assertStrictEquals(lab.queue.dropped, 1);
  lab.queue.close();
  await Promise.all(waits);
  assertStrictEquals(lab.push(0, 60_000), undefined);
});

Deno.test("EventQueue with the rule disconnect tells of the first event without room", () => {
  const lab = new Lab("disconnect", 1);
  lab.pushMany(1, 2);
  assertStrictEquals(lab.drops, 0);
  lab.push(3);
  assertStrictEquals(lab.drops, 1);
});

Deno.test("EventQueue never holds more than the budget, what is handed over included", async () => {
  for (const overflow of ["drop-oldest", "drop-newest", "block"] as const) {
    const lab = new Lab(overflow, 1024, 100_000);
    for (let n = 0; n < 100; n++) {
      lab.push("x".repeat(5_000));
      assert(lab.budget.used <= 100_000);
    }
    assert(lab.queue.dropped > 80);
    await lab.slow.takeAll();
    assertStrictEquals(lab.budget.used, 0);
    lab.push("y");
    assertStrictEquals(lab.slow.heard.reduce((sum, [, missed]) => sum + missed, 0), lab.queue.dropped);
  }
});

Deno.test("EventQueue hands over large events and those with many attachments in batches that a message carries", async () => {
  const lab = new Lab("drop-oldest", 1024, 1e9);
  for (let n = 0; n < 20; n++) lab.push("x".repeat(400_000));
  const batches: number[] = [];
  for (let before = 0; lab.slow.deliveries.length < 20; before = lab.slow.deliveries.length) {
    await lab.slow.takeSome();
    batches.push(lab.slow.deliveries.length - before);
  }
  assert(Math.max(...batches.slice(1)) === 1, batches.join());
  const bytes = new Lab("drop-oldest", 1024, 1e9);
  for (let n = 0; n < 10; n++) bytes.push(Array.from({ length: 400 }, () => new Uint8Array(1)));
  await bytes.slow.takeSome();
  assertStrictEquals(bytes.slow.deliveries.length, BATCHES + 2);
});

Deno.test("EventQueue goes on after a subscriber that fails, and takes nothing once it is closed", async () => {
  let taken = 0;
  const queue = new EventQueue({
    overflow: "drop-oldest",
    length: 1024,
    budget: new QueueBudget(1e6),
    take: (batch) => {
      taken += batch.length;
      return Promise.reject(new Error("no"));
    },
    onDrop: () => {},
  });
  for (let n = 0; n < 500; n++) queue.push(createEvent(n));
  while (taken < 500) await Promise.resolve();
  queue.close();
  queue.push(createEvent(1));
  assertStrictEquals(taken, 500);
  assert(queue.isClosed);
});

Deno.test("EventQueue loses no event of a subscriber that keeps up, and counts each one of others", async () => {
  const script = fc.array(fc.oneof(fc.integer({ min: 1, max: 700 }), fc.constantFrom("take" as const)), {
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(
      script,
      fc.constantFrom("drop-oldest" as const, "drop-newest" as const),
      fc.integer({ min: 1, max: 100 }),
      async (script, overflow, length) => {
        const lab = new Lab(overflow, length, 20_000);
        let published = 0;
        for (const step of script) {
          if (step === "take") await lab.slow.takeSome(2);
          else for (let count = 0; count < step; count++) lab.push(published++);
        }
        await lab.slow.takeAll();
        lab.push(published++);
        await lab.slow.takeAll();
        assertStrictEquals(lab.slow.deliveries.length + lab.queue.dropped, published);
        let expected = 0;
        for (const [value, missed] of lab.slow.heard) {
          expected += missed;
          assertStrictEquals(value, expected++);
        }
        assertStrictEquals(lab.budget.used, 0);
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("EventQueue leaves room to the other queues of its subscriber, however it is flooded", () => {
  const [flooded, quiet] = [new Lab("drop-newest", 8192, 100_000), new SlowSubscriber()];
  const other = new EventQueue({
    overflow: "drop-newest",
    length: 8192,
    budget: flooded.budget,
    take: (batch) => quiet.take(batch),
    onDrop: () => {},
  });
  for (let n = 0; n < 1_000; n++) flooded.push("x".repeat(1_000));
  assert(flooded.queue.dropped > 900);
  for (let n = 0; n < 8; n++) other.push(createEvent("y".repeat(1_000)));
  assertStrictEquals(other.dropped, 0);
});
