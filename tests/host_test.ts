import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { CordonError, openHost } from "@cordon/cordon";
import { BEST_TIER, fixture, manifestText, openFixtures, writePlugin } from "./fixtures/start_host.ts";

Deno.test("PluginHost.start() starts plugins in the order of their dependencies", async () => {
  await using opened = await openFixtures(["polite", "greeter"]);
  const plugins = await opened.host.start();
  assertEquals(plugins.map(({ id, state, tier }) => [id, state, tier]), [
    ["fixture.greeter", "running", BEST_TIER],
    ["fixture.polite", "running", BEST_TIER],
  ]);
  const started = opened.host.journal.list().filter(({ facts }) => facts.to === "running").map(({ id }) =>
    id
  );
  assertEquals(started, ["fixture.greeter", "fixture.polite"]);
});

Deno.test("PluginHost.call() reaches a plugin by id and by capability, and plugins reach each other", async () => {
  await using opened = await openFixtures(["polite", "greeter"]);
  const { host } = opened;
  await host.start();
  assertEquals(await host.call("greet", "hello", ["Ada"]), "Hello Ada");
  assertEquals(await host.call("fixture.polite", "greetTwice", ["Bo"]), ["Hello Bo", "Hello Bo"]);
  assertEquals(await host.call("polite", "heard"), ["Ada", "Bo", "Bo"]);
});

Deno.test("PluginHost.call() carries bytes as bytes, wherever they stand", async () => {
  await using opened = await openFixtures(["greeter"]);
  const value = { a: [new Uint8Array([1, 2]), null], b: new Uint8Array(300_000).fill(7), c: "é" };
  assertEquals(await opened.host.call("greet", "echo", [value]), value);
});

Deno.test("PluginHost.call() starts what a call needs, and only that", async () => {
  await using opened = await openFixtures(["polite", "greeter", "crashes_on_demand"]);
  await opened.host.call("polite", "heard");
  assertEquals(opened.host.list().map(({ state }) => state), ["ready", "running", "running"]);
});

Deno.test("PluginHost.call() hands over what a method threw, with its cause and without belief in its code", async () => {
  await using opened = await openFixtures(["greeter"]);
  const error = await assertRejects(() => opened.host.call("greet", "fail"), CordonError);
  assertEquals([error.code, error.message], ["plugin_error", "no such greeting"]);
  assertEquals(error.facts.name, "TypeError");
  assertInstanceOf(error.cause, CordonError);
  assertEquals(error.cause.message, "out of words");
});

Deno.test("PluginHost.call() refuses methods that every object has", async () => {
  await using opened = await openFixtures(["greeter"]);
  for (const method of ["toString", "constructor", "__proto__", "activate", "then"]) {
    const error = await assertRejects(() => opened.host.call("greet", method), CordonError);
    assertEquals(error.code, "method_not_found");
  }
});

Deno.test("PluginHost.call() ends at its deadline and at its signal", async () => {
  await using opened = await openFixtures(["crashes_on_demand"]);
  const late = await assertRejects(
    () => opened.host.call("fixture.crashes-on-demand", "hang", [], { timeoutMs: 20 }),
    CordonError,
  );
  assertEquals(late.code, "deadline_exceeded");
  const controller = new AbortController();
  const hanging = opened.host.call("fixture.crashes-on-demand", "hang", [], { signal: controller.signal });
  const reason = new Error("enough");
  controller.abort(reason);
  assertEquals(await assertRejects(() => hanging), reason);
});

Deno.test("A plugin can use only what its manifest declares, and each refusal is in the journal", async () => {
  await using opened = await openFixtures(["polite", "greeter"]);
  const { host } = opened;
  for (
    const [method, part] of [
      ["undeclaredUse", "under [uses]"],
      ["undeclaredPublish", "under events.publishes"],
      ["undeclaredSubscribe", "under events.subscribes"],
      ["unknownMethod", "no such method"],
    ] as const
  ) {
    const error = await assertRejects(() => host.call("fixture.polite", method), CordonError);
    assertStringIncludes(error.message, part);
  }
  const refused = host.journal.list().filter(({ type }) => type === "call.refused");
  assertEquals(refused.map(({ id }) => id), Array(3).fill("fixture.polite"));
});

