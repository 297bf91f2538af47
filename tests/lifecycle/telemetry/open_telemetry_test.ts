import { assert, assertEquals } from "@std/assert";
import { manifestText, writePlugin } from "../../fixtures/start_host.ts";
import { OtlpCollector } from "./otlp_collector.ts";

const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;
const PROGRAM = new URL("traced_host.ts", import.meta.url).pathname;

const PLUGINS = {
  "front/plugin.toml": manifestText(
    "acme.front",
    '[uses]\nstore = "^1"\n[events]\npublishes = ["front.said"]\nsubscribes = ["front.*"]\n',
  ),
  "front/main.ts": `export async function activate(ctx) {
    const store = await ctx.use("store");
    ctx.events.on("front.*", () => store.note());
    return {
      async traceparent() {
        await store.get(1);
        return ctx.currentCall.traceparent;
      },
      say: () => ctx.events.publish("front.said"),
    };
  }`,
  "back/plugin.toml": manifestText(
    "acme.back",
    '[provides]\nstore = { version = "1.0.0", methods = ["get", "note", "fail"] }\n[events]\nsubscribes = ["clock.*"]\n',
  ),
  "back/main.ts": `export function activate(ctx) {
    const { promise, resolve } = Promise.withResolvers();
    ctx.events.on("clock.*", (_hour, origin) => resolve(origin.traceparent));
    return { get: (value) => value, note() {}, fail() { throw new RangeError("the secret is 1234"); }, heard: () => promise };
  }`,
};

/** Runs the program until it has reported what is waited for; what it printed. */
async function runTraced(collector: OtlpCollector, isThere: () => boolean): Promise<string[]> {
  await using plugins = await writePlugin(PLUGINS);
  await using data = await writePlugin({});
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--config", CONFIG, PROGRAM, plugins.dir, data.dir],
    env: collector.env,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.output();
  // A program that fails early reports nothing more.
  await Promise.race([collector.until(isThere), child.status]);
  await child.stdin.close();
  const { success, stdout } = await output;
  assert(success);
  return new TextDecoder().decode(stdout).trim().split("\n");
}

Deno.test("With OpenTelemetry on, calls and events are spans below the caller's, and metrics arrive", async () => {
  await using collector = new OtlpCollector();
  const { spans, metrics, units } = collector;
  const isThere = () =>
    spans.has("request") && spans.has("acme.back/note") &&
    (metrics.get("cordon.calls acme.back done") ?? 0) >= 1 &&
    metrics.has("cordon.plugin.memory acme.back") && (metrics.get("cordon.plugin.cpu acme.back") ?? 0) > 0;
  const printed = await runTraced(collector, isThere);

  const request = spans.get("request")!;
  const call = spans.get("acme.front/traceparent")!;
  assertEquals([call.traceId, call.parentSpanId], [request.traceId, request.spanId]);
  assertEquals([call.kind, call.status.code], [2, 0]);
  assertEquals(call.attributes, {
    "rpc.system": "cordon",
    "rpc.service": "acme.front",
    "rpc.method": "traceparent",
    "cordon.caller": "host",
  });

  assertEquals(printed[0], `00-${call.traceId}-${call.spanId}-01`);

  const further = spans.get("acme.back/get")!;
  assertEquals([further.traceId, further.parentSpanId], [request.traceId, call.spanId]);
  assertEquals(further.attributes["cordon.caller"], "acme.front");

  const chain = ["acme.front/say", "send front.said", "process front.said", "acme.back/note"];
  let parent = request;
  for (const span of chain.map((name) => spans.get(name)!)) {
    assertEquals([span.traceId, span.parentSpanId], [request.traceId, parent.spanId], span.name);
    parent = span;
  }

  const failed = spans.get("acme.back/fail")!;
  assertEquals([failed.parentSpanId, failed.status.code], [request.spanId, 2]);
  assertEquals(failed.attributes["error.type"], "plugin_error");
  assert(!JSON.stringify([...spans.values()]).includes("1234"), "what a plugin throws stays here");

  const sent = spans.get("send clock.hour")!;
  assertEquals([sent.traceId, sent.parentSpanId, sent.kind], [request.traceId, request.spanId, 4]);
  const taken = spans.get("process clock.hour")!;
  assertEquals([taken.traceId, taken.parentSpanId, taken.kind], [request.traceId, sent.spanId, 5]);
  assertEquals(taken.attributes["cordon.subscriber"], "acme.back");
  assertEquals(printed.at(-1), `00-${taken.traceId}-${taken.spanId}-01`);

  assertEquals(spans.get("start acme.front")?.kind, 1);
  assertEquals(metrics.get("cordon.calls acme.back failed"), 1);
  assertEquals(metrics.get("cordon.events acme.back delivered"), 1);
  assertEquals(metrics.get("cordon.plugin.restarts acme.back"), 0);
  assert(metrics.get("cordon.call.duration acme.front")! >= 1);
  assert(metrics.get("cordon.plugin.memory acme.back")! > 1 << 20);
  assertEquals(units.get("cordon.call.duration"), "s");
});
