import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { CordonError, type PluginHost } from "@cordon/cordon";
import { openPlugins, type WrittenPlugin } from "../../fixtures/open_plugins.ts";

const ON_CALL = '[run]\nactivate = ["on:call"]\n';

/** A plugin that asks others, and says what it sees of them. */
const ASKER: WrittenPlugin = {
  methods: ["ask", "askOften", "watch", "told"],
  code: `{
    seen: [],
    ask: (name, method, args = [], options = {}) => ctx.call(name, method, args, options),
    askOften: async (name, method, count) =>
      (await Promise.all(Array.from({ length: count }, () => ctx.call(name, method)))).length,
    async watch(name) {
      const handle = await ctx.use(name);
      handle.onChange(({ available }) => this.seen.push(available));
      return { available: handle.available, provider: handle.provider, methods: Object.keys(handle) };
    },
    told() { return this.seen; },
  }`,
};

/** Counts its starts in its folder. */
const SLEEPER: WrittenPlugin = {
  methods: ["hello", "starts", "exit"],
  code: `(() => {
    const file = ctx.data + "/starts";
    const read = () => { try { return Number(Deno.readTextFileSync(file)); } catch { return 0; } };
    Deno.writeTextFileSync(file, String(read() + 1));
    return { hello: () => "hello", starts: read, exit: () => Deno.exit(3) };
  })()`,
  manifest: ON_CALL +
    '[[permissions.read]]\npaths = ["$DATA"]\n[[permissions.write]]\npaths = ["$DATA"]\n',
};

const stateOf = (host: PluginHost, id: string) => host.list().find((plugin) => plugin.id === id)!.state;

/** Code of an error that a plugin was told, as the host hears of it. */
async function codeOf(call: Promise<unknown>): Promise<unknown> {
  const error = await assertRejects(() => call, CordonError);
  return error.facts.remoteCode ?? error.code;
}

Deno.test("A plugin's first call starts its provider; it is available before, and nobody hears of the start", async () => {
  await using test = await openPlugins({ a: ASKER, b: SLEEPER });
  const { host } = test;
  assertEquals(stateOf(host, "test.b"), "ready");
  assertEquals(await host.call("a", "watch", ["b"]), {
    available: true,
    provider: { id: "test.b", version: "1.0.0" },
    methods: ["hello", "starts", "exit"],
  });
  assertEquals(stateOf(host, "test.b"), "ready");
  assertEquals(await host.call("a", "ask", ["b", "hello"]), "hello");
  assertEquals(stateOf(host, "test.b"), "running");
  assertEquals(await host.call("test.a", "told"), []);

  // What an administrator stops is there for nobody.
  await host.stopPlugin("test.b");
  assertEquals(await codeOf(host.call("a", "ask", ["b", "hello"])), "capability_unavailable");
  assertEquals(await host.call("test.a", "told"), [false]);
  await host.startPlugin("test.b");
  assertEquals(await host.call("a", "ask", ["b", "starts"]), 2);
});

Deno.test("A thousand first calls share one start, those of plugins and those of the host", async () => {
  await using test = await openPlugins({ a: ASKER, b: SLEEPER });
  const { host } = test;
  const many = Array.from({ length: 500 }, () => host.call("b", "hello"));
  assertEquals(await host.call("a", "askOften", ["b", "hello", 1_000]), 1_000);
  assertEquals(new Set(await Promise.all(many)), new Set(["hello"]));
  assertEquals(await host.call("b", "starts"), 1);
});

Deno.test("A call waits no longer for a start than its caller does; the start goes on for the others", async () => {
  await using test = await openPlugins({
    a: ASKER,
    slow: {
      methods: ["hello"],
      code: `new Promise((resolve) => setTimeout(() => resolve({ hello: () => "hello" }), 500))`,
      manifest: ON_CALL + '[limits]\ncall_timeout = "100ms"\n',
    },
  });
  const { host } = test;
  const slow = host.call("a", "ask", ["slow", "hello"]);
  const ended = new AbortController();
  const cancelled = assertRejects(
    () => host.call("slow", "hello", [], { signal: ended.signal }),
    Error,
    "never mind",
  );
  const late = await assertRejects(() => host.call("slow", "hello", [], { timeoutMs: 20 }), CordonError);
  assertEquals(late.code, "deadline_exceeded");
  assertMatch(late.message, /did not start in 20 ms/);
  ended.abort(new Error("never mind"));
  await cancelled;
  const options = { timeoutMs: 20 };
  assertEquals(await codeOf(host.call("a", "ask", ["slow", "hello", [], options])), "deadline_exceeded");
  assertEquals(stateOf(host, "test.slow"), "starting");
  // Its own limit for a call is shorter than its start, and begins when it runs.
  assertEquals(await slow, "hello");
  assertEquals(await host.call("slow", "hello"), "hello");
});

Deno.test("A provider that does not start fails the call with a code; the next call tries again", async () => {
  await using test = await openPlugins({
    a: ASKER,
    broken: {
      methods: ["hello"],
      code: `(() => {
        const file = ctx.data + "/starts";
        const read = () => { try { return Number(Deno.readTextFileSync(file)); } catch { return 0; } };
        Deno.writeTextFileSync(file, String(read() + 1));
        if (read() < 3) throw new Error("the password is 123");
        return { hello: () => read() };
      })()`,
      manifest: ON_CALL +
        '[[permissions.read]]\npaths = ["$DATA"]\n[[permissions.write]]\npaths = ["$DATA"]\n',
    },
  });
  const { host } = test;
  const first = await assertRejects(() => host.call("a", "ask", ["broken", "hello"]), CordonError);
  assertEquals(first.facts.remoteCode, "capability_unavailable");
  // What it fails with is for its administrator, not for those who call it.
  assert(!first.message.includes("123"), first.message);
  assertEquals(stateOf(host, "test.broken"), "failed");
  assertEquals((await assertRejects(() => host.call("broken", "hello"), CordonError)).code, "start_failed");
  assertEquals(await host.call("a", "ask", ["broken", "hello"]), 3);
});

