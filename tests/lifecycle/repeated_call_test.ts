import { assert, assertEquals, assertRejects } from "@std/assert";
import type { PluginHost } from "@cordon/cordon";
import { CordonError } from "../../src/errors.ts";
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
      manifest: '[[permissions.read]]\npaths = ["$DATA"]\n[[permissions.write]]\npaths = ["$DATA"]\n',
    },
  });
}

/** Waits until the host has noticed that the provider ended. */
async function untilEnded(host: PluginHost): Promise<void> {
  const ended = host.journal.follow();
  for (;;) {
    if (host.list().find(({ id }) => id === "test.b")!.state === "failed") break;
    await ended.next();
  }
  await ended.return(undefined);
}

Deno.test("A call of an idempotent method is made again once its provider is back, and answered", async () => {
  await using test = await openShaky(["answer", "fail"]);
  const { host } = test;
  const following = new AbortController();
  const reviving = (async () => {
    for await (const { type, id, facts } of host.journal.follow({ signal: following.signal })) {
      if (type === "plugin.state" && id === "test.b" && facts.to === "failed") {
        await host.startPlugin("test.b");
      }
    }
  })();
  assertEquals(await host.call("a", "ask", ["answer", 2]), 3);
  assertEquals(await host.call("test.b", "count"), 3);
  // What it throws is an answer.
  await assertRejects(() => host.call("a", "ask", ["fail"]), CordonError, "no");
  following.abort();
  await reviving;
});

Deno.test("A call of any other method is made once, and fails when its provider ends", async () => {
  await using test = await openShaky([]);
  const { host } = test;
  const error = await assertRejects(() => host.call("a", "ask", ["answer", 1]), CordonError);
  assertEquals(error.facts.remoteCode, "channel_closed");
  await untilEnded(host);
  await host.startPlugin("test.b");
  assertEquals(await host.call("test.b", "count"), 1);
});

Deno.test("The host starts an idempotent method's provider again for its own call, three times in all", async () => {
  await using test = await openShaky(["answer"]);
  const { host } = test;
  assertEquals(await host.call("b", "answer", [2]), 3);
  // Who calls the plugin by its id means this one and this time.
  const error = await assertRejects(() => host.call("test.b", "answer", [9]), CordonError);
  assertEquals(error.code, "channel_closed");
  await untilEnded(test.host);
  await assertRejects(() => host.call("b", "answer", [99]), CordonError);
  await untilEnded(test.host);
  assertEquals(await host.call("test.b", "count"), 7);
});

Deno.test("A call that is waiting for its provider to come back ends with its caller's time", async () => {
  await using test = await openShaky(["answer"]);
  const { host } = test;
  const before = performance.now();
  await assertRejects(() => host.call("a", "ask", ["answer", 9], { timeoutMs: 300 }), CordonError);
  assert(performance.now() - before < 5_000);
});
