import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import fc from "fast-check";
import { MAX_WAITERS } from "../../../src/bus/resources/bounds.ts";
import { Lease, type LeaseOwner } from "../../../src/bus/resources/lease.ts";
import { type PermitClaim, Semaphore, Wait } from "../../../src/bus/resources/semaphore.ts";
import { CordonError } from "../../../src/errors.ts";

/** Semaphores, and plugins by name that take leases of them. */
class Scene implements Disposable {
  readonly expired: string[] = [];
  readonly #owners = new Map<string, LeaseOwner>();
  readonly #semaphores: Semaphore[] = [];
  #token = 0;

  make(name: string, permits = 1): Semaphore {
    const semaphore = new Semaphore(name, permits, () => ++this.#token);
    this.#semaphores.push(semaphore);
    return semaphore;
  }

  claim(id: string, claim: Partial<PermitClaim> = {}): PermitClaim {
    const owner = this.#owners.get(id) ?? { id, instance: 1 };
    this.#owners.set(id, owner);
    const leases = this.#semaphores.flatMap(({ leases }) => [...leases]);
    return {
      owner,
      permits: 1,
      leaseMs: 30_000,
      waitMs: 30_000,
      onExpire: () => this.expired.push(id),
      keeps: new Set(leases.filter((lease) => lease.owner === owner)),
      isSaid: false,
      ...claim,
    };
  }

  /** Takes what is free. */
  take(semaphore: Semaphore, id: string, claim?: Partial<PermitClaim>): Lease {
    const lease = semaphore.acquire(this.claim(id, claim));
    assert(lease instanceof Lease);
    return lease;
  }

  /** Waits for what is not. */
  wait(semaphore: Semaphore, id: string, claim?: Partial<PermitClaim>): Wait {
    const wait = semaphore.acquire(this.claim(id, claim));
    assert(wait instanceof Wait);
    return wait;
  }

  [Symbol.dispose](): void {
    for (const { waits, leases } of this.#semaphores) {
      for (const wait of [...waits]) wait.cancel(new Error("the scene ends"));
      for (const lease of [...leases]) lease.release();
    }
  }
}

function ownersOf({ leases }: Semaphore): string[] {
  return [...leases].map(({ owner }) => owner.id);
}

Deno.test("Semaphore serves those who wait in the order in which they came", async () => {
  using scene = new Scene();
  const lock = scene.make("lock");
  let held = scene.take(lock, "a");
  const waits = ["b", "c", "d"].map((id) => scene.wait(lock, id));
  for (const wait of waits) {
    held.release();
    held = await wait.granted;
    assertEquals(ownersOf(lock), [wait.owner.id]);
  }
  held.release();
  assertEquals([lock.isIdle, lock.free], [true, 1]);
});

Deno.test("Semaphore serves nobody before one who wants more, even where there is enough", async () => {
  using scene = new Scene();
  const seats = scene.make("seats", 3);
  const first = scene.take(seats, "a", { permits: 2 });
  const large = scene.wait(seats, "b", { permits: 3 });
  const small = scene.wait(seats, "c");
  assertStrictEquals(seats.free, 1);
  first.release();
  (await large.granted).release();
  assertEquals((await small.granted).owner.id, "c");
});

Deno.test("Semaphore takes out the one who gives up, and nobody else", async () => {
  using scene = new Scene();
  const lock = scene.make("lock");
  const held = scene.take(lock, "a");
  const [b, c, d] = ["b", "c", "d"].map((id) => scene.wait(lock, id));
  c!.cancel(new RangeError("no time"));
  await assertRejects(() => c!.granted, RangeError, "no time");
  held.release();
  (await b!.granted).release();
  assertEquals((await d!.granted).owner.id, "d");
  const large = scene.make("large", 2);
  scene.take(large, "a");
  const first = scene.wait(large, "b", { permits: 2 });
  const behind = scene.wait(large, "c");
  first.cancel(new Error("gives up"));
  assertEquals((await behind.granted).owner.id, "c", "what was free all along");
});

Deno.test("A lease ends by itself when its time is over, and the next one is served", async () => {
  using time = new FakeTime();
  using scene = new Scene();
  const lock = scene.make("lock");
  const held = scene.take(lock, "a", { leaseMs: 1_000 });
  const next = scene.wait(lock, "b");
  await time.tickAsync(999);
  assertEquals([held.isHeld, scene.expired], [true, []]);
  await time.tickAsync(1);
  assertEquals([held.isHeld, scene.expired, ownersOf(lock)], [false, ["a"], ["b"]]);
  assertStrictEquals(held.release(), false, "a late release takes nothing from the next holder");
  const lease = await next.granted;
  assertEquals([lease.isHeld, lease.token > held.token], [true, true]);
});

Deno.test("A renewed lease lasts from then on, as long as at first or as said", async () => {
  using time = new FakeTime();
  using scene = new Scene();
  const held = scene.take(scene.make("lock"), "a", { leaseMs: 1_000 });
  await time.tickAsync(900);
  held.renew();
  await time.tickAsync(999);
  assertStrictEquals(held.isHeld, true);
  held.renew(50);
  await time.tickAsync(50);
  assertEquals([held.isHeld, scene.expired], [false, ["a"]]);
});

Deno.test("A wait ends when its time is over, and says who holds it", async () => {
  using time = new FakeTime();
  using scene = new Scene();
  const lock = scene.make("lock");
  scene.take(lock, "a");
  const late = scene.wait(lock, "b", { waitMs: 200 });
  const next = scene.wait(lock, "c", { waitMs: 10_000 });
  const failed = assertRejects(
    () => late.granted,
    CordonError,
    'Cannot take "lock" within 200 ms: held by "a"',
  );
  await time.tickAsync(200);
  assertEquals((await failed).code, "deadline_exceeded");
  assertEquals([...lock.waits], [next]);
  const refused = assertThrows(() => lock.acquire(scene.claim("d", { waitMs: 0 })), CordonError);
  assertEquals(refused.code, "deadline_exceeded");
});

Deno.test("Semaphore refuses the wait that would never end, and leaves the others as they were", async () => {
  using scene = new Scene();
  const [x, y] = [scene.make("x"), scene.make("y")];
  const held = scene.take(x, "b");
  scene.take(y, "a");
  const waiting = scene.wait(y, "b");
  const error = assertThrows(() => x.acquire(scene.claim("a")), CordonError);
  assertEquals([error.code, error.message], [
    "deadlock",
    'Cannot wait for "x": that would never end, since "a" waits for "x", held by "b", ' +
    'which waits for "y", held by "a"',
  ]);
  assertEquals([x.waits.size, [...y.waits]], [0, [waiting]]);
  held.release();
  scene.take(x, "a").release();
  [...y.leases][0]!.release();
  assertEquals((await waiting.granted).owner.id, "b");
});

Deno.test("Semaphore refuses more permits than there are, and too many who wait", () => {
  using scene = new Scene();
  const seats = scene.make("seats", 2);
  const greedy = assertThrows(() => seats.acquire(scene.claim("a", { permits: 3 })), CordonError);
  assertStrictEquals(greedy.code, "invalid_input");
  scene.take(seats, "a", { permits: 2 });
  for (let count = 0; count < MAX_WAITERS; count++) scene.wait(seats, `p${count}`);
  const late = assertThrows(() => seats.acquire(scene.claim("b")), CordonError);
  assertStrictEquals(late.code, "too_many_waiters");
});

/** One thing that happens to two semaphores. */
const STEP = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("take"),
      owner: fc.nat(4),
      where: fc.nat(1),
      permits: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("release"),
      owner: fc.nat(50),
      where: fc.nat(1),
      permits: fc.constant(0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("cancel"),
      owner: fc.nat(50),
      where: fc.nat(1),
      permits: fc.constant(0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("tick"),
      owner: fc.nat(400),
      where: fc.nat(1),
      permits: fc.constant(0),
    }),
  },
);

