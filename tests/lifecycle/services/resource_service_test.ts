import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { MAX_HOLDINGS, MAX_LEASE_MS } from "../../../src/bus/resources/bounds.ts";
import { SharedResources } from "../../../src/bus/resources/shared_resources.ts";
import { CordonError } from "../../../src/errors.ts";
import { ResourceService } from "../../../src/lifecycle/services/resource_service.ts";
import { Refusals } from "../../../src/lifecycle/services/service.ts";
import { IncomingCall } from "../../../src/rpc/incoming_call.ts";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { BLOB_CHUNK_BYTES } from "../../../src/rpc/protocol.ts";

const RESOURCES = `[resources]
"acme.door" = "lock"
"acme.gate" = "lock"
"acme.seats" = { kind = "semaphore", permits = 2 }
"acme.hits" = "counter"
"acme.seen" = { kind = "counter", access = "read" }
"acme.tiles" = { kind = "cache", max = "4KiB" }
"acme.map" = { kind = "blob", max = "9MiB" }
`;

/** One plugin at the desk of shared things. */
class Visitor implements Disposable {
  readonly refusals: string[] = [];
  readonly notes: [type: string, message: unknown][] = [];
  readonly #service: ResourceService;

  constructor(resources: SharedResources, id: string) {
    const text = `schema = 1\n[plugin]\nid = "${id}"\nversion = "1.0.0"\nmain = "main.ts"\n${RESOURCES}`;
    this.#service = new ResourceService({
      manifest: parseManifest(text, "plugin.toml"),
      resources,
      refusals: new Refusals((message) => this.refusals.push(message)),
      registry: { note: (type, { message }) => this.notes.push([type, message]) },
    });
  }

  /** Asks for something as the plugin does. */
  ask(method: string, ...params: unknown[]): unknown {
    return this.askFor(new AbortController().signal, method, ...params);
  }

  /** Asks for something with a signal. */
  askFor(signal: AbortSignal, method: string, ...params: unknown[]): unknown {
    const call = new IncomingCall({ id: 0 });
    signal.addEventListener("abort", () => call.cancel(signal.reason));
    return this.#service.handlers[method]!(params, call);
  }

  /** Takes a lock. */
  lock(id: number, name = "acme.door", ...more: unknown[]): unknown {
    return this.ask("acquire", id, "lock", name, null, ...more);
  }

  [Symbol.dispose](): void {
    this.#service[Symbol.dispose]();
  }
}

/** Two plugins that share. */
function openDesk(): { a: Visitor; b: Visitor; resources: SharedResources } & Disposable {
  const resources = new SharedResources();
  const [a, b] = [new Visitor(resources, "acme.a"), new Visitor(resources, "acme.b")];
  return {
    a,
    b,
    resources,
    [Symbol.dispose]() {
      a[Symbol.dispose]();
      b[Symbol.dispose]();
    },
  };
}

async function codeOf(ask: () => unknown): Promise<string> {
  return (await assertRejects(async () => await ask(), CordonError)).code;
}

Deno.test("ResourceService hands a lock on, with a higher token", async () => {
  using desk = openDesk();
  const { token } = desk.a.lock(0) as { token: number };
  const waiting = desk.b.lock(0) as Promise<{ token: number }>;
  assertEquals(desk.resources.list().find(({ name }) => name === "acme.door")!.waiters.map(({ id }) => id), [
    "acme.b",
  ]);
  assertEquals(desk.a.ask("release", 0), null);
  assertStrictEquals((await waiting).token > token, true);
});

Deno.test("ResourceService gives back everything of a plugin that ends, to the one that waits", async () => {
  using desk = openDesk();
  desk.a.lock(0);
  desk.a.lock(1, "acme.gate");
  const own = assertRejects(() => desk.a.lock(2) as Promise<unknown>, CordonError, "has ended");
  const waiting = [desk.b.lock(0), desk.b.lock(1, "acme.gate")];
  desk.a[Symbol.dispose]();
  assertStrictEquals((await own).code, "channel_closed");
  await Promise.all(waiting);
  assertEquals(desk.resources.list().map(({ holders }) => holders.map(({ id }) => id)).flat(), [
    "acme.b",
    "acme.b",
  ]);
});

