import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  findDeadlock,
  formatDeadlock,
  type Holding,
  type Party,
  type Waiting,
  type WaitQueue,
} from "../../../src/bus/resources/wait_graph.ts";

interface Place extends WaitQueue {
  free: number;
  readonly leases: Set<Holding & { readonly keptBy: Set<Waiting> }>;
  readonly waits: Set<Waiting>;
}

/** A small world: who holds what, and who waits for what while keeping which. */
class World {
  readonly #places = new Map<string, Place>();
  readonly #parties = new Map<string, Party>();

  place(name: string, permits = 1): Place {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place: Place = { name, free: permits, leases: new Set(), waits: new Set() };
    this.#places.set(name, place);
    return place;
  }

  holds(id: string, name: string, permits = 1): this {
    const place = this.place(name);
    place.free -= permits;
    place.leases.add({ owner: this.#party(id), permits, keptBy: new Set() });
    return this;
  }

  /** Begins a wait of somebody who keeps what it has elsewhere; the cycle in words, and it waits on where there is none. */
  waits(
    id: string,
    name: string,
    { permits = 1, keeps }: { permits?: number; keeps?: string[] } = {},
  ): string | undefined {
    const queue = this.place(name);
    const wait: Waiting = { owner: this.#party(id), permits, queue, isSaid: keeps !== undefined };
    queue.waits.add(wait);
    const kept = [...this.#places.values()].filter((place) => keeps?.includes(place.name) ?? place !== queue)
      .flatMap(({ leases }) => [...leases]).filter(({ owner }) => owner === wait.owner);
    for (const lease of kept) lease.keptBy.add(wait);
    const cycle = findDeadlock(wait);
    if (cycle === undefined) return undefined;
    queue.waits.delete(wait);
    for (const lease of kept) lease.keptBy.delete(wait);
    return formatDeadlock(cycle);
  }

  #party(id: string): Party {
    const party = this.#parties.get(id) ?? { id };
    this.#parties.set(id, party);
    return party;
  }
}

Deno.test("findDeadlock() names a cycle of two", () => {
  const world = new World().holds("a", "y").holds("b", "x");
  assertStrictEquals(world.waits("b", "y"), undefined);
  assertStrictEquals(
    world.waits("a", "x"),
    '"a" waits for "x", held by "b", which waits for "y", held by "a"',
  );
});

Deno.test("findDeadlock() names a cycle of three, without those who only wait beside it", () => {
  const world = new World().holds("a", "x").holds("b", "y").holds("c", "z").holds("d", "w");
  assertStrictEquals(world.waits("d", "x"), undefined);
  assertStrictEquals(world.waits("a", "y"), undefined);
  assertStrictEquals(world.waits("b", "z"), undefined);
  assertStrictEquals(
    world.waits("c", "x"),
    '"c" waits for "x", held by "a", which waits for "y", held by "b", which waits for "z", held by "c"',
  );
});

Deno.test("findDeadlock() lets a chain wait", () => {
  const world = new World().holds("a", "x").holds("b", "y").holds("c", "z");
  assertEquals([world.waits("b", "x"), world.waits("c", "y"), world.waits("d", "z")], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("findDeadlock() lets one wait for a semaphore while some holder of it can go on", () => {
  const world = new World();
  world.place("s", 2);
  world.holds("b", "s").holds("c", "s").holds("a", "x");
  assertStrictEquals(world.waits("b", "x"), undefined);
  assertStrictEquals(world.waits("a", "s"), undefined, '"c" can give its permit back');
  assertStrictEquals(
    world.waits("c", "x"),
    '"c" waits for "x", held by "a", which waits for "s", held by "c"',
    "the last one that could",
  );
});

Deno.test("findDeadlock() counts permits", () => {
  const world = new World();
  world.place("s", 3);
  world.holds("a", "x").holds("b", "s", 2).holds("c", "s");
  assertStrictEquals(world.waits("b", "x"), undefined);
  assertStrictEquals(
    world.waits("a", "s", { permits: 2 }),
    '"a" waits for "s", held by "b", which waits for "x", held by "a"',
  );
  assertStrictEquals(world.waits("a", "s"), undefined);
});

Deno.test("findDeadlock() sees that those before it in the queue are served first", () => {
  const world = new World();
  world.place("s", 3);
  world.holds("a", "x").holds("b", "s", 2);
  // "c" wants all three and keeps "y"; one is free, but not for whoever comes after it.
  world.holds("c", "y");
  assertStrictEquals(world.waits("c", "s", { permits: 3 }), undefined);
  assertStrictEquals(
    world.waits("b", "y"),
    '"b" waits for "y", held by "c", which waits for "s", held by "b"',
  );
  assertStrictEquals(world.waits("d", "s"), undefined);
  assertStrictEquals(world.waits("b", "x"), undefined);
  assertStrictEquals(
    world.waits("a", "s"),
    '"a" waits for "s", held by "b", which waits for "x", held by "a"',
  );
});

Deno.test("findDeadlock() names one who waits before, where that is what is in the way", () => {
  const world = new World();
  world.place("s", 2);
  world.holds("a", "s").holds("d", "z");
  assertStrictEquals(world.waits("a", "z"), undefined);
  assertStrictEquals(world.waits("c", "s", { permits: 2 }), undefined);
  // Had after the wait for "z" began, which so does not keep it.
  world.holds("a", "y");
  assertStrictEquals(world.waits("d", "y"), undefined);
  assertStrictEquals(
    world.waits("a", "s"),
    '"a" waits for "s", waited for before by "c", which waits for "s", held by "a", ' +
      'which waits for "z", held by "d", which waits for "y", held by "a"',
  );
});

Deno.test("findDeadlock() takes a plugin's other work to go on, unless the plugin says what it keeps", () => {
  const world = new World().holds("a", "x");
  assertStrictEquals(world.waits("a", "x"), undefined, "another call of the plugin may have it");
  assertStrictEquals(world.waits("a", "x", { keeps: ["x"] }), '"a" waits for "x", held by "a"');
  const pool = new World();
  pool.place("s", 2);
  pool.holds("a", "s");
  assertStrictEquals(pool.waits("c", "s", { permits: 2 }), undefined);
  assertStrictEquals(pool.waits("a", "s"), undefined, "two calls of one plugin");
  const other = new World().holds("a", "x").holds("b", "y");
  assertStrictEquals(other.waits("b", "x", { keeps: [] }), undefined);
  assertStrictEquals(other.waits("a", "y"), undefined, 'what "b" waits with does not keep "y"');
});
