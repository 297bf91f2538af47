import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { type Caller, Capabilities } from "../../src/bus/capabilities.ts";
import type { Provider } from "../../src/bus/provider.ts";
import { CordonError } from "../../src/errors.ts";
import type { CapabilityCallOptions } from "../../src/bus/provider.ts";

const CALLER: Caller = { id: "acme.app", uses: { geocode: { version: "^1" } } };

type Invocation = [method: string, args: readonly unknown[], options: CapabilityCallOptions | undefined];

/** A provider, `id@version`. */
function provide(name: string, invocations: Invocation[] = []): Provider {
  const [id, version = "1.0.0"] = name.split("@") as [string, string?];
  return {
    id,
    version,
    methods: new Set(["find", "list"]),
    invoke(method, args, options) {
      invocations.push([method, args, options]);
      return Promise.resolve(`${id}.${method}`);
    },
  };
}

Deno.test("Capabilities.call() reaches the provider, with arguments, deadline and signal", async () => {
  const capabilities = new Capabilities();
  const invocations: Invocation[] = [];
  capabilities.announce("geocode", provide("acme.geo", invocations));
  const options = { timeoutMs: 5, signal: new AbortController().signal };
  assertStrictEquals(
    await capabilities.call(CALLER, "geocode", { method: "find", args: ["Bern"], options }),
    "acme.geo.find",
  );
  assertEquals(invocations, [["find", ["Bern"], options]]);
  assertStrictEquals(capabilities.require(CALLER, "geocode").id, "acme.geo");
});

Deno.test("Capabilities.call() refuses what the caller did not declare, names of every object included", async () => {
  const capabilities = new Capabilities();
  for (const name of ["maps", "toString", "constructor", "__proto__"]) {
    capabilities.announce(name, provide("acme.geo"));
    const error = await assertRejects(
      () => capabilities.call(CALLER, name, { method: "find", args: [] }),
      CordonError,
    );
    assertStrictEquals(error.code, "not_declared");
    assertStrictEquals(
      error.message,
      `Cannot use "${name}": "acme.app" does not name it under [uses] in its manifest`,
    );
    assertThrows(() => capabilities.require(CALLER, name), CordonError);
  }
});

Deno.test("Capabilities.call() refuses methods that the capability does not name", async () => {
  const capabilities = new Capabilities();
  const invocations: Invocation[] = [];
  capabilities.announce("geocode", provide("acme.geo", invocations));
  for (const method of ["activate", "toString", "__proto__", ""]) {
    const error = await assertRejects(
      () => capabilities.call(CALLER, "geocode", { method, args: [] }),
      CordonError,
    );
    assertStrictEquals(error.code, "method_not_found");
  }
  assertEquals(invocations, []);
});

Deno.test("Capabilities.call() says when nothing that runs provides the capability", async () => {
  const capabilities = new Capabilities();
  const error = await assertRejects(
    () => capabilities.call(CALLER, "geocode", { method: "find", args: [] }),
    CordonError,
  );
  assertStrictEquals(error.code, "capability_unavailable");
});

/** Somebody who uses the capability in some versions. */
function using(id: string, version: string): Caller {
  return { id, uses: { geocode: { version } } };
}

Deno.test("Capabilities.withdraw() takes back everything of one plugin, and nothing of others", () => {
  const capabilities = new Capabilities();
  const caller = {
    id: "acme.app",
    uses: { geocode: { version: "*" }, maps: { version: "*" }, charts: { version: "*" } },
  };
  capabilities.announce("geocode", provide("acme.geo"));
  capabilities.announce("maps", provide("acme.geo"));
  capabilities.announce("charts", provide("acme.charts"));
  capabilities.withdraw("acme.geo");
  capabilities.withdraw("acme.unknown");
  assertEquals(["geocode", "maps", "charts"].map((name) => capabilities.find(caller, name)?.id), [
    undefined,
    undefined,
    "acme.charts",
  ]);
});

