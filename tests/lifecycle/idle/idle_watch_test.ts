import { assert, assertEquals } from "@std/assert";
import type { PluginHost } from "@cordon/cordon";
import { eventually } from "../../faults/host_process.ts";
import { openPlugins, type WrittenPlugin } from "../../fixtures/open_plugins.ts";

/** A plugin that is stopped after a short time without work. */
const idle = (ms: number, activate = '"on:call"') =>
  `[run]\nactivate = [${activate}]\nidle_stop = "${ms}ms"\n`;

const ASKER: WrittenPlugin = {
  methods: ["ask", "publish"],
  code: `{
    ask: (name, method, args = []) => ctx.call(name, method, args),
    publish: (topic, values) => Promise.all(values.map((value) => ctx.events.publish(topic, value))),
  }`,
};

const stateOf = (host: PluginHost, id: string) => host.list().find((plugin) => plugin.id === id)!.state;
const untilIdle = (host: PluginHost, id: string) =>
  eventually(() => stateOf(host, id) === "ready", `"${id}" to be idle`);

/** How often a plugin came to a state. */
function countMoves(host: PluginHost, id: string, to: string): number {
  return host.journal.list().filter((event) =>
    event.type === "plugin.state" && event.id === id && event.facts.to === to
  ).length;
}

/** Settles as soon as a plugin comes to a state, and wakes it where it would not. */
async function untilMoved(
  host: PluginHost,
  id: string,
  to: string,
  wake: () => Promise<unknown>,
): Promise<void> {
  const moves = host.journal.follow();
  const woken = [stateOf(host, id) === "ready" ? wake() : undefined];
  for await (const event of moves) {
    if (event.type !== "plugin.state" || event.id !== id) continue;
    if (event.facts.to === to) break;
    if (event.facts.to === "ready") woken.push(wake());
  }
  void Promise.all(woken);
}

Deno.test("A plugin that has nothing to do is stopped, says so, and starts with the next call", async () => {
  await using test = await openPlugins({
    a: ASKER,
    b: { methods: ["hello"], code: `({ hello: () => "hello" })`, manifest: idle(50) },
    user: { methods: [], code: "({})", manifest: '[requires]\n"test.b" = "^1"\n' },
  });
  const { host } = test;
  assertEquals(await host.call("b", "hello"), "hello");
  await untilIdle(host, "test.b");
  assertEquals(host.list().find(({ id }) => id === "test.b")!.message, "Idle; starts on demand");
  assertEquals(stateOf(host, "test.user"), "running");
  assertEquals(await host.call("a", "ask", ["b", "hello"]), "hello");
  await untilIdle(host, "test.b");
  assertEquals(countMoves(host, "test.b", "running"), 2);
});

Deno.test("No call fails while its plugin is being stopped for idleness", async () => {
  await using test = await openPlugins({
    a: ASKER,
    b: {
      methods: ["hello"],
      // It takes a while to end, in which calls come.
      code: `(ctx.signal.addEventListener("abort", () => {}), { hello: () => "hello" })`,
      manifest: idle(10),
    },
  });
  const { host } = test;
  await host.call("b", "hello");
  const rounds = 40;
  for (let round = 0; round < rounds; round++) {
    // At each moment of the stop: when it is decided, asked, under way, done.
    const moments = ["running", "stopping", "stopped", "ready"];
    const moment = moments[round % moments.length]!;
    await untilMoved(host, "test.b", moment, () => host.call("b", "hello"));
    const calls = Array.from(
      { length: 5 },
      (_, index) => index % 2 === 0 ? host.call("b", "hello") : host.call("a", "ask", ["b", "hello"]),
    );
    // Whoever calls in the very next turns as well.
    await Promise.resolve();
    calls.push(host.call("b", "hello"));
    assertEquals(new Set(await Promise.all(calls)), new Set(["hello"]));
  }
  assert(countMoves(host, "test.b", "ready") > rounds / 4);
  assertEquals(countMoves(host, "test.b", "failed"), 0);
});

