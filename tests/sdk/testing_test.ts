import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { CordonError } from "@cordon/cordon";
import type { EventOrigin, PluginContext } from "@cordon/cordon/sdk";
import { type FakeCapabilities, startPlugin } from "@cordon/cordon/sdk/testing";
import * as greeter from "../fixtures/greeter/main.ts";
import { fixture, manifestText, openFixtures, writePlugin } from "../fixtures/start_host.ts";
import * as talks from "../fixtures/talks/main.ts";
import * as triesEverything from "../fixtures/tries_everything/main.ts";

const MANIFEST = new URL("../fixtures/tries_everything/plugin.toml", import.meta.url);
const TALKS = new URL("../fixtures/talks/plugin.toml", import.meta.url);
const GREET = greeter.activate({ events: { publish: () => Promise.resolve() } } as unknown as PluginContext);

function startTrying(more: FakeCapabilities = {}) {
  return startPlugin(triesEverything, { manifest: MANIFEST, capabilities: { greet: GREET, ...more } });
}

/** What of a failure has to be the same in the kit and in the host. */
function describeError(error: unknown) {
  const { name, code, message, hint, facts } = error as CordonError;
  const { remoteName, cause } = error as { remoteName?: string; cause?: Error };
  return { name, code, message, hint, facts, remoteName, cause: cause?.message };
}

