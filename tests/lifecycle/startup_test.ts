import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { startStages, type StartupOptions } from "../../src/lifecycle/startup.ts";

/** Starts that wait until they are told how they went. */
class Starts {
  readonly begun: string[] = [];
  readonly skipped: string[] = [];
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();

  readonly start = (id: string): Promise<void> => {
    this.begun.push(id);
    this.#gates.set(id, Promise.withResolvers());
    return this.#gates.get(id)!.promise;
  };

  readonly skip = (id: string, dependency: string): void => void this.skipped.push(`${id} for ${dependency}`);

  async succeed(...ids: string[]): Promise<void> {
    for (const id of ids) this.#gates.get(id)!.resolve();
    await settle();
  }

  async fail(id: string): Promise<void> {
    this.#gates.get(id)!.reject(new Error(`${id} failed`));
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

/** Edges written as `a>b`, or `a?b` where `a` can do without. */
function edges(...pairs: string[]): StartupOptions["edges"] {
  return pairs.map((pair) => ({ from: pair[0]!, to: pair[2]!, optional: pair[1] === "?", label: "*" }));
}

Deno.test("startStages() starts a stage at once, and the next when all of it has started", async () => {
  const starts = new Starts();
  const done = startStages([["a", "b"], ["c"]], { edges: edges("c>a"), concurrency: 8, ...starts });
  await settle();
  assertEquals(starts.begun, ["a", "b"]);
  await starts.succeed("a");
  assertEquals(starts.begun, ["a", "b"]);
  await starts.succeed("b");
  assertEquals(starts.begun, ["a", "b", "c"]);
  await starts.succeed("c");
  assertEquals(await done, [{ id: "a", error: undefined }, { id: "b", error: undefined }, {
    id: "c",
    error: undefined,
  }]);
});

Deno.test("startStages() starts no more at once than it may", async () => {
  const starts = new Starts();
  const stage = ["a", "b", "c", "d", "e"];
  const done = startStages([stage], { edges: [], concurrency: 2, ...starts });
  await settle();
  assertEquals(starts.begun, ["a", "b"]);
  await starts.succeed("b");
  assertEquals(starts.begun, ["a", "b", "c"]);
  await starts.fail("c");
  assertEquals(starts.begun, ["a", "b", "c", "d"]);
  await starts.succeed("a", "d");
  await starts.succeed("e");
  assertEquals((await done).map(({ id }) => id).sort(), stage);
});

Deno.test("startStages() holds back who depends on a failure, and nobody else", async () => {
  const starts = new Starts();
  const done = startStages([["a", "b"], ["c", "d", "e"], ["f"]], {
    // d can do without a, e needs only b, f needs c, which needs a.
    edges: edges("c>a", "d?a", "e>b", "f>c"),
    concurrency: 8,
    ...starts,
  });
  await settle();
  await starts.fail("a");
  await starts.succeed("b");
  assertEquals(starts.begun, ["a", "b", "d", "e"]);
  await starts.succeed("d", "e");
  const outcomes = await done;
  assertEquals(starts.begun, ["a", "b", "d", "e"]);
  assertEquals(starts.skipped, ["c for a", "f for c"]);
  const messages = Object.fromEntries(
    outcomes.map(({ id, error }) => [id, (error as Error | undefined)?.message]),
  );
  assertEquals(messages, {
    a: "a failed",
    b: undefined,
    c: '"a" did not start',
    d: undefined,
    e: undefined,
    f: '"c" did not start',
  });
});

Deno.test("startStages() ends between two starts when its signal aborts, and lets those under way finish", async () => {
  const starts = new Starts();
  const controller = new AbortController();
  const done = startStages([["a", "b", "c"], ["d"]], {
    edges: [],
    concurrency: 2,
    signal: controller.signal,
    ...starts,
  });
  await settle();
  const reason = new Error("enough");
  controller.abort(reason);
  let isSettled = false;
  done.catch(() => isSettled = true);
  await starts.succeed("a");
  assert(!isSettled);
  await starts.succeed("b");
  assertStrictEquals(await assertRejects(() => done), reason);
  assertEquals(starts.begun, ["a", "b"]);
});

Deno.test("startStages() starts nothing under a signal that has aborted", async () => {
  const starts = new Starts();
  const signal = AbortSignal.abort(new Error("before"));
  await assertRejects(
    () => startStages([["a"]], { edges: [], concurrency: 1, signal, ...starts }),
    Error,
    "before",
  );
  assertEquals(starts.begun, []);
});

Deno.test("startStages() takes a start that throws at once for one that fails", async () => {
  const skipped: string[] = [];
  const outcomes = await startStages([["a"], ["b"]], {
    edges: edges("b>a"),
    concurrency: 1,
    start: () => {
      throw new Error("at once");
    },
    skip: (id) => skipped.push(id),
  });
  assertEquals(skipped, ["b"]);
  assertStrictEquals((outcomes[0]!.error as Error).message, "at once");
  assertEquals(
    await startStages([], { edges: [], concurrency: 1, start: () => Promise.resolve(), skip: () => {} }),
    [],
  );
});
