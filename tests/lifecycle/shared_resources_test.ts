import { assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { CordonError, openHost, type PluginHost } from "@cordon/cordon";
import { eventually } from "../faults/host_process.ts";
import { writePlugin } from "../fixtures/start_host.ts";

const FIXTURE = new URL("../fixtures/shares_things/", import.meta.url);

/** A host on two plugins that share the same things, with the fixture's code. */
async function openSharing(
  more: Readonly<Record<string, string>> = {},
): Promise<{ host: PluginHost; dir: string; ask: Ask; holders: () => string[] } & AsyncDisposable> {
  const [code, manifest] = await Promise.all(
    ["main.ts", "plugin.toml"].map((name) => Deno.readTextFile(new URL(name, FIXTURE))),
  );
  const files = Object.fromEntries(["a", "b"].flatMap((name) => [
    [`${name}/main.ts`, code!.replaceAll(/^import type.*$/gm, "").replaceAll(/: PluginContext/g, ": any")],
    [
      `${name}/plugin.toml`,
      `${
        manifest!.replace("fixture.shares-things", `acme.${name}`)
      }[limits]\ncall_timeout = "1m"\n[health]\nrestart = "never"\n`,
    ],
  ]));
  const plugins = await writePlugin({ ...files, ...more });
  const data = `${plugins.dir}/.data`;
  const host = await openHost({ plugins: [plugins.dir], data, grant: "requested" });
  await host.start();
  return {
    host,
    dir: plugins.dir,
    ask: (name, method, ...args) => host.call(`acme.${name}`, method, args, { timeoutMs: 30_000 }),
    holders: () =>
      host.resources().flatMap(({ name, holders }) => holders.map(({ id }) => `${name} ${id}`)).sort(),
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await plugins[Symbol.asyncDispose]();
    },
  };
}

type Ask = (name: "a" | "b", method: string, ...args: unknown[]) => Promise<unknown>;

/** Waits until so many wait for a resource. */
async function untilWaiting(host: PluginHost, name: string, count = 1): Promise<void> {
  const find = () => host.resources().find((resource) => resource.name === name)!;
  await eventually(() => find().waiters.length === count, `${count} who wait for "${name}"`);
}

function pidOf(host: PluginHost, id: string): number {
  return host.list().find((plugin) => plugin.id === id)!.pid!;
}

const ignore = Deno.build.os === "windows";

Deno.test({
  name: "A plugin that is killed gives back its lock at once, to the plugin that waits for it",
  ignore,
  async fn() {
    await using test = await openSharing();
    const { host, ask } = test;
    const held = await ask("a", "lock", "fixture.door", { leaseMs: 600_000 });
    const waiting = ask("b", "lock", "fixture.door", { timeoutMs: 20_000 });
    await untilWaiting(host, "fixture.door");
    Deno.kill(pidOf(host, "acme.a"), "SIGKILL");
    assertStrictEquals(await waiting as number > (held as number), true);
    assertEquals(test.holders(), ["fixture.door acme.b"]);
    // Its next instance begins with nothing.
    await eventually(() => host.list()[0]!.state === "failed", "the end of the plugin");
    await host.startPlugin("acme.a");
    const late = await assertRejects(() => ask("a", "lock", "fixture.door", { timeoutMs: 1 }), CordonError);
    assertEquals(late.facts.remoteCode, "deadline_exceeded");
  },
});

Deno.test("A plugin that is stopped gives back what it has when it has ended", async () => {
  await using test = await openSharing();
  const { host, ask } = test;
  await ask("a", "take", "fixture.seats", { permits: 2, leaseMs: 600_000 });
  await ask("a", "lock", "fixture.gate", { leaseMs: 600_000 });
  const waiting = [ask("b", "take", "fixture.seats", { permits: 1 }), ask("b", "lock", "fixture.gate")];
  await Promise.all(["fixture.seats", "fixture.gate"].map((name) => untilWaiting(host, name)));
  await host.stopPlugin("acme.a");
  await Promise.all(waiting);
  assertEquals(test.holders(), ["fixture.gate acme.b", "fixture.seats acme.b"]);
  const restarted = ask("a", "lock", "fixture.gate");
  await untilWaiting(host, "fixture.gate");
  await host.restartPlugin("acme.b");
  await restarted;
  assertEquals(test.holders(), ["fixture.gate acme.a"]);
});

Deno.test("A wait ends with the plugin that waits, and nobody misses it", async () => {
  await using test = await openSharing();
  const { host, ask } = test;
  await ask("a", "lock", "fixture.door");
  const lost = assertRejects(() => ask("b", "lock", "fixture.door"), CordonError);
  await untilWaiting(host, "fixture.door");
  const own = ask("a", "lock", "fixture.door");
  await untilWaiting(host, "fixture.door", 2);
  await host.stopPlugin("acme.b");
  await lost;
  await untilWaiting(host, "fixture.door", 1);
  await ask("a", "release", "fixture.door");
  await own;
});