Deno.test("Capabilities.find() takes the highest version in the caller's range, then the first id, whatever came first", () => {
  const providers = ["c.low@1.0.0", "b.high@1.4.0", "a.high@1.4.0", "d.two@2.1.0"].map((name) =>
    provide(name)
  );
  for (const order of [providers, providers.toReversed()]) {
    const capabilities = new Capabilities();
    for (const provider of order) capabilities.announce("geocode", provider);
    assertEquals(
      ["^1", "^2", "<1.4", "^3", "*"].map((range) =>
        capabilities.find(using("acme.app", range), "geocode")?.id
      ),
      ["a.high", "d.two", "c.low", undefined, "d.two"],
    );
    // Nobody provides for itself.
    assertStrictEquals(capabilities.find(using("a.high", "^1"), "geocode")!.id, "b.high");
  }
});

Deno.test("Capabilities.find() goes by the resolution while that provider runs, else by the order", () => {
  const capabilities = new Capabilities();
  const bindings = new Map([["acme.app", new Map([["geocode", "c.bound"]])]]);
  capabilities.arrange({ choices: new Map(), bindings });
  const find = () => capabilities.find(CALLER, "geocode")?.id;
  capabilities.announce("geocode", provide("a.other@1.9.0"));
  assertStrictEquals(find(), "a.other");
  capabilities.announce("geocode", provide("c.bound@1.0.0"));
  assertStrictEquals(find(), "c.bound");
  assertStrictEquals(capabilities.find({ ...CALLER, id: "acme.else" }, "geocode")!.id, "a.other");
  capabilities.withdraw("c.bound");
  assertStrictEquals(find(), "a.other");
  // A binding does not widen the range.
  capabilities.announce("geocode", provide("c.bound@2.0.0"));
  assertStrictEquals(find(), "a.other");
});

Deno.test("Capabilities.require() takes the chosen provider or none, and says why there is none", () => {
  const capabilities = new Capabilities();
  const explain = (range: string) => {
    const error = assertThrows(() => capabilities.require(using("acme.app", range), "geocode"), CordonError);
    assertStrictEquals(error.code, "capability_unavailable");
    return error.message;
  };
  assertStrictEquals(explain("^1"), 'Cannot use "geocode": nothing that runs provides it');
  capabilities.announce("geocode", provide("a.other@1.9.0"));
  assertStrictEquals(explain("^2"), 'Cannot use "geocode": nothing that runs provides ^2 of it');
  const choices = new Map([["geocode", { id: "b.chosen", by: "site" as const }]]);
  capabilities.arrange({ choices, bindings: new Map() });
  assertStrictEquals(
    explain("^1"),
    'Cannot use "geocode": "b.chosen" was chosen to provide it, and does not run',
  );
  capabilities.announce("geocode", provide("b.chosen@1.0.0"));
  assertStrictEquals(capabilities.require(using("acme.app", "^1"), "geocode").id, "b.chosen");
  assertStrictEquals(
    explain("^1.5"),
    'Cannot use "geocode": "b.chosen" was chosen to provide it, and does not provide ^1.5',
  );
});

Deno.test("Capabilities.watch() tells of each change in order, and of nothing else", () => {
  const capabilities = new Capabilities();
  const told: (string | undefined)[] = [];
  const watch = capabilities.watch(
    CALLER,
    "geocode",
    (provider) => told.push(provider && `${provider.id}@${provider.version}`),
  );
  capabilities.announce("geocode", provide("b.geo@1.0.0"));
  capabilities.announce("geocode", provide("a.lower@0.9.0"));
  capabilities.announce("other", provide("c.other"));
  capabilities.announce("geocode", provide("c.geo@1.2.0"));
  capabilities.announce("geocode", provide("c.geo@1.3.0"));
  capabilities.arrange({
    choices: new Map([["geocode", { id: "b.geo", by: "administrator" }]]),
    bindings: new Map(),
  });
  capabilities.arrange({ choices: new Map(), bindings: new Map() });
  capabilities.withdraw("c.geo");
  capabilities.withdraw("b.geo");
  capabilities.withdraw("b.geo");
  assertEquals(told, [
    "b.geo@1.0.0",
    "c.geo@1.2.0",
    "c.geo@1.3.0",
    "b.geo@1.0.0",
    "c.geo@1.3.0",
    "b.geo@1.0.0",
    undefined,
  ]);
  watch[Symbol.dispose]();
  watch[Symbol.dispose]();
  capabilities.announce("geocode", provide("b.geo"));
  assertStrictEquals(told.length, 7);
});