/** What was heard, but for the trace that each event begins anew. */
function withoutTraces(heard: unknown): unknown[] {
  return (heard as [unknown, EventOrigin][]).map(([value, { traceparent, ...origin }]) => {
    assertMatch(traceparent!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    return [value, origin];
  });
}

Deno.test("startPlugin() gives a plugin the same values, refusals and words as the host does", async (test) => {
  await using opened = await openFixtures(["greeter", "talks", "tries_everything"]);
  await using talk = await startPlugin(talks, { manifest: TALKS });
  await using plugin = await startTrying({ talk });
  const { host } = opened;
  await host.start();
  for (const name of await plugin.call("attempts")) {
    await test.step(name, async () => {
      const inHost = await host.call("fixture.tries-everything", "attempt", [name]);
      assertEquals(await plugin.call("attempt", name), inHost as typeof inHost & { value: unknown });
    });
  }
  const heard = await host.call("fixture.tries-everything", "heard");
  assertEquals(withoutTraces(await plugin.call("heard")), withoutTraces(heard));
});

Deno.test("StartedPlugin.call() fails as a call from the host fails", async (test) => {
  await using opened = await openFixtures(["greeter", "talks", "tries_everything"]);
  await using plugin = await startTrying();
  const cases: [method: string, ...args: unknown[]][] = [
    ["nope"],
    ["toString"],
    ["activate"],
    ["throwText"],
    ["throwCoded"],
    ["returnFunction"],
    ["attempt", () => {}],
    ["attempt", new Map()],
  ];
  const call = (method: string, args: unknown[]) => plugin.call(method as "attempt", ...args as [string]);
  for (const [method, ...args] of cases) {
    await test.step(`${method} ${args.map(String)}`, async () => {
      const inHost = await assertRejects(() => opened.host.call("fixture.tries-everything", method, args));
      assertEquals(describeError(await assertRejects(() => call(method, args))), describeError(inHost));
    });
  }
});

Deno.test("startPlugin() refuses a start in the host's words", async (test) => {
  const base = manifestText("acme.broken");
  const cases: Record<string, [manifest: string, main: string]> = {
    "a method that [provides] names is missing": [
      `${base}[provides]\na = { version = "1.0.0", methods = ["x", "y"] }\n`,
      "export const activate = () => ({ x() {}, y: 1 });",
    ],
    "no activate()": [base, "export const activated = true;"],
    "activate() throws": [base, `export function activate() { throw new RangeError("not today\\nreally"); }`],
    "activate() subscribes to what is not declared": [
      base,
      `export function activate(ctx) { ctx.events.on("clock.*", () => {}); }`,
    ],
    "activate() uses what is not declared": [
      base,
      `export async function activate(ctx) { await ctx.use("geocode"); }`,
    ],
    "activate() does not end": [
      `${base}[limits]\nstart_timeout = "300ms"\n`,
      "export const activate = () => new Promise(() => setInterval(() => {}, 1e6));",
    ],
    "a variable has no value": [
      `${base}[[permissions.read]]\npaths = ["\${input}"]\n`,
      "export const activate = () => {};",
    ],
  };
  for (const [name, [manifest, main]] of Object.entries(cases)) {
    await test.step(name, async () => {
      await using plugin = await writePlugin({ "plugin.toml": manifest, "main.mjs": main });
      const text = manifest.replace("main.ts", "main.mjs");
      await Deno.writeTextFile(`${plugin.dir}/plugin.toml`, text);
      await using opened = await openFixtures([], { plugins: [plugin.dir], grant: "requested" });
      const refusal = await assertRejects(() => opened.host.call("acme.broken", "x"), CordonError);
      using time = name.includes("does not end") ? new FakeTime() : undefined;
      const module = await import(`file://${plugin.dir}/main.mjs`);
      const starting = startPlugin(module, { manifest: text });
      const caught = assertRejects(() => starting, CordonError);
      await time?.tickAsync(300);
      const error = await caught;
      assertEquals([error.code, error.message], [refusal.code, refusal.message]);
    });
  }
});

Deno.test("startPlugin() refuses a bad manifest with every problem, and a missing one with what to do", async () => {
  const module = { activate: () => {} };
  const invalid = await assertRejects(
    () => startPlugin(module, { manifest: `${manifestText("Acme")}typo = 1\n` }),
    CordonError,
  );
  assertEquals(invalid.code, "invalid_plugin");
  assertMatch(invalid.message, /2 problems\n.*plugin\.toml:3: plugin\.id.*\n.*plugin\.toml:6: plugin\.typo/);
  const missing = await assertRejects(() => startPlugin(module, { manifest: "no/plugin.toml" }), CordonError);
  assertEquals(missing.code, "not_found");
  assertStringIncludes(missing.hint!, "import.meta.url");
});

Deno.test("startPlugin() refuses fakes and variables that the manifest does not name", async () => {
  const module = { activate: () => {} };
  const fake = await assertRejects(
    () => startPlugin(module, { manifest: manifestText("acme.a"), capabilities: { geocode: {} } }),
    CordonError,
  );
  assertEquals([fake.code, fake.message.includes('"geocode"')], ["invalid_input", true]);
  const variable = await assertRejects(
    () => startPlugin(module, { manifest: manifestText("acme.a"), vars: { input: "/docs" } }),
    CordonError,
  );
  assertEquals([variable.code, variable.message.includes('"input"')], ["invalid_input", true]);
});

Deno.test("startPlugin() fills ctx with variables and their defaults, configuration and a data folder", async () => {
  const manifest = manifestText(
    "acme.a",
    `[[permissions.read]]\npaths = ["\${input}"]\n[[permissions.net]]\nhosts = ["127.0.0.1:\${port=8080}"]\n`,
  );
  const module = {
    activate: ({ vars, config, data }: PluginContext) => ({ seen: () => [vars, config, data] }),
  };
  const config = { units: "metric" };
  await using plugin = await startPlugin(module, {
    manifest,
    vars: { input: "/docs" },
    config,
    data: "/mine",
  });
  config.units = "changed later";
  assertEquals(await plugin.call("seen"), [{ input: "/docs", port: "8080" }, { units: "metric" }, "/mine"]);
});

Deno.test("startPlugin() takes a manifest as URL, path, TOML or JSON, and plugin.toml when none is named", async () => {
  const module = { activate: () => GREET };
  const path = fixture("greeter/plugin.toml");
  const json = JSON.stringify({ schema: 1, plugin: { id: "acme.j", version: "1.0.0", main: "main.ts" } });
  for (
    const [manifest, id] of [
      [new URL(`file://${fixture("crashes_on_demand/plugin.toml")}`), "fixture.crashes-on-demand"],
      [manifestText("acme.t"), "acme.t"],
      [json, "acme.j"],
    ] as const
  ) {
    await using plugin = await startPlugin(module, { manifest });
    assertEquals([plugin.id, plugin.version], [id, "1.0.0"]);
  }
  await using plugin = await startPlugin(module, { manifest: path });
  assertEquals(plugin.id, "fixture.greeter");
  const missing = await assertRejects(() => startPlugin(module), CordonError);
  assertStringIncludes(missing.message, '"plugin.toml"');
});

Deno.test("Fakes are copied to, may be classes, and may change while the plugin runs", async () => {
  class Geocode {
    seen: unknown[] = [];
    find(place: { name: string }): number {
      this.seen.push(place);
      return this.seen.length;
    }
  }
  const geocode = new Geocode();
  const capabilities: Record<string, object> = { geocode };
  const module = {
    activate: (ctx: PluginContext) => ({
      find: async (name: string) => {
        const place = { name };
        const found = await (await ctx.use<Geocode>("geocode")).find(place);
        place.name = "changed later";
        return found;
      },
    }),
  };
  const manifest = manifestText("acme.a", '[uses]\ngeocode = "^1"\n');
  await using plugin = await startPlugin(module, { manifest, capabilities });
  assertEquals([await plugin.call("find", "Oslo"), await plugin.call("find", "Rome")], [1, 2]);
  assertEquals(geocode.seen, [{ name: "Oslo" }, { name: "Rome" }]);
  delete capabilities.geocode;
  const gone = await assertRejects(() => plugin.call("find", "Paris"), CordonError);
  assertEquals(gone.facts.remoteCode, "capability_unavailable");
});

Deno.test("A started plugin can be a capability of another one, over both borders and until it stops", async () => {
  const stations = {
    activate: (ctx: PluginContext) => ({
      find: (place: string) => {
        if (place === "") throw new RangeError("no place", { cause: new Error("nowhere") });
        ctx.log.info(`looked for ${place}`);
        return new TextEncoder().encode(place);
      },
      inner: () => "not provided",
    }),
  };
  const weather = {
    activate: (ctx: PluginContext) => ({
      today: async (place: string) =>
        await (await ctx.use<{ find(place: string): Uint8Array }>("geo")).find(place),
      inner: async () => await ctx.call("geo", "inner"),
    }),
  };
  const providing = manifestText("acme.geo", '[provides]\ngeo = { version = "1.0.0", methods = ["find"] }\n');
  const using = manifestText(
    "acme.weather",
    '[uses]\ngeo = "^1"\nother = { version = "1", optional = true }\n',
  );
  await using geo = await startPlugin(stations, { manifest: providing });
  await using plugin = await startPlugin(weather, { manifest: using, capabilities: { geo } });
  assertEquals(await plugin.call("today", "Oslo"), new TextEncoder().encode("Oslo"));
  assertEquals(geo.logs, [{ level: "info", message: "looked for Oslo" }]);
  const failed = await assertRejects(() => plugin.call("today", ""), CordonError, "no place");
  assertEquals((failed.cause as Error).message, "nowhere");
  const inner = await assertRejects(() => plugin.call("inner"), CordonError);
  assertEquals(inner.facts.remoteCode, "method_not_found");
  await geo.stop();
  const gone = await assertRejects(() => plugin.call("today", "Rome"), CordonError);
  assertEquals(gone.facts.remoteCode, "capability_unavailable");
  const wrong = await assertRejects(
    () => startPlugin(weather, { manifest: using, capabilities: { other: plugin } }),
    CordonError,
    'Cannot use "acme.weather" as "other"',
  );
  assertEquals(wrong.code, "invalid_input");
});

Deno.test("A plain call needs no timer of a test that holds time still, and leaves none", async () => {
  const module = {
    activate: (ctx: PluginContext) => ({
      busy: async (count: number) => {
        for (let n = 0; n < count; n++) ctx.log.info("busy");
        await Promise.all(Array.from({ length: count }, (_, n) => ctx.events.publish("told", n)));
        return new Uint8Array(1_000_000);
      },
      wait: () => new Promise<string>((resolve) => setTimeout(() => resolve("waited"), 60_000)),
      slow: async () => await ctx.call("geo", "wait", [], { timeoutMs: 30_000 }),
    }),
  };
  const more = '[events]\npublishes = ["told"]\n[uses]\ngeo = "^1"\n[limits]\ncall_timeout = "90s"\n';
  await using plugin = await startPlugin(module, {
    manifest: manifestText("acme.a", more),
    capabilities: { geo: { wait: () => new Promise(() => {}) } },
  });
  {
    using time = new FakeTime();
    assertEquals((await plugin.call("busy", 1_000)).length, 1_000_000);
    assertEquals(plugin.published.length, 1_000);
    assertEquals(time.next(), false);
    const waiting = plugin.call("wait");
    await time.tickAsync(60_000);
    assertEquals(await waiting, "waited");
    const slow = assertRejects(() => plugin.call("slow"), CordonError);
    await time.tickAsync(30_000);
    assertEquals((await slow).facts.remoteCode, "deadline_exceeded");
    assertEquals(time.next(), false);
  }
  assertEquals((await plugin.call("busy", 1)).length, 1_000_000);
});

Deno.test("A test of a plugin needs no permission, and its sanitizers find nothing while the plugin runs on", async () => {
  const kit = new URL("../../src/sdk/testing/mod.ts", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const manifest = JSON.stringify(manifestText("acme.a", '[events]\nsubscribes = ["a"]\n'));
  await using files = await writePlugin({
    "plugin_test.mjs": `
      import { startPlugin } from ${JSON.stringify(kit)};
      const module = { activate: (ctx) => (ctx.events.on("a", () => {}), { hello: () => "hello" }) };
      const plugin = await startPlugin(module, { manifest: ${manifest} });
      for (const name of ["first", "second"]) {
        Deno.test(name, async () => {
          if (await plugin.call("hello") !== "hello") throw new Error("no");
        });
      }
      Deno.test("own", async () => {
        await using own = await startPlugin(module, { manifest: ${manifest} });
        await own.publish("a");
      });
    `,
  });
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-prompt", "--no-check", "--config", config, `${files.dir}/plugin_test.mjs`],
    env: { NO_COLOR: "1" },
  }).output();
  const printed = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  assertEquals(code, 0, printed);
  assertStringIncludes(printed, "3 passed");
});