Deno.test("A lease that ends by itself aborts its signal, and its release says so", async () => {
  await using test = await openSharing();
  const { host, ask } = test;
  await ask("a", "lock", "fixture.door", { leaseMs: 60 });
  const ended = ask("a", "ends", "fixture.door");
  await ask("b", "lock", "fixture.door");
  const [code, message] = await ended as [string, string];
  assertStrictEquals(code, "lease_expired");
  assertMatch(message, /^The lease of "acme.a" on "fixture.door" expired after 0\.\d s$/);
  const late = await assertRejects(() => ask("a", "release", "fixture.door"), CordonError);
  assertEquals(late.facts.remoteCode, "lease_expired");
  assertEquals(test.holders(), ["fixture.door acme.b"]);
  const noted = host.journal.list({}).filter(({ type }) => /^(resource|call)\./.test(type));
  assertEquals(noted.map(({ id, type, facts }) => [id, type, facts.message]), [
    ["acme.a", "resource.lease_expired", message],
  ]);
  await ask("b", "renew", "fixture.door", 600_000);
  assertStrictEquals(
    host.resources().find(({ name }) => name === "fixture.door")!.holders[0]!.remainingMs > 500_000,
    true,
  );
});

Deno.test("A deadlock between plugins is refused with its cycle, for the one who closes it", async () => {
  await using test = await openSharing();
  const { host, ask } = test;
  await ask("a", "lock", "fixture.door");
  await ask("b", "lock", "fixture.gate");
  const waiting = ask("a", "lock", "fixture.gate");
  await untilWaiting(host, "fixture.gate");
  const error = await assertRejects(() => ask("b", "lock", "fixture.door"), CordonError);
  assertEquals(error.facts.remoteCode, "deadlock");
  assertMatch(
    error.message,
    /"acme.b" waits for "fixture.door", held by "acme.a", which waits for "fixture.gate", held by "acme.b"$/,
  );
  await ask("b", "release", "fixture.gate");
  await waiting;
});

Deno.test("A plugin gives up waiting by its signal, and gives back at the end of a block", async () => {
  await using test = await openSharing();
  const { host, ask } = test;
  await ask("a", "lock", "fixture.door");
  assertEquals(await ask("b", "giveUp", "fixture.door"), "no time");
  await untilWaiting(host, "fixture.door", 0);
  await ask("a", "release", "fixture.door");
  assertEquals([await ask("b", "guarded", "fixture.door"), test.holders()], [false, []]);
});

Deno.test("Plugins share counters, caches and blobs, and what is in them outlasts a plugin", async () => {
  await using test = await openSharing();
  const { host, ask } = test;
  await Promise.all([ask("a", "count", "fixture.hits", 2), ask("b", "count", "fixture.hits", 3)]);
  assertEquals(await ask("a", "count", "fixture.hits", 0), 5);
  assertEquals(await ask("b", "swap", "fixture.hits", 5, 7), { swapped: true, value: 7 });
  await ask("a", "put", "tile", { z: 3, bytes: new Uint8Array([1, 2]) });
  await ask("a", "write", 5 * 2 ** 20, 7);
  assertEquals(await ask("b", "open"), {
    version: 1,
    size: 5 * 2 ** 20,
    digest: new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(5 * 2 ** 20).fill(7)))
      .toHex(),
  });
  await ask("a", "write", 3, 9);
  assertEquals(await ask("b", "peek", 5 * 2 ** 20 - 2, 9), new Uint8Array([7, 7]));
  await host.stopPlugin("acme.a");
  assertEquals([
    await ask("b", "counted", "fixture.hits"),
    await ask("b", "get", "tile"),
    await ask("b", "read"),
  ], [
    7,
    { z: 3, bytes: new Uint8Array([1, 2]) },
    new Uint8Array([9, 9, 9]),
  ]);
  assertEquals([await ask("b", "forget", "tile"), await ask("b", "get", "tile")], [true, "none"]);
});

Deno.test("What a plugin may not touch is refused, and noted for it alone", async () => {
  await using test = await openSharing();
  const { host, ask } = test;
  const asked: [string, unknown[], string][] = [
    ["lock", ["fixture.window"], "not_declared"],
    ["lock", ["fixture.hits"], "wrong_kind"],
    ["count", ["fixture.read", 1], "read_only"],
    ["take", ["fixture.seats", { permits: 3 }], "invalid_input"],
    ["lock", ["fixture.door", { leaseMs: -5 }], "invalid_input"],
    ["put", ["large", "x".repeat(70_000)], "value_too_large"],
  ];
  for (const [method, args, code] of asked) {
    const error = await assertRejects(() => ask("a", method, ...args), CordonError);
    assertStrictEquals(error.facts.remoteCode, code);
  }
  const noted = host.journal.list({}).filter(({ type }) => type === "call.refused");
  assertEquals([noted.length, new Set(noted.map(({ id }) => id))], [asked.length, new Set(["acme.a"])]);
});

Deno.test("Plugins that declare a shared thing differently are found before anything starts", async () => {
  await using test = await openSharing({
    "c/plugin.toml": `schema = 1
[plugin]
id = "acme.c"
version = "1.0.0"
main = "main.ts"
[resources]
"fixture.seats" = { kind = "semaphore", permits = 3 }
`,
    "c/main.ts": "export function activate() {}",
  });
  const { state, reason, message } = test.host.info("acme.c");
  assertEquals([state, reason], ["blocked", "conflict"]);
  assertStrictEquals(
    message,
    'Cannot start "acme.c": it declares the resource "fixture.seats" as a semaphore with 3 permits, ' +
      'but "acme.a" declares it as a semaphore with 2 permits',
  );
});
