/**
 * A host whose plugins are called inside a span of the program's own; run
 * with `OTEL_DENO=true`. It goes on until its input ends.
 *
 * @module
 */

import { openHost } from "@cordon/cordon";

/** Prints a line. */
const print = (line: unknown) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));

const [plugins, data] = Deno.args;
const host = await openHost({ plugins: [plugins!], data: data!, grant: "requested" });
await host.start();
const tracer = Deno.telemetry.tracerProvider.getTracer("test");
await tracer.startActiveSpan("request", async (span: { end(): void }) => {
  print(await host.call("acme.front", "traceparent", []));
  await host.call("store", "fail", []).catch(() => {});
  await host.call("acme.front", "say", []);
  host.publish("clock.hour", 12);
  print(await host.call("acme.back", "heard", []));
  span.end();
});
for await (const _ of Deno.stdin.readable) {
  // Nothing is said; only the end counts.
}
await host[Symbol.asyncDispose]();