Deno.test("StartedPlugin.publish() reaches matching handlers with origin, waits for them and tells their failure", async () => {
  await using plugin = await startTrying();
  const value = { n: 1 };
  await plugin.publish("trying.now", value, { publisher: "acme.other", missed: 2 });
  value.n = 2;
  await plugin.publish("trying.now.deeper", "nobody listens");
  assertEquals(withoutTraces(await plugin.call("heard")), [
    [{ n: 1 }, { topic: "trying.now", publisher: "acme.other", missed: 2 }],
  ]);
  const failed = await assertRejects(() => plugin.publish("clock.hour.utc"), CordonError, "no time");
  assertEquals(failed.code, "plugin_error");
  await assertRejects(() => plugin.publish("No Topic"), TypeError, '"No Topic" is no topic');
});

Deno.test("StartedPlugin.publish() keeps events in order, and delivers none after unsubscribing", async () => {
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const module = {
    activate: (ctx: PluginContext) => {
      const off = ctx.events.on("a", async (value) => {
        if (value === 1) await first.promise;
        order.push(`a${value}`);
      });
      ctx.events.on("b", (value) => void order.push(`b${value}`));
      return { off };
    },
  };
  await using plugin = await startPlugin(module, {
    manifest: manifestText("acme.a", '[events]\nsubscribes = ["a", "b"]\n'),
  });
  const publishing = [plugin.publish("a", 1), plugin.publish("a", 2), plugin.publish("b", 1)];
  first.resolve();
  await Promise.all(publishing);
  assertEquals(order, ["b1", "a1", "a2"]);
  await plugin.call("off");
  await plugin.publish("a", 3);
  assertEquals(order.length, 3);
});

