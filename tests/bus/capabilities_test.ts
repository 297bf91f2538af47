import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { type Caller, Capabilities, type Provider } from "../../src/bus/capabilities.ts";
import { CordonError } from "../../src/errors.ts";
import type { CapabilityCallOptions } from "../../src/bus/capabilities.ts";

const CALLER: Caller = { id: "acme.app", uses: { geocode: "^1" } };

type Invocation = [method: string, args: readonly unknown[], options: CapabilityCallOptions | undefined];

function provide(id: string, invocations: Invocation[] = []): Provider {
  return {
    id,
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

Deno.test("Capabilities.withdraw() takes back everything of one plugin, and nothing of others", () => {
  const capabilities = new Capabilities();
  capabilities.announce("geocode", provide("acme.geo"));
  capabilities.announce("maps", provide("acme.geo"));
  capabilities.announce("charts", provide("acme.charts"));
  capabilities.withdraw("acme.geo");
  capabilities.withdraw("acme.unknown");
  assertEquals(["geocode", "maps", "charts"].map((name) => capabilities.find(name)?.id), [
    undefined,
    undefined,
    "acme.charts",
  ]);
});

Deno.test("Capabilities.announce() lets the later provider take over, whom withdrawing the earlier one leaves", () => {
  const capabilities = new Capabilities();
  capabilities.announce("geocode", provide("acme.old"));
  capabilities.announce("geocode", provide("acme.new"));
  assertStrictEquals(capabilities.find("geocode")!.id, "acme.new");
  capabilities.withdraw("acme.old");
  assertStrictEquals(capabilities.find("geocode")!.id, "acme.new");
});