Deno.test("Whatever happens, a semaphore has no more holders than permits, serves in order, and loses nobody", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 60 }), async (steps) => {
      using time = new FakeTime();
      using scene = new Scene();
      const places = [scene.make("x", 1), scene.make("y", 3)];
      const pending = new Set<Wait>();
      const served: Wait[] = [];
      const watch = (wait: Wait) => {
        pending.add(wait);
        const end = () => pending.delete(wait);
        wait.granted.then(() => end() && served.push(wait), end);
      };
      for (const { type, owner, where, permits } of steps) {
        const place = places[where]!;
        const pick = <Item>(items: ReadonlySet<Item>) => [...items][owner % Math.max(1, items.size)];
        const before = [...place.waits];
        served.length = 0;
        if (type === "take") {
          try {
            const taken = place.acquire(
              scene.claim(`p${owner}`, {
                permits: Math.min(permits, place.permits),
                leaseMs: 1_000,
                waitMs: 1_500,
              }),
            );
            if (taken instanceof Wait) watch(taken);
            else assertStrictEquals(before.length, 0, "nobody overtakes");
          } catch (error) {
            assertStrictEquals((error as CordonError).code, "deadlock");
          }
        } else if (type === "release") pick(place.leases)?.release();
        else if (type === "cancel") pick(place.waits)?.cancel(new Error("gives up"));
        await time.tickAsync(type === "tick" ? owner : 0);
        assertEquals(
          served.filter(({ queue }) => queue === place),
          before.filter((wait) => served.includes(wait)),
          "in order",
        );
        for (const { leases, waits, permits, free } of places) {
          const held = [...leases].reduce((sum, lease) => sum + lease.permits, 0);
          assertStrictEquals(held + free, permits);
          assert(free >= 0);
          const [next] = waits;
          assert(next === undefined || next.permits > free, "the next one is served as soon as it can be");
        }
        assertEquals(new Set(places.flatMap(({ waits }) => [...waits])), pending);
      }
      // Nobody renews, so everybody comes to an end.
      for (let second = 0; second < 5; second++) await time.tickAsync(1_000);
      assertEquals([pending.size, places.every(({ isIdle }) => isIdle)], [0, true]);
    }),
    { numRuns: 150 },
  );
});

