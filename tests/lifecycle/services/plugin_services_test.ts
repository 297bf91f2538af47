import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Capabilities } from "../../../src/bus/capabilities.ts";
import type { CapabilityCallOptions } from "../../../src/bus/provider.ts";
import { EventBus } from "../../../src/bus/event_bus.ts";
import type { Delivery } from "../../../src/bus/published_event.ts";
import { SharedResources } from "../../../src/bus/resources/shared_resources.ts";
import { CordonError } from "../../../src/errors.ts";
import { PluginServices } from "../../../src/lifecycle/services/plugin_services.ts";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { IncomingCall } from "../../../src/rpc/incoming_call.ts";
import type { LogRecord } from "../../../src/internal/log_record.ts";
import { quickSubscriber } from "../../bus/slow_subscriber.ts";

const MANIFEST = `schema = 1
[plugin]
id = "acme.app"
version = "1.0.0"
main = "main.ts"
[uses]
geocode = "^1"
[events]
publishes = ["app.ready"]
subscribes = ["clock.*"]
[limits]
log_rate = "3/1h"
`;

/** What a watched publication goes on with. */
const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/** One plugin's services, and what came of its requests. */
class Desk implements Disposable {
  readonly capabilities = new Capabilities();
  readonly events = new EventBus();
  readonly records: LogRecord[] = [];
  readonly refusals: string[] = [];
  readonly deliveries: [subscription: number, delivery: Delivery][] = [];
  /** What the plugin was told: name and parameters. */
  readonly told: unknown[][] = [];
  readonly ended: [subscription: number, code: string][] = [];
  /** What else was noted: type and message. */
  readonly notes: unknown[][] = [];
  readonly services = new PluginServices({
    telemetry: { publish: () => TRACE },
    manifest: parseManifest(MANIFEST, "plugin.toml"),
    capabilities: this.capabilities,
    events: this.events,
    resources: new SharedResources(),
    registry: { note: (type, { message }) => void this.notes.push([type, message]) },
    log: (record) => this.records.push(record),
    held: () => ({ events: [] }),
    delivery: {
      take: (subscription, batch) =>
        Promise.resolve(batch.forEach((delivery) => this.deliveries.push([subscription, delivery]))),
      takeKept: (_subscription, batch) => Promise.resolve({ taken: batch.length }),
      end: (subscription, error) => Promise.resolve(void this.ended.push([subscription, error.code])),
    },
    onRefusal: (message) => this.refusals.push(message),
  });

  constructor() {
    this.services.connect({
      notify: (name, params) => void this.told.push([name, ...params]),
      originOf: () => undefined,
    });
  }

  /** Asks for something as the plugin does. */
  ask(method: string, ...params: unknown[]): unknown {
    const context = new IncomingCall({ id: 0, timeoutMs: 7 });
    return this.services.handlers.get(method)!(params, context);
  }

  log(...params: unknown[]): void {
    this.services.notifications.get("log")!(params);
  }

  [Symbol.dispose](): void {
    this.services[Symbol.dispose]();
  }
}

Deno.test("PluginServices answers the requests there are, and takes two notifications", () => {
  using desk = new Desk();
  assertEquals([...desk.services.handlers.keys()], [
    ...["use", "call", "publish", "subscribe", "unsubscribe"],
    ...["acquire", "renew", "release", "lostLeases", "count", "cache"],
    ...["blobOpen", "blobRead", "blobWrite", "blobAppend"],
  ]);
  assertEquals([...desk.services.notifications.keys()], ["log", "unsent"]);
});

Deno.test("PluginServices lets a plugin use and call what its manifest names", async () => {
  using desk = new Desk();
  const invocations: [string, readonly unknown[], CapabilityCallOptions | undefined][] = [];
  desk.capabilities.announce("geocode", {
    id: "acme.geo",
    version: "1.2.0",
    methods: new Set(["find"]),
    invoke(method, args, options) {
      invocations.push([method, args, options]);
      return Promise.resolve("Bern");
    },
  });
  assertEquals(desk.ask("use", "geocode"), null);
  assertEquals(desk.told, [["capability", "geocode", {
    provider: { id: "acme.geo", version: "1.2.0" },
    methods: ["find"],
  }]]);
  assertStrictEquals(await desk.ask("call", "geocode", "find", [46, 7]), "Bern");
  const [[method, args, options] = []] = invocations;
  assertEquals([method, args, options!.timeoutMs, options!.caller], ["find", [46, 7], 7, "acme.app"]);
  assertEquals(desk.refusals, []);
});

