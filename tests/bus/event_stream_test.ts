import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { EventBus } from "../../src/bus/event_bus.ts";
import { CordonError } from "../../src/errors.ts";
import { followEvents } from "../../src/bus/event_stream.ts";

/** A bus that knows how many listen. */
function createBus(): { bus: EventBus; readonly listening: number } {
  const bus = new EventBus();
  let listening = 0;
  const subscribe = bus.subscribe.bind(bus);
  bus.subscribe = (...args) => {
    listening++;
    const subscription = subscribe(...args);
    let isOpen = true;
    const end = () => {
      if (isOpen) listening--;
      isOpen = false;
      subscription.end();
    };
    return { ...subscription, dropped: 0, end, [Symbol.dispose]: end };
  };
  return {
    bus,
    get listening() {
      return listening;
    },
  };
}

Deno.test("followEvents() yields what is published after the call, before it is read too", async () => {
  const { bus } = createBus();
  bus.publish("clock.hour", 0, "host");
  const events = followEvents(bus, "clock.*", {});
  bus.publish("clock.hour", 1, "acme.clock");
  bus.publish("other", 2, "host");
  assertEquals((await events.next()).value, {
    topic: "clock.hour",
    publisher: "acme.clock",
    missed: 0,
    value: 1,
  });
  const waiting = events.next();
  bus.publish("clock.minute", 3, "host");
  assertEquals((await waiting).value.value, 3);
  await events.return(undefined);
});

Deno.test("followEvents() ends when its signal aborts, waiting or not, and listens no longer", async () => {
  for (const isWaiting of [true, false]) {
    const counted = createBus();
    const controller = new AbortController();
    const events = followEvents(counted.bus, "a", { signal: controller.signal });
    assertStrictEquals(counted.listening, 1);
    const waiting = isWaiting ? events.next() : undefined;
    controller.abort();
    assertStrictEquals(counted.listening, 0);
    assertStrictEquals((await (waiting ?? events.next())).done, true);
  }
  const counted = createBus();
  const events = followEvents(counted.bus, "a", { signal: AbortSignal.abort() });
  assertStrictEquals(counted.listening, 0);
  assertStrictEquals((await events.next()).done, true);
});

Deno.test("followEvents() ends by break, by return() before the first event, and while one is waited for", async () => {
  const counted = createBus();
  const events = followEvents(counted.bus, "a", {});
  for (let index = 0; index < 3; index++) counted.bus.publish("a", index, "host");
  for await (const { value } of events) if (value === 1) break;
  assertStrictEquals(counted.listening, 0);
  assertStrictEquals((await events.next()).done, true);

  await followEvents(counted.bus, "a", {}).return(undefined);
  assertStrictEquals(counted.listening, 0);
  {
    await using unread = followEvents(counted.bus, "a", {});
    assertStrictEquals(typeof unread.next, "function");
  }
  assertStrictEquals(counted.listening, 0);

  const busy = followEvents(counted.bus, "a", {});
  const waiting = busy.next();
  await busy.return(undefined);
  assertStrictEquals((await waiting).done, true);
  assertStrictEquals(counted.listening, 0);
});

Deno.test("followEvents() says how many events it missed when nobody read them", async () => {
  const bus = new EventBus();
  await using events = followEvents(bus, "a", {});
  for (let index = 0; index < 2_000; index++) bus.publish("a", index, "host");
  const seen: number[] = [];
  let missed = 0;
  for await (const event of events) {
    seen.push(event.value as number);
    missed += event.missed;
    if (event.value === 1_999) break;
  }
  assertStrictEquals(seen.length + missed, 2_000);
  assertEquals(seen, seen.toSorted((a, b) => a - b));
});

Deno.test("followEvents() throws when its queue is full, where the rule is disconnect", async () => {
  const bus = new EventBus();
  const events = followEvents(bus, "a", { overflow: "disconnect", queue: 2 });
  for (let index = 0; index < 10; index++) bus.publish("a", index, "host");
  assertEquals([(await events.next()).value.value, (await events.next()).value.value], [0, 1]);
  const error = await assertRejects(() => events.next(), CordonError);
  assertStrictEquals(error.code, "subscriber_too_slow");
  assertStrictEquals((await events.next()).done, true);
});

Deno.test("followEvents() begins with what is retained, and refuses options that mean nothing", async () => {
  const bus = new EventBus();
  bus.publish("a", 1, "acme.app", { retain: true });
  await using events = followEvents(bus, "*", {});
  assertEquals((await events.next()).value, {
    topic: "a",
    publisher: "acme.app",
    missed: 0,
    retained: true,
    value: 1,
  });
  const refused = () => followEvents(bus, "a", { overflow: "never" as "block" });
  assertStrictEquals(assertThrows(refused, CordonError).code, "invalid_input");
});