Deno.test("Capabilities.watch() begins with what is there, which is no change", () => {
  const capabilities = new Capabilities();
  capabilities.announce("geocode", provide("b.geo"));
  const told: unknown[] = [];
  using _watch = capabilities.watch(CALLER, "geocode", (provider) => told.push(provider));
  using _other = capabilities.watch(CALLER, "geocode", (provider) => told.push(provider));
  capabilities.announce("geocode", provide("a.lower@0.1.0"));
  assertEquals(told, []);
  capabilities.withdraw("b.geo");
  assertEquals(told, [undefined, undefined]);
});

Deno.test("Capabilities.call() looks a provider up once, until one comes or goes", async () => {
  const capabilities = new Capabilities();
  let looks = 0;
  const caller: Caller = {
    id: "acme.app",
    uses: {
      geocode: {
        get version() {
          looks++;
          return "^1";
        },
      },
    },
  };
  const call = () => capabilities.call(caller, "geocode", { method: "find", args: [] });
  for (let index = 0; index < 50; index++) capabilities.announce("geocode", provide(`b.n${index}`));
  for (let index = 0; index < 100; index++) assertStrictEquals(await call(), "b.n0.find");
  assertStrictEquals(looks, 1);
  capabilities.withdraw("b.n0");
  for (let index = 0; index < 100; index++) assertStrictEquals(await call(), "b.n1.find");
  assertStrictEquals(looks, 2);
});

Deno.test("Capabilities.call() waits for the provider that is expected back, where nobody else serves the caller", async () => {
  const capabilities = new Capabilities();
  const bindings = new Map([["acme.app", new Map([["geocode", "acme.geo"]])]]);
  capabilities.arrange({ choices: new Map(), bindings });
  const back = Promise.withResolvers<void>();
  const waits: CapabilityCallOptions[] = [];
  capabilities.suspend("acme.geo", (options) => {
    waits.push(options);
    return back.promise;
  });
  const call = () =>
    capabilities.call(CALLER, "geocode", { method: "find", args: [], options: { timeoutMs: 60_000 } });
  const waiting = call();
  assertEquals(waits, [{ timeoutMs: 60_000 }]);
  // Another one is taken at once.
  capabilities.announce("geocode", provide("acme.spare"));
  assertStrictEquals(await call(), "acme.spare.find");
  capabilities.withdraw("acme.spare");

  const invocations: Invocation[] = [];
  capabilities.announce("geocode", provide("acme.geo", invocations));
  back.resolve();
  assertStrictEquals(await waiting, "acme.geo.find");
  const { timeoutMs } = invocations[0]![2]!;
  assert(timeoutMs! <= 60_000 && timeoutMs! > 0);

  capabilities.withdraw("acme.geo");
  capabilities.suspend("acme.geo", () => Promise.reject(new CordonError("plugin_down", "Cannot call")));
  assertStrictEquals((await assertRejects(call, CordonError)).code, "plugin_down");
  capabilities.resume("acme.geo");
  assertStrictEquals((await assertRejects(call, CordonError)).code, "capability_unavailable");
});

Deno.test("Capabilities.find() gives what starts on demand while it does not run, and what failed last", () => {
  const capabilities = new Capabilities();
  const told: (Provider | undefined)[] = [];
  using _watch = capabilities.watch(CALLER, "geocode", (provider) => told.push(provider));
  const [lazy, running] = [{ ...provide("acme.geo@1.5.0"), isOnDemand: true }, provide("acme.geo@1.5.0")];
  const other = provide("acme.maps@1.2.0");
  capabilities.offer("acme.geo", new Map([["geocode", lazy]]));
  capabilities.announce("geocode", running);
  assertStrictEquals(capabilities.findRunning("geocode", "acme.geo"), running);
  capabilities.withdraw("acme.geo");
  const failed = { ...lazy, hasFailed: true };
  capabilities.offer("acme.geo", new Map([["geocode", failed]]));
  capabilities.announce("geocode", other);
  capabilities.withdraw("acme.maps");
  capabilities.offer("acme.geo", new Map());
  assertEquals(told, [lazy, running, lazy, failed, other, failed, undefined]);
});
