import { assert, assertEquals, assertRejects } from "@std/assert";
import type { PluginHost } from "@cordon/cordon";
import { CordonError } from "../../src/errors.ts";
import { eventually } from "../faults/host_process.ts";
import { openPlugins } from "../fixtures/open_plugins.ts";

/** A provider whose methods end its process the first times, and a consumer of it. */
function openShaky(idempotent: readonly string[]) {
  return openPlugins({
    a: {
      methods: ["ask"],
      code: `{ ask: (method, ...args) => ctx.call("b", method, args) }`,
      manifest: '[limits]\ncall_timeout = "10s"\n',
    },
    b: {
      methods: ["answer", "count", "fail"],
      code: `{
        file: ctx.data + "/tries",
        tries() { try { return Number(Deno.readTextFileSync(this.file)); } catch { return 0; } },
        answer(deaths) {
          const tries = this.tries() + 1;
          Deno.writeTextFileSync(this.file, String(tries));
          if (tries <= deaths) Deno.exit(3);
          return tries;
        },
        count() { return this.tries(); },
        fail() { throw new TypeError("no"); },
      }`,
      provides: `, idempotent = ${JSON.stringify(idempotent)}`,
      manifest: '[[permissions.read]]\npaths = ["$DATA"]\n[[permissions.write]]\npaths = ["$DATA"]\n' +
        '[health]\nbackoff = ["20ms", "40ms"]\nmax_restarts = "20/1m"\n',
    },
  });
}

/** Waits until the host has noticed so many ends of the provider, and runs it again. */
async function untilBack(host: PluginHost, ends: number): Promise<void> {
  const isBack = () => {
    const noticed = host.journal.list({ id: "test.b" }).filter(({ type }) => type === "plugin.backoff");
    return noticed.length === ends && host.info("test.b").state === "running";
  };
  await eventually(isBack, "the restart of the provider");
}

Deno.test("A call of an idempotent method is made again once its provider is back, and answered", async () => {
  await using test = await openShaky(["answer", "fail"]);
  const { host } = test;
  assertEquals(await host.call("a", "ask", ["answer", 2]), 3);
  assertEquals(await host.call("test.b", "count"), 3);
  // What it throws is an answer.
  await assertRejects(() => host.call("a", "ask", ["fail"]), CordonError, "no");
});

Deno.test("A call of any other method is made once, and fails when its provider ends", async () => {
  await using test = await openShaky([]);
  const { host } = test;
  const error = await assertRejects(() => host.call("a", "ask", ["answer", 1]), CordonError);
  assertEquals(error.facts.remoteCode, "channel_closed");
  await untilBack(host, 1);
  assertEquals(await host.call("test.b", "count"), 1);
});

Deno.test("The host waits for an idempotent method's provider for its own call, three times in all", async () => {
  await using test = await openShaky(["answer"]);
  const { host } = test;
  assertEquals(await host.call("b", "answer", [2]), 3);
  // Who calls the plugin by its id means this one and this time.
  const error = await assertRejects(() => host.call("test.b", "answer", [9]), CordonError);
  assertEquals(error.code, "channel_closed");
  await untilBack(host, 3);
  await host.restartPlugin("test.b");
  await assertRejects(() => host.call("b", "answer", [99]), CordonError);
  await untilBack(host, 6);
  assertEquals(await host.call("test.b", "count"), 7);
});

Deno.test("A call that is waiting for its provider to come back ends with its caller's time", async () => {
  await using test = await openShaky(["answer"]);
  const { host } = test;
  const before = performance.now();
  await assertRejects(() => host.call("a", "ask", ["answer", 9], { timeoutMs: 300 }), CordonError);
  assert(performance.now() - before < 5_000);
});
