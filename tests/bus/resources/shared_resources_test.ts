import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { MAX_FORGOTTEN } from "../../../src/bus/resources/bounds.ts";
import type { Lease, LeaseOwner } from "../../../src/bus/resources/lease.ts";
import type { Semaphore } from "../../../src/bus/resources/semaphore.ts";
import { SharedResources } from "../../../src/bus/resources/shared_resources.ts";
import { CordonError } from "../../../src/errors.ts";
import type { SharedResource } from "../../../src/manifest/shared_resource.ts";

const DECLARED: Record<string, SharedResource> = {
  door: { kind: "lock" },
  seats: { kind: "semaphore", permits: 2 },
  hits: { kind: "counter", access: "read" },
  tiles: { kind: "cache", maxBytes: 1_000, access: "write" },
  map: { kind: "blob", maxBytes: 1_000, access: "read" },
};

function take(semaphore: Semaphore, owner: LeaseOwner): Lease {
  const lease = semaphore.acquire({
    owner,
    permits: 1,
    leaseMs: 30_000,
    waitMs: 0,
    onExpire: () => {},
    keeps: new Set(),
    isSaid: false,
  });
  return lease as Lease;
}

Deno.test("A plugin reaches what it declares, as what it declares it, and changes what it may", () => {
  const owner = new SharedResources().enter("a", DECLARED);
  assertStrictEquals(owner.semaphore("door", "lock").permits, 1);
  assertStrictEquals(owner.semaphore("seats", "semaphore").permits, 2);
  assertStrictEquals(owner.counter("hits", "read").value, 0);
  const refused: [() => unknown, string][] = [
    [() => owner.semaphore("gate", "lock"), "not_declared"],
    [() => owner.semaphore("toString", "lock"), "not_declared"],
    [() => owner.semaphore("__proto__", "lock"), "not_declared"],
    [() => owner.semaphore("seats", "lock"), "wrong_kind"],
    [() => owner.counter("tiles", "read"), "wrong_kind"],
    [() => owner.counter("hits", "write"), "read_only"],
    [() => owner.blob("map", "write"), "read_only"],
  ];
  for (const [use, code] of refused) assertStrictEquals(assertThrows(use, CordonError).code, code);
});

Deno.test("SharedResources shows what is declared and what is kept", () => {
  const resources = new SharedResources();
  const [a, b] = [resources.enter("b.two", DECLARED), resources.enter("a.one", { door: { kind: "lock" } })];
  const lease = take(a.semaphore("door", "lock"), a);
  a.cache("tiles", "write").set("k", 1);
  const [door, hits, map, seats, tiles] = resources.list();
  assertEquals([door!.users, door!.permits, door!.waiters], [["a.one", "b.two"], 1, []]);
  assertEquals(door!.holders.map(({ id, instance, permits, token }) => [id, instance, permits, token]), [
    ["b.two", 1, 1, lease.token],
  ]);
  assertEquals([hits!.value, seats!.permits, map!.version, map!.maxBytes, tiles!.entries], [
    0,
    2,
    0,
    1_000,
    1,
  ]);
  lease.release();
  a[Symbol.dispose]();
  b[Symbol.dispose]();
  assertEquals(resources.list().map(({ name, users, entries }) => [name, users, entries]), [[
    "tiles",
    [],
    1,
  ]]);
});

Deno.test("Counters, caches and blobs outlast their plugins, up to a bound", () => {
  const resources = new SharedResources();
  const visit = (name: string) => {
    using owner = resources.enter("a", { [name]: { kind: "counter", access: "write" } });
    return owner.counter(name, "write").add(1);
  };
  visit("first");
  assertStrictEquals(visit("first"), 2);
  for (let index = 0; index < MAX_FORGOTTEN; index++) visit(`n${index}`);
  assertEquals([resources.list().length, visit("n9"), visit("first")], [MAX_FORGOTTEN, 2, 1]);
});

Deno.test("A semaphore takes on other permits when nobody uses it, and a cache another size", () => {
  const resources = new SharedResources();
  const seats = (permits: number) => resources.enter("a", { seats: { kind: "semaphore", permits } });
  const [two, three] = [seats(2), seats(3)];
  const lease = take(two.semaphore("seats", "semaphore"), two);
  const error = assertThrows(() => three.semaphore("seats", "semaphore"), CordonError);
  assertStrictEquals(error.code, "conflict");
  lease.release();
  assertStrictEquals(three.semaphore("seats", "semaphore").permits, 3);
  assertEquals([resources.cache("c", 100).maxBytes, resources.cache("c", 200).maxBytes], [100, 200]);
});

Deno.test("Tokens rise, also from one host to the next", () => {
  using time = new FakeTime();
  const tokens = [0, 1].flatMap((passedMs) => {
    time.tick(passedMs);
    const resources = new SharedResources();
    const owner = resources.enter("a", { door: { kind: "lock" } });
    return [1, 2].map(() => {
      const lease = take(owner.semaphore("door", "lock"), owner);
      lease.release();
      return lease.token;
    });
  });
  assertEquals(tokens, tokens.toSorted((a, b) => a - b));
  assertEquals([new Set(tokens).size, tokens.every(Number.isSafeInteger)], [4, true]);
});
