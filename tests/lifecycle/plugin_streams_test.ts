import { assert, assertEquals, assertRejects } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import { openPlugins } from "../fixtures/open_plugins.ts";

const SOURCE = {
  methods: ["bytes", "count", "fails", "state"],
  code: `{
    stopped: 0, made: 0,
    async *bytes(chunks, size) {
      try {
        for (let at = 0; at < chunks; at++, this.made++) yield new Uint8Array(size).fill(at);
      } finally { this.stopped++; }
    },
    count: (end) => new ReadableStream({
      start() { this.at = 0; },
      pull(controller) { this.at < end ? controller.enqueue({ at: this.at++ }) : controller.close(); },
    }),
    async *fails() { yield 1; throw new RangeError("no more"); },
    state() { return { stopped: this.stopped, made: this.made, rss: Deno.memoryUsage().rss }; },
  }`,
};
const SINK = {
  methods: ["sum", "pass", "first", "hold"],
  code: `{
    held: [],
    async sum(method, ...args) {
      let [bytes, check, items] = [0, 0, 0];
      for await (const chunk of await ctx.call("source", method, args)) {
        items++;
        bytes += chunk.byteLength ?? 0;
        check = (check * 31 + (chunk[0] ?? chunk.at)) % 1_000_003;
      }
      return { bytes, check, items };
    },
    pass: (...args) => ctx.call("source", ...args),
    async first(method, ...args) {
      for await (const chunk of await ctx.call("source", method, args)) return chunk[0];
    },
    async hold(method, ...args) { this.held.push(await ctx.call("source", method, args)); },
  }`,
};

Deno.test("A stream goes from plugin to plugin and on to the host, every chunk once and in order", async () => {
  await using test = await openPlugins({ source: SOURCE, sink: SINK });
  const check = (values: number[]) => values.reduce((sum, value) => (sum * 31 + value) % 1_000_003, 0);
  assertEquals(await test.host.call("sink", "sum", ["bytes", 300, 50_000], { timeoutMs: 20_000 }), {
    bytes: 15_000_000,
    check: check(Array.from({ length: 300 }, (_, at) => at % 256)),
    items: 300,
  });
  assertEquals(await test.host.call("sink", "sum", ["count", 2_000]), {
    bytes: 0,
    check: check(Array.from({ length: 2_000 }, (_, at) => at)),
    items: 2_000,
  });
  const passed = await test.host.call("sink", "pass", ["count", [5]]) as AsyncIterable<unknown>;
  assertEquals(await Array.fromAsync(passed), [0, 1, 2, 3, 4].map((at) => ({ at })));
  const up = ReadableStream.from([Uint8Array.of(1), "two", { three: 3 }]);
  await using echo = await openPlugins({
    echo: {
      methods: ["echo"],
      code: `{ async *echo(stream) { for await (const item of stream) yield [item]; } }`,
    },
  });
  const echoed = await echo.host.call("echo", "echo", [up]) as AsyncIterable<unknown>;
  assertEquals(await Array.fromAsync(echoed), [[Uint8Array.of(1)], ["two"], [{ three: 3 }]]);
});

Deno.test("A reader that stops early stops the source two plugins away; a source that fails says why", async () => {
  await using test = await openPlugins({ source: SOURCE, sink: SINK });
  assertEquals(await test.host.call("sink", "first", ["bytes", 1e9, 1_000]), 0);
  type State = { stopped: number; made: number };
  let state: State;
  do state = await test.host.call("source", "state") as State; while (state.stopped === 0);
  assert(state.made < 10_000, `${state.made} chunks were made for one`);
  const passed = await test.host.call("sink", "pass", ["fails", []]) as AsyncIterable<unknown>;
  await assertRejects(() => Array.fromAsync(passed), CordonError, "no more");
});

Deno.test("A plugin that ends takes its streams with it: the others learn it and go on", async () => {
  await using test = await openPlugins({ source: SOURCE, sink: SINK });
  const passed = await test.host.call("sink", "pass", ["bytes", [1e9, 1_000]]) as ReadableStream<Uint8Array>;
  const reader = passed.getReader();
  await reader.read();
  await test.host.stopPlugin("test.source");
  await assertRejects(async () => {
    while (!(await reader.read()).done);
  }, CordonError);
  assertEquals(test.host.list().map(({ id, state }) => [id, state]), [
    ["test.sink", "running"],
    ["test.source", "stopped"],
  ]);
});

Deno.test("A stream that is never read holds a window of memory, ends in time and is in the journal", async () => {
  const manifest = `[limits]\nstream_idle = "300ms"\n`;
  await using test = await openPlugins({ source: { ...SOURCE, manifest }, sink: { ...SINK, manifest } });
  await test.host.call("sink", "hold", ["bytes", 1e9, 1_000]);
  type State = { stopped: number; made: number };
  let state: State;
  do state = await test.host.call("source", "state") as State; while (state.stopped === 0);
  assert(state.made * 1_000 < 4 * 1024 * 1024, `${state.made} chunks were made for nobody`);
  const notes = test.host.journal.list().filter(({ type }) => type === "stream.idle");
  assertEquals(notes.map(({ id }) => id), ["test.sink"]);
});

Deno.test("A plugin whose streams idle one after the other fills no journal", async () => {
  const silent = { methods: ["open"], code: "{ open: () => new ReadableStream({}) }" };
  await using test = await openPlugins({
    silent: { ...silent, manifest: `[limits]\nstream_idle = "1ms"\n` },
  });
  for (let tries = 0; tries < 15; tries++) {
    const stream = await test.host.call("silent", "open") as AsyncIterable<unknown>;
    await assertRejects(() => Array.fromAsync(stream), CordonError, "nothing came");
  }
  assertEquals(test.host.journal.list().filter(({ type }) => type === "stream.idle").length, 10);
});

Deno.test("128 MiB pass between two plugins with flat memory", async () => {
  await using test = await openPlugins({ source: SOURCE, sink: SINK });
  type State = { rss: number };
  await test.host.call("sink", "sum", ["bytes", 64, 262_144], { timeoutMs: 30_000 });
  const before = [Deno.memoryUsage().rss, (await test.host.call("source", "state") as State).rss];
  await test.host.call("test.sink", "sum", ["bytes", 512, 262_144], { timeoutMs: 60_000 });
  const after = [Deno.memoryUsage().rss, (await test.host.call("source", "state") as State).rss];
  for (const [at, rss] of after.entries()) {
    assert(rss - before[at]! < 64 * 1024 * 1024, `${(rss - before[at]!) / 2 ** 20} MiB more`);
  }
});