Deno.test("What is under way keeps a plugin from being idle: calls, its own calls, streams and leases", async () => {
  await using test = await openPlugins({
    a: {
      methods: ["slowly", "done"],
      code: `({
        slowly() { return new Promise((resolve) => setTimeout(() => resolve(this.is = true), 400)); },
        done() { const { is } = this; this.is = false; return is; },
      })`,
    },
    b: {
      methods: ["answering", "asking", "streaming", "holding"],
      code: `({
        answering: () => ctx.call("a", "slowly").then(() => 0),
        asking() { void ctx.call("a", "slowly"); },
        streaming: () => ReadableStream.from((async function* () {
          yield 1;
          await new Promise((resolve) => setTimeout(resolve, 200));
          await ctx.call("a", "slowly");
        })()),
        async holding() {
          const lease = await ctx.resources.lock("test.lock");
          setTimeout(async () => { await ctx.call("a", "slowly"); await lease.release(); }, 200);
        },
      })`,
      manifest: idle(50) + '[resources]\n"test.lock" = { kind = "lock" }\n',
    },
  });
  const { host } = test;
  for (const method of ["answering", "asking", "streaming", "holding"]) {
    const result = await host.call("b", method);
    if (result instanceof ReadableStream) { for await (const _ of result); }
    await untilIdle(host, "test.b");
    assertEquals(await host.call("a", "done"), true, method);
  }
  assertEquals(countMoves(host, "test.b", "running"), 4);
});

Deno.test("Events that come while their plugin is being stopped for idleness start it again; none is lost or doubled", async () => {
  const kept = '[events.topics."test.kept"]\ndelivery = "at-least-once"\n';
  await using test = await openPlugins({
    shop: { ...ASKER, manifest: `[events]\npublishes = ["test.kept", "test.tick"]\n${kept}` },
    reader: {
      methods: ["heard"],
      code: `(() => {
        const file = ctx.data + "/heard";
        ctx.events.on("test.*", (value) => Deno.writeTextFileSync(file, value + "\\n", { append: true }));
        return { heard() { try { return Deno.readTextFileSync(file).trim().split("\\n"); } catch { return []; } } };
      })()`,
      manifest: `[events]\nsubscribes = ["test.*"]\n${idle(10, '"on:event:test.*"')}` +
        '[[permissions.read]]\npaths = ["$DATA"]\n[[permissions.write]]\npaths = ["$DATA"]\n',
    },
  });
  const { host } = test;
  const sent: string[] = [];
  const moments = ["running", "stopping", "stopped", "ready"];
  const publish = async (topic: string, values: string[]) => {
    sent.push(...values);
    await host.call("shop", "publish", [topic, values]);
  };
  for (let round = 0; round < 24; round++) {
    const moment = moments[round % moments.length]!;
    await untilMoved(host, "test.reader", moment, () => publish("test.tick", [`wakes-${round}`]));
    const topic = round % 8 < 4 ? "test.kept" : "test.tick";
    const values = Array.from({ length: 3 }, (_, index) => `${topic}-${round}-${index}`);
    await publish(topic, values);
  }
  await untilIdle(host, "test.reader");
  const heard = await host.call("reader", "heard") as string[];
  assertEquals(heard.toSorted(), sent.toSorted());
  assert(countMoves(host, "test.reader", "ready") > 6);
});

Deno.test("Reloads and idle stops do not get in each other's way, and no call fails", async () => {
  await using test = await openPlugins({
    a: ASKER,
    b: { methods: ["hello"], code: `({ hello: () => "hello" })`, manifest: idle(10) },
  });
  const { host } = test;
  let isOver = false;
  const calling = (async () => {
    for (let count = 0; !isOver; count++) {
      assertEquals(await host.call("a", "ask", ["b", "hello"]), "hello");
      // Now and then it has time to be idle.
      if (count % 5 === 0) await untilIdle(host, "test.b");
    }
  })();
  for (let round = 0; round < 15; round++) await host.reload("test.b");
  isOver = true;
  await calling;
  assert(countMoves(host, "test.b", "reloading") + countMoves(host, "test.b", "ready") > 5);
});