Deno.test("PluginServices refuses what the manifest does not name, and has it noted", async () => {
  using desk = new Desk();
  const refused: [() => unknown, string][] = [
    [() => desk.ask("use", "maps"), 'Cannot use "maps"'],
    [() => desk.ask("publish", "app.other", 1), 'Cannot publish "app.other"'],
    [() => desk.ask("publish", "app.*", 1), 'Cannot publish "app.*"'],
    [() => desk.ask("subscribe", 1, "clock.hour"), 'Cannot subscribe to "clock.hour"'],
    [() => desk.ask("subscribe", 1, "**"), 'Cannot subscribe to "**"'],
  ];
  for (const [request, message] of refused) {
    assertStrictEquals(assertThrows(request, CordonError, message).code, "not_declared");
  }
  const call = desk.ask("call", "constructor", "find", []) as Promise<unknown>;
  assertStrictEquals((await assertRejects(() => call, CordonError)).code, "not_declared");
  assertStrictEquals(desk.refusals.length, refused.length + 1);
  // Not there yet is no refusal.
  assertEquals(desk.ask("use", "geocode"), null);
  assertEquals(desk.told, [["capability", "geocode", { provider: null, methods: [] }]]);
  assertStrictEquals(desk.refusals.length, refused.length + 1);
});

Deno.test("PluginServices reports changes of what a plugin asked for, each once, until it ends", () => {
  const desk = new Desk();
  const announce = (name: string, id: string, version: string) =>
    desk.capabilities.announce(name, {
      id,
      version,
      methods: new Set(["find"]),
      invoke: () => Promise.resolve(),
    });
  announce("geocode", "acme.geo", "1.0.0");
  assertEquals(desk.told, []);
  desk.ask("use", "geocode");
  desk.ask("use", "geocode");
  announce("maps", "acme.geo", "1.0.0");
  announce("geocode", "acme.more", "1.1.0");
  desk.capabilities.withdraw("acme.more");
  desk.capabilities.withdraw("acme.geo");
  const providers = desk.told.map(([, , report]) =>
    (report as { provider: { id: string } | null }).provider?.id
  );
  assertEquals(providers, ["acme.geo", "acme.geo", "acme.more", "acme.geo", undefined]);
  desk.services[Symbol.dispose]();
  announce("geocode", "acme.geo", "1.0.0");
  assertStrictEquals(desk.told.length, 5);
});

Deno.test("PluginServices does not fail others over a plugin that cannot be told", () => {
  using desk = new Desk();
  desk.ask("use", "geocode");
  desk.services.connect({
    originOf: () => undefined,
    notify: () => {
      throw new CordonError("not_reading", "Cannot send: the far end does not read");
    },
  });
  desk.capabilities.announce("geocode", {
    id: "acme.geo",
    version: "1.0.0",
    methods: new Set(),
    invoke: () => Promise.resolve(),
  });
});

Deno.test("PluginServices takes nothing but names for names, and lists for lists", async () => {
  using desk = new Desk();
  for (const name of [undefined, null, 1, {}, ["geocode"], { toString: () => "geocode" }, "x".repeat(257)]) {
    for (const request of ["use", "publish"]) {
      assertStrictEquals(assertThrows(() => desk.ask(request, name), CordonError).code, "invalid_input");
    }
    assertThrows(() => desk.ask("subscribe", 1, name), CordonError);
    await assertRejects(() => desk.ask("call", name, "find", []) as Promise<unknown>, CordonError);
    await assertRejects(() => desk.ask("call", "geocode", name, []) as Promise<unknown>, CordonError);
  }
  for (const args of [undefined, null, {}, { length: 1 }, "ab"]) {
    await assertRejects(
      () => desk.ask("call", "geocode", "find", args) as Promise<unknown>,
      CordonError,
      "no list",
    );
  }
  assertEquals(desk.refusals, []);
});

Deno.test("PluginServices carries events from and to a plugin, under its own name", () => {
  using desk = new Desk();
  const published: unknown[] = [];
  desk.events.subscribe(
    "app.*",
    quickSubscriber((delivery) => {
      published.push([delivery.event.value.decode(), delivery.event.originFor(delivery)]);
    }),
  );
  desk.ask("publish", "app.ready", { ok: true });
  assertEquals(published, [[
    { ok: true },
    { topic: "app.ready", publisher: "acme.app", missed: 0, traceparent: TRACE },
  ]]);

  desk.ask("subscribe", 3, "clock.*");
  desk.events.publish("clock.hour", 1, "host");
  desk.ask("unsubscribe", 3);
  desk.ask("unsubscribe", 3);
  desk.ask("unsubscribe", { id: 3 });
  desk.events.publish("clock.hour", 2, "host");
  assertEquals(desk.deliveries.map(([id, { event }]) => [id, event.value.decode()]), [[3, 1]]);
});

