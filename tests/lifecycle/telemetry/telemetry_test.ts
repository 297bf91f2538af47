import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { Telemetry } from "../../../src/lifecycle/telemetry/telemetry.ts";
import { fixture, manifestText, openFixtures, writePlugin } from "../../fixtures/start_host.ts";

const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const FRESH = /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/;

function openTelemetry(): Telemetry {
  return new Telemetry({
    // deno-lint-ignore no-explicit-any -- two fields of an entry are read
    table: { list: () => [{ id: "acme.a", state: "running" } as any] },
    limits: { usageOf: () => ({ memoryBytes: 5, cpuMs: 1_500, cpuShare: 0.25 }) },
  });
}

const CALL = { callee: "acme.a", caller: "host", method: "m", trace: undefined };

Deno.test("Telemetry counts calls, those that fail, and those under way", () => {
  using telemetry = openTelemetry();
  const calls = Array.from({ length: 10 }, () => telemetry.begin(CALL));
  for (const call of calls.slice(0, 6)) call.end();
  for (const call of calls.slice(6, 8)) call.end(new Error("no"));
  const [metrics] = telemetry.list();
  const { p50Ms, p99Ms, ...counts } = metrics!.calls;
  assertEquals(counts, { total: 8, failed: 2, inFlight: 2 });
  assert(p50Ms! > 0 && p99Ms! >= p50Ms!);
  assertEquals([metrics!.memoryBytes, metrics!.cpuSec, metrics!.cpuShare], [5, 1.5, 0.25]);
});

Deno.test("Telemetry counts events of each side, and those that were dropped before one", () => {
  using telemetry = openTelemetry();
  telemetry.publish({ topic: "a.b", publisher: "acme.a", trace: undefined });
  telemetry.publish({ topic: "a.b", publisher: "host", trace: undefined });
  telemetry.deliver({ topic: "a.b", subscriber: "acme.a", trace: TRACE, missed: 3 }).end();
  telemetry.deliver({ topic: "a.b", subscriber: "acme.a", trace: TRACE, missed: 0 }).end(new Error("no"));
  assertEquals(telemetry.list()[0]!.events, { published: 1, delivered: 2, dropped: 3 });
});

Deno.test("Telemetry counts starts after the first, and passes on why one failed", async () => {
  using telemetry = openTelemetry();
  const failure = new Error("no");
  for (let count = 0; count < 3; count++) await telemetry.start("acme.a", () => Promise.resolve());
  assertEquals(await assertRejects(() => telemetry.start("acme.a", () => Promise.reject(failure))), failure);
  assertEquals(telemetry.list()[0]!.restarts, 3);
});

Deno.test("Telemetry passes the caller's trace on, and begins one where there is none", async (test) => {
  using telemetry = openTelemetry();
  assertEquals(telemetry.begin({ ...CALL, trace: TRACE }).trace, TRACE);
  assertEquals(telemetry.publish({ topic: "a", publisher: "acme.a", trace: TRACE }), TRACE);
  assertEquals(telemetry.deliver({ topic: "a", subscriber: "acme.a", trace: TRACE, missed: 0 }).trace, TRACE);
  assertMatch(telemetry.begin(CALL).trace, FRESH);
  assertNotEquals(telemetry.begin(CALL).trace, telemetry.begin(CALL).trace);
  for (const trace of ["", "no", TRACE.replace("00-", "ff-"), `${TRACE}\r\nx: y`, TRACE.repeat(9_999)]) {
    await test.step(trace.slice(0, 70), () => {
      assertMatch(telemetry.begin({ ...CALL, trace }).trace, FRESH);
      assertMatch(telemetry.publish({ topic: "a", publisher: "acme.a", trace }), FRESH);
    });
  }
});

Deno.test("PluginHost.metrics() tells what each plugin does and uses", async () => {
  await using plugin = await writePlugin({
    "plugin.toml": manifestText(
      "acme.busy",
      '[events]\npublishes = ["busy.done"]\nsubscribes = ["busy.*"]\n',
    ),
    "main.ts": `export function activate(ctx) {
      const heard = Promise.withResolvers();
      ctx.events.on("busy.*", (_value, { traceparent }) => heard.resolve(traceparent));
      return {
        fail() { throw new Error("no"); },
        publish: () => ctx.events.publish("busy.done"),
        heard: () => heard.promise,
      };
    }`,
  });
  await using opened = await openFixtures([], { plugins: [plugin.dir, fixture("greeter")] });
  const { host } = opened;
  const before = host.metrics();
  assertEquals(before.map(({ id, state, calls, memoryBytes }) => [id, state, calls.total, memoryBytes]), [
    ["acme.busy", "ready", 0, undefined],
    ["fixture.greeter", "ready", 0, undefined],
  ]);
  assertEquals([before[0]!.calls.p50Ms, before[0]!.cpuShare], [undefined, undefined]);
  await assertRejects(() => host.call("acme.busy", "fail", []));
  await host.call("acme.busy", "publish", []);
  assertMatch(await host.call("acme.busy", "heard", []) as string, FRESH);
  await assertRejects(() => host.call("acme.busy", "absent", []));
  const { calls, events, restarts } = host.metrics()[0]!;
  assertEquals([calls.total, calls.failed, calls.inFlight], [3, 1, 0]);
  assert(calls.p99Ms! > 0 && calls.p99Ms! < 60_000);
  assertEquals(events, { published: 1, delivered: 1, dropped: 0 });
  await host.restartPlugin("acme.busy");
  assertEquals([restarts, host.metrics()[0]!.restarts], [0, 1]);
});