Deno.test("StartedPlugin.publish() waits for each of many events, more than a subscriber takes at once", async () => {
  const order: unknown[] = [];
  const module = {
    activate: (ctx: PluginContext) => {
      ctx.events.on("a", async (value) => {
        await Promise.resolve();
        order.push(value);
        if (value === 150) throw new Error("not this one");
      });
    },
  };
  await using plugin = await startPlugin(module, {
    manifest: manifestText("acme.a", '[events]\nsubscribes = ["a"]\n'),
  });
  const numbers = Array.from({ length: 2_000 }, (_, n) => n);
  const results = await Promise.allSettled(numbers.map((n) => plugin.publish("a", n)));
  assertEquals(order, numbers);
  assertEquals(numbers.filter((n) => results[n]!.status === "rejected"), [150]);
});

Deno.test("An event that a plugin publishes to itself fails into its log, as in the host", async () => {
  const module = {
    activate: (ctx: PluginContext) => {
      ctx.events.on("a", () => {
        throw new Error("no");
      });
      return { tell: () => ctx.events.publish("a", 1) };
    },
  };
  await using plugin = await startPlugin(module, {
    manifest: manifestText("acme.a", '[events]\npublishes = ["a"]\nsubscribes = ["a"]\n'),
  });
  await plugin.call("tell");
  await plugin.health();
  assertEquals(plugin.published, [{ topic: "a", value: 1 }]);
  assertEquals(plugin.logs, [{ level: "warn", message: '[cordon] event "a" failed: no' }]);
});

Deno.test("StartedPlugin.tellLimit() settles when the handlers were told", async () => {
  const told: unknown[] = [];
  const module = { activate: (ctx: PluginContext) => void ctx.onLimit((event) => void told.push(event)) };
  await using plugin = await startPlugin(module, { manifest: manifestText("acme.a") });
  const event = { limit: "storage", used: 4, allowed: 5, unit: "bytes" } as const;
  await plugin.tellLimit(event);
  assertEquals(told, [event]);
  assertEquals(told[0] === event, false);
});

Deno.test("StartedPlugin.published and logs hold copies of what went out", async () => {
  await using plugin = await startTrying();
  await plugin.call("attempt", "publish");
  assertEquals(plugin.published, [{ topic: "trying.done", value: { n: 1 } }]);
  await plugin.call("log");
  assertEquals(plugin.logs, [
    { level: "warn", message: "careful", facts: { at: [1], when: "1970-01-01T00:00:00.000Z" } },
    { level: "debug", message: "no facts" },
    { level: "info", message: "facts that cannot be carried" },
  ]);
});