Deno.test("PluginServices bounds subscriptions, and gives each id once", () => {
  using desk = new Desk();
  desk.ask("subscribe", 0, "clock.*");
  for (const id of [0, -0, 0.5, NaN, "1", null, undefined, 2 ** 53]) {
    assertStrictEquals(
      assertThrows(() => desk.ask("subscribe", id, "clock.*"), CordonError).code,
      "invalid_input",
    );
  }
  for (let id = 1; id < 256; id++) desk.ask("subscribe", id, "clock.*");
  const error = assertThrows(() => desk.ask("subscribe", 256, "clock.*"), CordonError);
  assertStrictEquals(error.code, "too_many_subscriptions");
  desk.ask("unsubscribe", 7);
  desk.ask("subscribe", 256, "clock.*");
});

Deno.test("PluginServices ends every subscription when it is disposed of", () => {
  const desk = new Desk();
  for (const id of [1, 2, 3]) desk.ask("subscribe", id, "clock.*");
  desk.services[Symbol.dispose]();
  desk.services[Symbol.dispose]();
  desk.events.publish("clock.hour", 1, "host");
  assertEquals(desk.deliveries, []);
});

Deno.test("PluginServices keeps log records as data: a known level, text without control characters", () => {
  using desk = new Desk();
  desk.log("warn", "low \u001b[31mon\u0007 fuel", { litres: 3 });
  desk.log("__proto__", 42, null);
  desk.services.print("stderr", "over\rwritten");
  assertEquals(
    desk.records.map(({ id, level, source, message, facts }) => ({ id, level, source, message, facts })),
    [
      {
        id: "acme.app",
        level: "warn",
        source: "log",
        message: "low \ufffd[31mon\ufffd fuel",
        facts: { litres: 3 },
      },
      { id: "acme.app", level: "info", source: "log", message: "42", facts: undefined },
      { id: "acme.app", level: "warn", source: "stderr", message: "over\ufffdwritten", facts: undefined },
    ],
  );
});

Deno.test("PluginServices drops records above limits.log_rate, and says how many in the end", () => {
  const desk = new Desk();
  for (let index = 0; index < 10; index++) desk.services.print("stdout", `line ${index}`);
  assertEquals(desk.records.map(({ message }) => message), ["line 0", "line 1", "line 2"]);
  desk.services[Symbol.dispose]();
  assertStrictEquals(desk.records.length, 4);
  assertStringIncludes(desk.records[3]!.message, "7 records were dropped");
});

Deno.test("PluginServices refuses options and values that mean nothing, each with a line of the journal", () => {
  using desk = new Desk();
  const refused: [() => unknown, string][] = [
    [() => desk.ask("subscribe", 1, "clock.*", { overflow: "never" }), "invalid_input"],
    [() => desk.ask("subscribe", 1, "clock.*", 7), "invalid_input"],
    [() => desk.ask("publish", "app.ready", "x".repeat(1 << 20)), "too_large"],
    [() => desk.ask("publish", "app.ready", new Map()), "invalid_input"],
  ];
  for (const [request, code] of refused) {
    assertStrictEquals(assertThrows(request, CordonError).code, code);
  }
  assertStrictEquals(desk.refusals.length, refused.length);
  // What was refused holds no place.
  desk.ask("subscribe", 1, "clock.*", { queue: 1, overflow: "disconnect", name: "mine" });
  for (let n = 0; n < 3; n++) desk.events.publish("clock.hour", n, "host");
  assertEquals(desk.ended, [[1, "subscriber_too_slow"]]);
  desk.ask("subscribe", 1, "clock.*");
});

Deno.test("PluginServices notes what the plugin could not send, and what was refused or ended on its way", () => {
  using desk = new Desk();
  const tell = (why: unknown) => desk.services.notifications.get("unsent")!([why]);
  tell("Cannot carry a function");
  tell([["no text"]]);
  tell("x".repeat(100_000));
  desk.services.noteRefusal(new CordonError("method_not_found", "no such method"));
  assertEquals(desk.refusals.map((message) => message.slice(0, 61)), [
    "It could not send what it wanted to: Cannot carry a function",
    "It could not send what it wanted to: something",
    "It could not send what it wanted to: xxxxxxxxxxxxxxxxxxxxxxxx",
    "no such method",
  ]);
  assert(desk.refusals.every(({ length }) => length < 10_000));
  for (let at = 0; at < 100; at++) {
    desk.services.noteStreamFault(new CordonError("stream_idle", `idle ${at}`));
  }
  assertEquals(desk.notes.length, 10);
  assertEquals(desk.notes[0], ["stream.idle", "idle 0"]);
});