Deno.test("ResourceService ends a wait that is given up, or the lease that is on its way", async () => {
  using desk = openDesk();
  desk.a.lock(0);
  const given = assertRejects(() => desk.b.lock(0) as Promise<unknown>, CordonError, "given up");
  desk.b.ask("release", 0);
  assertStrictEquals((await given).code, "cancelled");
  const cancelling = new AbortController();
  const cancelled = assertRejects(
    () => desk.b.askFor(cancelling.signal, "acquire", 1, "lock", "acme.door", null) as Promise<unknown>,
    RangeError,
  );
  cancelling.abort(new RangeError("no time"));
  await cancelled;
  const late = desk.b.lock(2) as Promise<unknown>;
  desk.a.ask("release", 0);
  // The plugin has not heard of it yet.
  desk.b.ask("release", 2);
  await late;
  desk.a.lock(1);
  assertEquals([desk.a.refusals, desk.b.refusals], [[], []]);
});

Deno.test("ResourceService tells a plugin of leases that end by themselves, once, and notes them", async () => {
  using time = new FakeTime();
  using desk = openDesk();
  const asked = desk.a.ask("lostLeases") as Promise<unknown>;
  desk.a.lock(0, "acme.door", null, 1_000);
  desk.a.lock(1, "acme.gate", null, 2_000);
  const waiting = desk.b.lock(0);
  await time.tickAsync(1_000);
  const message = 'The lease of "acme.a" on "acme.door" expired after 1 s';
  assertEquals(await asked, [[0, message]]);
  await waiting;
  assertEquals(desk.a.notes, [["resource.lease_expired", message]]);
  assertEquals([await codeOf(() => desk.a.ask("release", 0)), await codeOf(() => desk.a.ask("renew", 0))], [
    "lease_expired",
    "lease_expired",
  ]);
  desk.a.ask("renew", 1, 5_000);
  await time.tickAsync(5_000);
  assertEquals(desk.a.ask("lostLeases"), [[1, 'The lease of "acme.a" on "acme.gate" expired after 6 s']]);
  assertEquals([desk.a.refusals, desk.b.refusals, desk.b.notes], [[], [], []]);
});

Deno.test("ResourceService answers one question for lost leases at a time", async () => {
  using desk = openDesk();
  const first = desk.a.ask("lostLeases") as Promise<unknown>;
  const second = desk.a.ask("lostLeases") as Promise<unknown>;
  assertEquals(await first, []);
  desk.a[Symbol.dispose]();
  assertEquals(await second, []);
});

Deno.test("ResourceService finds a deadlock by what a plugin has, or says that it keeps", async () => {
  using desk = openDesk();
  desk.a.lock(0, "acme.door");
  desk.b.lock(0, "acme.gate");
  const waiting = desk.a.lock(1, "acme.gate") as Promise<unknown>;
  const error = assertThrows(() => desk.b.lock(1, "acme.door"), CordonError);
  const cycle =
    '"acme.b" waits for "acme.door", held by "acme.a", which waits for "acme.gate", held by "acme.b"';
  assertEquals([error.code, error.message.endsWith(cycle)], ["deadlock", true]);
  assertEquals([desk.a.refusals, desk.b.refusals], [[], [error.message]]);
  // Another call of the plugin, which has not the gate.
  const other = desk.b.lock(2, "acme.door", null, null, []) as Promise<unknown>;
  desk.b.ask("release", 0);
  await waiting;
  desk.a.ask("release", 0);
  await other;
  assertStrictEquals(await codeOf(() => desk.b.lock(3, "acme.door", null, null, [2])), "deadlock");
});

