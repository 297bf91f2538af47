import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { EventValue } from "../../../src/bus/event_value.ts";
import { PublishedEvent } from "../../../src/bus/published_event.ts";
import { CordonError } from "../../../src/errors.ts";
import { EventDelivery } from "../../../src/lifecycle/events/event_delivery.ts";
import type { EventsRequest } from "../../../src/rpc/protocol.ts";

/** A delivery into a plugin that answers as it is told. */
function createLab(answer: (batch: unknown, timeoutMs: number | null) => unknown) {
  const lines: string[] = [];
  const batches: unknown[] = [];
  const state = { isStopping: false };
  const running = Promise.withResolvers<{
    deliver(request: EventsRequest): Promise<unknown>;
    endSubscription(): void;
  }>();
  const delivery = new EventDelivery({
    running: running.promise,
    subscriber: "acme.app",
    observer: { deliver: ({ trace }) => ({ trace: trace!, end() {} }) },
    timeoutMs: 700,
    isStopping: () => state.isStopping,
    print: (line) => lines.push(line),
  });
  const run = async () => {
    running.resolve({
      deliver: async ([, batch, timeoutMs]) => {
        batches.push(batch);
        return await answer(batch, timeoutMs);
      },
      endSubscription: () => {},
    });
    await running.promise;
  };
  return { delivery, lines, batches, state, running, run };
}

const deliveries = (...values: unknown[]) =>
  values.map((value) => ({
    event: new PublishedEvent({ topic: "a.b", publisher: "host", value: EventValue.encode(value) }),
    missed: 0,
  }));

Deno.test("EventDelivery sends at once to a plugin that runs, so that no call overtakes an event", async () => {
  const lab = createLab(() => ({ taken: 1, errors: [] }));
  const early = lab.delivery.take(1, deliveries("early"));
  await lab.run();
  await early;
  void lab.delivery.take(1, deliveries("now"));
  void lab.delivery.takeKept(1, deliveries("kept"));
  assertEquals(lab.batches.length, 3);
  const origin = { topic: "a.b", publisher: "host", missed: 0 };
  assertEquals(JSON.parse(lab.batches[1] as string), [["now", origin]]);
  void lab.delivery.take(1, deliveries("text", new Uint8Array([1])));
  assertEquals(lab.batches[3], [["text", origin], [new Uint8Array([1]), origin]]);
});

Deno.test("EventDelivery reports what handlers threw, and up to where kept events were taken", async () => {
  const lab = createLab((_batch, timeoutMs) =>
    timeoutMs === 700
      ? { taken: 1, errors: [[1, "no\u001b[31m"]] }
      : { taken: 3, errors: [[0, "a"], [2, "b"]] }
  );
  await lab.run();
  await lab.delivery.take(1, deliveries(1, 2, 3));
  assertEquals(lab.lines.splice(0), ['[cordon] event "a.b" failed: a', '[cordon] event "a.b" failed: b']);
  assertEquals(await lab.delivery.takeKept(1, deliveries(1, 2, 3)), { taken: 1, error: "no\u001b[31m" });
  assertEquals(lab.lines.length, 1);
});

Deno.test("EventDelivery believes no answer that makes no sense", async () => {
  let reply: unknown;
  const lab = createLab(() => reply);
  await lab.run();
  const senseless = [
    undefined,
    null,
    7,
    {},
    { taken: -1 },
    { taken: 3 },
    { taken: 0.5 },
    { taken: "2" },
    { taken: 2, errors: {} },
  ];
  for (reply of senseless) {
    const error = await assertRejects(() => lab.delivery.takeKept(1, deliveries(1, 2)), CordonError);
    assertStrictEquals(error.code, "protocol_violation");
    await lab.delivery.take(1, deliveries(1, 2));
  }
  reply = { taken: 2, errors: [null, [9, "x"], [0, 1], [0, "real"], "y"] };
  lab.lines.length = 0;
  await lab.delivery.take(1, deliveries(1, 2));
  assertEquals(lab.lines, ['[cordon] event "a.b" failed: real']);
});

Deno.test("EventDelivery holds nothing against events of a plugin that is stopped or did not start", async () => {
  const lab = createLab(() => Promise.reject(new CordonError("channel_closed", "gone")));
  await lab.run();
  await assertRejects(() => lab.delivery.takeKept(1, deliveries(1)), CordonError, "gone");
  lab.state.isStopping = true;
  assertEquals(await lab.delivery.takeKept(1, deliveries(1)), { taken: 0, isGone: true });
  await lab.delivery.take(1, deliveries(1));
  assertEquals(lab.lines, []);

  const failed = createLab(() => ({ taken: 1 }));
  const waiting = failed.delivery.takeKept(1, deliveries(1));
  failed.running.reject(new Error("it did not start"));
  assertEquals(await waiting, { taken: 0, isGone: true });
});

Deno.test("EventDelivery keeps no more of what a handler threw than of any error", async () => {
  const lab = createLab(() => ({ taken: 0, errors: [[0, "x".repeat(1_000_000)]] }));
  await lab.run();
  const { error } = await lab.delivery.takeKept(1, deliveries(1));
  assert(error!.length < 10_000);
});