Deno.test("PluginHost.subscribe() and publish() exchange events with plugins", async () => {
  await using opened = await openFixtures(["greeter", "polite"]);
  const { host } = opened;
  await host.start();
  const controller = new AbortController();
  const events = host.subscribe("greeter.*", { signal: controller.signal });
  const first = events.next();
  await host.call("greet", "hello", ["Cy"]);
  const { traceparent, ...event } = (await first).value!;
  assertEquals(event, { topic: "greeter.said", publisher: "fixture.greeter", missed: 0, value: "Cy" });
  assertMatch(traceparent!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  host.publish("greeter.mood", "fine");
  assertEquals((await events.next()).value?.publisher, "host");
  controller.abort();
  assertEquals((await events.next()).done, true);
  // What the host's own subscriber has had may be on its way to others.
  let heard: unknown[];
  do heard = await host.call("polite", "heard") as unknown[]; while (heard.length < 2);
  assertEquals(heard, ["Cy", "fine"]);
});

Deno.test("A plugin that fails to start says why in one sentence, and the others run on", async (test) => {
  const cases = [
    [
      "throws_at_import",
      "failed",
      /^Cannot start "fixture.throws-at-import": Error: the module is in no mood$/,
    ],
    ["never_ready", "failed", /it was not ready within 0\.3 s \(limits\.start_timeout\)$/],
    ["exits_early", "failed", /its process ended with code 0 before it was ready \(leaving\)$/],
    ["breaks_promises", "failed", /it provides no function for "put" of "store", "drop" of "store"/],
    ["has_no_main", "invalid", /main\.ts: does not exist, but the manifest names it as "main"$/],
    ["needs_broken", "blocked", /it needs "fixture.throws-at-import", which did not start$/],
  ] as const;
  await using opened = await openFixtures(["greeter", ...cases.map(([name]) => name)]);
  const plugins = new Map((await opened.host.start()).map((plugin) => [plugin.id, plugin]));
  assertEquals(plugins.get("fixture.greeter")?.state, "running");
  for (const [name, state, message] of cases) {
    await test.step(name, () => {
      const plugin = plugins.get(`fixture.${name.replaceAll("_", "-")}`) ?? plugins.get(name);
      assertEquals(plugin?.state, state);
      assertMatch(plugin?.message ?? "", message);
    });
  }
  assertEquals(await opened.host.call("greet", "hello", ["Di"]), "Hello Di");
});

Deno.test("A plugin that crashes fails its calls, is noticed, and can be started again by a call", async () => {
  await using opened = await openFixtures(["crashes_on_demand", "greeter"]);
  const { host } = opened;
  await host.start();
  const failed = (async () => {
    for await (const { id, facts } of host.journal.follow()) if (facts.to === "failed") return id;
    return undefined;
  })();
  const error = await assertRejects(() => host.call("fixture.crashes-on-demand", "crash"), CordonError);
  assertEquals(error.code, "channel_closed");
  assertEquals(await failed, "fixture.crashes-on-demand");
  assertEquals(
    host.info("fixture.crashes-on-demand").message,
    '"fixture.crashes-on-demand" ended by itself with code 7',
  );
  assertEquals(await host.call("greet", "hello", ["Ed"]), "Hello Ed");
  const again = await assertRejects(() => host.call("fixture.crashes-on-demand", "crash"), CordonError);
  assertEquals(again.code, "channel_closed");
});

Deno.test("Without consent only plugins that ask for nothing start", async () => {
  await using input = await writePlugin({ "note.txt": "hi" });
  await using opened = await openFixtures(["greeter", "reads_input"], { vars: { input: input.dir } });
  const plugins = await opened.host.start();
  assertEquals(plugins.map(({ state, reason }) => [state, reason]), [["running", undefined], [
    "blocked",
    "consent",
  ]]);
  assertStringIncludes(plugins[1]!.message!, `read "${input.dir}"`);
  const error = await assertRejects(
    () => opened.host.call("fixture.reads-input", "read", ["note.txt"]),
    CordonError,
  );
  assertEquals(error.code, "consent");
});

Deno.test("A granted plugin reaches what it asked for and nothing beside it", async () => {
  await using input = await writePlugin({ "note.txt": "hi" });
  await using beside = await writePlugin({ "note.txt": "secret" });
  await using opened = await openFixtures(["reads_input"], {
    vars: { input: input.dir },
    grant: "requested",
  });
  assertEquals(await opened.host.call("fixture.reads-input", "read", ["note.txt"]), "hi");
  const error = await assertRejects(
    () => opened.host.call("fixture.reads-input", "read", [`../${beside.dir.split("/").at(-1)}/note.txt`]),
    CordonError,
  );
  assertMatch(error.message, /^Requires read access/);
});

Deno.test("A variable without a value blocks the plugin that needs it, and says which", async () => {
  await using opened = await openFixtures(["reads_input"], { grant: "requested" });
  const [plugin] = opened.host.list();
  assertEquals([plugin?.state, plugin?.reason, plugin?.hint], ["blocked", "variable", "Add --var input=…"]);
});

Deno.test("A grant that would open Cordon's own data is refused", async () => {
  await using plugin = await writePlugin({
    "plugin.toml": manifestText("acme.greedy", '[[permissions.write]]\npaths = ["${where}"]\n'),
    "main.ts": "export function activate() {}\n",
  });
  const data = await Deno.realPath(await Deno.makeTempDir());
  for (const where of [data, `${data}/prepared`, "/"]) {
    await using host = await openHost({ plugins: [plugin.dir], data, grant: "requested", vars: { where } });
    assertEquals(host.list().map(({ state, reason }) => [state, reason]), [["blocked", "policy"]]);
  }
  await Deno.remove(data, { recursive: true });
});

Deno.test("A plugin whose own folder holds the data folder is refused", async () => {
  await using plugin = await writePlugin({
    "plugin.toml": manifestText("acme.around"),
    "main.ts": "export function activate() {}\n",
  });
  await using host = await openHost({ plugins: [plugin.dir], data: `${plugin.dir}/.cordon` });
  assertEquals(host.list().map(({ state, reason }) => [state, reason]), [["blocked", "policy"]]);
});

Deno.test("Of two providers the chosen one answers, in whatever order they start", async () => {
  const provider = (id: string, version: string, phase: string) =>
    writePlugin({
      "plugin.toml": manifestText(
        id,
        `[run]\nphase = "${phase}"\n[provides]\nsame = { version = "${version}", methods = ["who"] }\n`,
      ),
      "main.ts": `export const activate = () => ({ who: () => "${id}" });\n`,
    });
  await using newer = await provider("acme.newer", "1.1.0", "boot");
  await using older = await provider("acme.older", "1.0.0", "application");
  await using user = await writePlugin({
    "plugin.toml": manifestText("acme.user", `[run]\nphase = "application"\n[uses]\nsame = "^1"\n`),
    "main.ts":
      `export const activate = async (ctx: any) => { const same = await ctx.use("same"); return { ask: () => same.who() }; };\n`,
  });
  await using opened = await openFixtures([], { plugins: [newer.dir, older.dir, user.dir] });
  await opened.host.start();
  assertEquals(await opened.host.call("acme.user", "ask"), "acme.newer");
});

Deno.test("openHost() fails clearly for a missing folder and for a file, and leaves nothing behind", async () => {
  const data = await Deno.makeTempDir();
  for (
    const [path, part] of [["/no/such/folder", "does not exist"], [
      fixture("greeter/main.ts"),
      "is a file",
    ]] as const
  ) {
    const error = await assertRejects(() => openHost({ plugins: [path], data }), CordonError);
    assertEquals(error.code, "not_found");
    assertStringIncludes(error.message, part);
  }
  assertEquals((await Array.fromAsync(Deno.readDir(data))).filter(({ name }) => name.startsWith("run-")), []);
  await Deno.remove(data, { recursive: true });
});

Deno.test("Two plugins with one id: neither runs, each names the other, and the rest runs on", async () => {
  await using twin = await writePlugin({
    "plugin.toml": manifestText("fixture.greeter"),
    "main.ts": "export function activate() {}\n",
  });
  await using opened = await openFixtures([], {
    plugins: [fixture("greeter"), fixture("crashes_on_demand"), twin.dir],
  });
  const plugins = await opened.host.start();
  assertEquals(plugins.map(({ state }) => state).sort(), ["invalid", "invalid", "running"]);
  assertEquals(plugins.filter(({ message }) => message?.includes(twin.dir)).length >= 1, true);
});

Deno.test("A host remembers the versions it saw, and knows an unchanged plugin by its contents", async () => {
  await using plugin = await writePlugin({
    "plugin.toml": manifestText("acme.seen"),
    "main.ts": "export function activate() {}\n",
  });
  await using data = await writePlugin({});
  const look = async () => {
    await using host = await openHost({ plugins: [plugin.dir], data: data.dir });
    return host.info("acme.seen").versions.map(({ version }) => version);
  };
  assertEquals(await look(), ["1.0.0"]);
  // Touching a file changes its stamp and nothing else.
  await Deno.utime(`${plugin.dir}/main.ts`, 1, 1);
  assertEquals(await look(), ["1.0.0"]);
  const text = await Deno.readTextFile(`${plugin.dir}/plugin.toml`);
  await Deno.writeTextFile(
    `${plugin.dir}/plugin.toml`,
    text.replace('version = "1.0.0"', 'version = "1.1.0"'),
  );
  assertEquals(await look(), ["1.0.0", "1.1.0"]);
});

Deno.test("PluginHost closes its plugins when its signal aborts", async () => {
  const controller = new AbortController();
  await using opened = await openFixtures(["greeter"], { signal: controller.signal });
  await opened.host.start();
  const stopped = (async () => {
    for await (const { facts } of opened.host.journal.follow()) if (facts.to === "stopped") return true;
    return false;
  })();
  controller.abort();
  assert(await stopped);
});

Deno.test("Several hosts live in one process", async () => {
  await using first = await openFixtures(["greeter"]);
  await using second = await openFixtures(["greeter"]);
  assertEquals(
    await Promise.all(
      [first, second].map(({ host }, index) => host.call("greet", "hello", [`host ${index}`])),
    ),
    ["Hello host 0", "Hello host 1"],
  );
});