Deno.test("StartedPlugin.call() ends at limits.call_timeout, and shows the plugin's own line", async () => {
  const module = {
    activate: () => ({
      hang: () => new Promise<void>(() => {}),
      fail: () => {
        throw new TypeError("here");
      },
    }),
  };
  const manifest = manifestText("acme.a", '[limits]\ncall_timeout = "2s"\n');
  await using plugin = await startPlugin(module, { manifest });
  {
    using time = new FakeTime();
    const hanging = assertRejects(() => plugin.call("hang"), CordonError);
    await time.tickAsync(2_000);
    assertEquals((await hanging).code, "deadline_exceeded");
  }
  const failed = await assertRejects(() => plugin.call("fail"), CordonError, "here");
  assertMatch(failed.stack!, /^TypeError: here\n +at Object\.fail .*testing_test\.ts/);
});

Deno.test("StartedPlugin.stop() aborts ctx.signal, deactivates, disposes, and answers nothing afterwards", async () => {
  const events: string[] = [];
  let log: PluginContext["log"] | undefined;
  const module = {
    activate: (ctx: PluginContext) => {
      log = ctx.log;
      ctx.signal.addEventListener("abort", () => events.push(`aborted: ${ctx.signal.reason.message}`));
      return {
        hang: () => ctx.call("none", "x").catch(() => new Promise<void>(() => {})),
        [Symbol.asyncDispose]: () => Promise.resolve(void events.push("disposed")),
      };
    },
    deactivate: () => void events.push("deactivated"),
    health: () => ({ status: "ok", queue: 0 }),
  };
  const plugin = await startPlugin(module, { manifest: manifestText("acme.a") });
  assertEquals(await plugin.health(), { status: "ok", queue: 0 });
  const hanging = assertRejects(() => plugin.call("hang"), CordonError);
  await Promise.all([plugin.stop("enough"), plugin.stop()]);
  await plugin[Symbol.asyncDispose]();
  assertEquals(events, ["aborted: enough", "deactivated", "disposed"]);
  assertEquals((await hanging).code, "channel_closed");
  for (const action of [() => plugin.call("hang"), () => plugin.publish("a"), () => plugin.health()]) {
    assertEquals((await assertRejects(action, CordonError)).code, "not_running");
  }
  log?.info("nobody reads what it says after its end");
  assertEquals(plugin.logs, []);
});

Deno.test("StartedPlugin.stop() tells what deactivate() threw; health() is ok where there is none", async () => {
  const module = {
    activate: () => {},
    deactivate: () => {
      throw new Error("stuck");
    },
  };
  const plugin = await startPlugin(module, { manifest: manifestText("acme.a") });
  assertEquals(await plugin.health(), "ok");
  assertInstanceOf(await assertRejects(() => plugin.stop(), Error, "stuck"), CordonError);
});

Deno.test("A start that fails aborts ctx.signal, so that nothing of it runs on", async () => {
  let signal: AbortSignal | undefined;
  const module = {
    activate(ctx: PluginContext): void {
      signal = ctx.signal;
      throw new Error("no");
    },
  };
  const error = await assertRejects(
    () => startPlugin(module, { manifest: manifestText("acme.a") }),
    CordonError,
    "Error: no",
  );
  assertMatch((error.cause as Error).stack!, /^Error: no\n +at Object\.activate .*testing_test\.ts/);
  assert(signal?.aborted);
});

Deno.test("StartedPlugin.call() knows the names, arguments and results of the module's methods", async () => {
  const module = {
    activate: () => ({ add: (a: number, b: number) => Promise.resolve(a + b), constant: 1 }),
    double: (n: number) => 2 * n,
  };
  await using plugin = await startPlugin(module, { manifest: manifestText("acme.a") });
  const sum: number = await plugin.call("add", 1, 2);
  const doubled: number = await plugin.call("double", sum);
  assertEquals(doubled, 6);
  // @ts-expect-error there is no such method
  await assertRejects(() => plugin.call("subtract"));
  // @ts-expect-error it takes numbers
  await plugin.call("add", "1", "2");
  // @ts-expect-error it is no method
  await assertRejects(() => plugin.call("constant"));
  // A module whose methods nobody knows takes any name.
  const unknown: { activate(): unknown } = module;
  await using other = await startPlugin(unknown, { manifest: manifestText("acme.b") });
  assertEquals(await other.call("add", 1, 2), 3);
});