Deno.test("A provider on demand that failed gives way to another one", async () => {
  const geo = (version: string, code: string, manifest: string): WrittenPlugin => ({
    methods: [],
    provides: ` }\ngeo = { version = "${version}", methods = ["where"]`,
    code,
    manifest,
  });
  await using test = await openPlugins({
    a: { ...ASKER, manifest: 'geo = { version = "^1", optional = true }\n' },
    best: geo("1.2.0", 'Promise.reject(new Error("no"))', ON_CALL),
    good: geo("1.1.0", '({ where: () => "good" })', ON_CALL),
  });
  const { host } = test;
  assertEquals(await codeOf(host.call("a", "ask", ["geo", "where"])), "capability_unavailable");
  assertEquals(await host.call("a", "ask", ["geo", "where"]), "good");
});

Deno.test("A method that may be repeated survives the end of a provider that its call has started", async () => {
  await using test = await openPlugins({
    a: { ...ASKER, manifest: '[limits]\ncall_timeout = "20s"\n' },
    b: {
      ...SLEEPER,
      methods: ["starts", "shaky"],
      provides: ', idempotent = ["shaky"]',
      code: SLEEPER.code.replace(
        "hello:",
        "shaky: (deaths) => read() <= deaths ? Deno.exit(3) : read(), hello:",
      ),
    },
  });
  assertEquals(await test.host.call("a", "ask", ["b", "shaky", [2]]), 3);
});

Deno.test("A circle of starts is refused at once, with its members", async () => {
  await using test = await openPlugins({
    a: {
      methods: ["ask"],
      code: `ctx.call("b", "hello").then((said) => ({ ask: () => said }))`,
      manifest: ON_CALL,
    },
    b: { methods: ["hello"], code: `ctx.call("c", "hello").then((hello) => ({ hello }))`, manifest: ON_CALL },
    c: { methods: ["hello"], code: `ctx.call("a", "ask").then((hello) => ({ hello }))`, manifest: ON_CALL },
    d: { methods: ["hello"], code: `ctx.call("c", "hello").catch(({ code }) => ({ hello: () => code }))` },
  });
  const { host } = test;
  const began = performance.now();
  const error = await assertRejects(() => host.call("a", "ask"), CordonError);
  assertEquals(error.code, "start_failed");
  assert(performance.now() - began < 8_000);
  assertEquals(await host.call("d", "hello"), "capability_unavailable");
});

Deno.test("A plugin that is needed by the one it calls while it starts is told so", async () => {
  await using test = await openPlugins({
    a: {
      methods: ["said"],
      code: `ctx.call("b", "hello").catch(({ code, message }) => [code, message])
        .then((said) => ({ said: () => said }))`,
    },
    b: {
      methods: ["hello"],
      code: `({ hello: () => "hello" })`,
      manifest: ON_CALL + '[requires]\n"test.a" = "^1"\n',
    },
  });
  const { host } = test;
  const [code, message] = await host.call("a", "said") as string[];
  assertEquals(code, "deadlock");
  assertMatch(message!, /"test.b" waits for "test.a"/);
  assertEquals(await host.call("b", "hello"), "hello");
});

Deno.test("What a plugin cannot run without starts before it, unless it starts when it is called", async () => {
  await using test = await openPlugins({
    a: {
      methods: ["ask"],
      code: `ctx.call("lazy", "hello").then((said) => ({ ask: () => said }))`,
      manifest: '[requires]\n"test.lazy" = "^1"\n"test.waker" = "^1"\n',
    },
    lazy: { methods: ["hello"], code: `({ hello: () => "hello" })`, manifest: ON_CALL },
    waker: { methods: [], code: "({})", manifest: '[run]\nactivate = ["on:event:never.*"]\n' },
    other: { methods: ["hello"], code: `({ hello: () => "hello" })`, manifest: ON_CALL },
    user: { methods: [], code: "({})", manifest: '[requires]\n"test.other" = "^1"\n' },
  });
  const { host } = test;
  assertEquals(
    Object.fromEntries(host.list().map(({ id, state }) => [id, state])),
    {
      "test.a": "running",
      "test.lazy": "running",
      "test.other": "ready",
      "test.user": "running",
      "test.waker": "running",
    },
  );
  // Nothing starts while the host stops, and it can start again.
  await host.stop();
  assert(host.list().every(({ pid }) => pid === undefined));
  await host.start();
  assertEquals(stateOf(host, "test.other"), "ready");
  assertEquals(await host.call("a", "ask"), "hello");
});

Deno.test("Nothing that is called at the end of the host starts any more", async () => {
  await using test = await openPlugins({
    a: {
      methods: [],
      code: `(ctx.signal.addEventListener("abort", () => ctx.call("b", "hello").catch(() => {})), {})`,
    },
    b: SLEEPER,
  });
  const { host } = test;
  await host.stop();
  assert(host.list().every(({ pid }) => pid === undefined));
  assertEquals(await host.call("b", "starts"), 1);
});