/** Whether following holders and what they wait for, from a lock on, ends at a plugin. */
function leadsBack(locks: readonly Semaphore[], lock: Semaphore, id: string): boolean {
  for (let at: Semaphore | undefined = lock; at !== undefined;) {
    const [holder] = ownersOf(at);
    if (holder === id) return true;
    at = locks.find(({ waits }) => [...waits].some(({ owner }) => owner.id === holder));
  }
  return false;
}

Deno.test("Without time limits a refused wait is the only way out: all others end once their holders do", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 4, maxLength: 40 }),
      async (wishes) => {
        using scene = new Scene();
        const places = ["w", "x", "y", "z"].map((name) => scene.make(name));
        // Each plugin is one task: it takes what it wants one after the other, and lets go at the end of its list.
        const lists = Map.groupBy(wishes, ([plugin]) => plugin);
        const run = async ([plugin, list]: [number, [number, number][]]) => {
          const held = new Map<number, Lease>();
          for (const [, place] of list) {
            if (held.has(place)) continue;
            await Promise.resolve();
            try {
              const taken = places[place]!.acquire(scene.claim(`p${plugin}`));
              held.set(place, taken instanceof Wait ? await taken.granted : taken);
            } catch (error) {
              assertStrictEquals((error as CordonError).code, "deadlock");
              assert(leadsBack(places, places[place]!, `p${plugin}`), (error as Error).message);
              break;
            }
          }
          for (const lease of held.values()) lease.release();
        };
        // No clock moves here: if a cycle were missed, this would not end.
        await Promise.all([...lists].map(run));
        assertEquals(places.every(({ isIdle }) => isIdle), true);
      },
    ),
    { numRuns: 300 },
  );
});