Deno.test("ResourceService refuses what makes no sense, and notes it for the one who asked", async () => {
  using desk = openDesk();
  const { a } = desk;
  a.lock(5);
  const refused: [unknown[], string][] = [
    [["acquire", 6, "lock", "acme.nothing", null], "not_declared"],
    [["acquire", 6, "lock", "constructor", null], "not_declared"],
    [["acquire", 6, "lock", "acme.seats", null], "wrong_kind"],
    [["acquire", 6, "semaphore", "acme.door", null], "wrong_kind"],
    [["acquire", 6, "counter", "acme.hits", null], "invalid_input"],
    [["acquire", 6, "lock", 7, null], "invalid_input"],
    [["acquire", 5, "lock", "acme.gate", null], "invalid_input"],
    [["acquire", 4, "lock", "acme.gate", null], "invalid_input"],
    [["acquire", "6", "lock", "acme.gate", null], "invalid_input"],
    [["acquire", -1, "lock", "acme.gate", null], "invalid_input"],
    ...[0, -1, 1.5, 3, NaN, "1", [], 2 ** 60].map((permits): [unknown[], string] => [
      ["acquire", 6, "semaphore", "acme.seats", permits],
      "invalid_input",
    ]),
    ...[-1, NaN, Infinity, "5s", {}, MAX_LEASE_MS + 1].flatMap((ms): [unknown[], string][] => [
      [["acquire", 6, "lock", "acme.gate", null, ms], "invalid_input"],
      [["acquire", 6, "lock", "acme.gate", null, null, ms], "invalid_input"],
      [["renew", 5, ms], "invalid_input"],
      [["cache", "acme.tiles", "set", "k", 1, Object.is(ms, MAX_LEASE_MS + 1) ? 0 : ms], "invalid_input"],
    ]),
    [["acquire", 6, "lock", "acme.gate", null, null, 0], "invalid_input"],
    [["acquire", 6, "lock", "acme.gate", null, null, null, "all"], "invalid_input"],
    ...[6, "5", null, {}].flatMap((id): [unknown[], string][] => [
      [["release", id], "unknown_lease"],
      [["renew", id], "unknown_lease"],
      [["blobRead", id, 0, 1], "unknown_lease"],
      [["blobAppend", id, new Uint8Array(1)], "unknown_lease"],
    ]),
    [["blobRead", 5, 0, 1], "unknown_lease"],
    [["count", "acme.hits", "add", 0.5], "invalid_input"],
    [["count", "acme.hits", "add", NaN], "invalid_input"],
    [["count", "acme.hits", "compareAndSet", 0, "1"], "invalid_input"],
    [["count", "acme.hits", "toString", 0], "invalid_input"],
    [["count", "acme.seen", "add", 1], "read_only"],
    [["count", "acme.seen", "toString"], "read_only"],
    [["cache", "acme.tiles", "set", "k", "x".repeat(5_000)], "value_too_large"],
    [["cache", "acme.tiles", "set", "x".repeat(257), 1], "invalid_input"],
    [["cache", "acme.tiles", "clear", "k"], "invalid_input"],
    [["blobWrite", 6, "acme.map", 10 * 2 ** 20, new Uint8Array(1)], "value_too_large"],
    [["blobWrite", 6, "acme.map", -1, new Uint8Array(1)], "invalid_input"],
    [["blobWrite", 6, "acme.map", 1, "x"], "invalid_input"],
    [["blobWrite", 6, "acme.map", 8 * 2 ** 20, new Uint8Array(BLOB_CHUNK_BYTES + 1)], "invalid_input"],
  ];
  for (const [[method, ...params], code] of refused) {
    assertStrictEquals(await codeOf(() => a.ask(method as string, ...params)), code, `${method} ${params}`);
  }
  assertStrictEquals(a.refusals.length, 10, "more of them are no news");
  assertEquals([desk.b.refusals, a.notes], [[], []]);
  assertEquals(a.ask("count", "acme.seen", "get"), 0);
});

Deno.test("ResourceService bounds what a plugin has and waits for, together", async () => {
  using desk = openDesk();
  desk.b.lock(0);
  const waits: unknown[] = [];
  for (let id = 0; id < MAX_HOLDINGS; id++) waits.push(codeOf(() => desk.a.lock(id)));
  assertStrictEquals(await codeOf(() => desk.a.lock(MAX_HOLDINGS, "acme.gate")), "too_many_leases");
  desk.a.ask("release", 7);
  desk.a.lock(MAX_HOLDINGS, "acme.gate");
  desk.a[Symbol.dispose]();
  assertEquals(new Set(await Promise.all(waits)), new Set(["cancelled", "channel_closed"]));
});

Deno.test("ResourceService writes a blob piece by piece, and reads the version that was opened", async () => {
  using desk = openDesk();
  const size = BLOB_CHUNK_BYTES + 3;
  assertEquals(desk.b.ask("blobOpen", 0, "acme.map", null), null);
  assertEquals(await desk.a.ask("blobWrite", 0, "acme.map", size, new Uint8Array(BLOB_CHUNK_BYTES)), null);
  assertEquals(desk.b.ask("blobOpen", 1, "acme.map", null), null);
  const version = await desk.a.ask("blobAppend", 0, new Uint8Array([1, 2, 3])) as Record<string, unknown>;
  assertStrictEquals(await codeOf(() => desk.a.ask("blobAppend", 0, new Uint8Array(1))), "unknown_lease");
  const opened = desk.b.ask("blobOpen", 2, "acme.map", null) as Record<string, unknown>;
  assertEquals(opened, { ...version, size, version: 1, token: opened.token });
  await desk.a.ask("blobWrite", 1, "acme.map", 1, new Uint8Array([9]));
  assertEquals(desk.b.ask("blobRead", 2, BLOB_CHUNK_BYTES - 1, 10), new Uint8Array([0, 1, 2, 3]));
  assertStrictEquals((desk.b.ask("blobRead", 2, 0, size) as Uint8Array).length, BLOB_CHUNK_BYTES);
  assertEquals(desk.b.ask("release", 2), null);
  assertStrictEquals(desk.resources.list().find(({ kind }) => kind === "blob")!.bytes, 1);
});
