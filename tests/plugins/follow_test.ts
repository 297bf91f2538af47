import { assert, assertEquals, assertRejects } from "@std/assert";
import { each, Follower } from "../../plugins/site/follow.ts";
import type { Batch, FilesChanges } from "../../plugins/site/follow.ts";

const NOTHING: FilesChanges = {
  revision: 1,
  reset: false,
  changed: [],
  removed: [],
  more: false,
  name: "docs",
  isSite: false,
};

function page(path: string) {
  return { path, kind: "page" as const, size: 1, hash: "1" };
}

/** A follower of answers that are given one after the other, and of nothing after them. */
function follow(answers: Partial<FilesChanges>[], known: string[] = []) {
  const asked: (number | null | undefined)[] = [];
  const batches: Batch[] = [];
  const errors: unknown[] = [];
  const ending = new AbortController();
  const options = {
    signal: ending.signal,
    files: () =>
      Promise.resolve({
        changes: (since?: number | null) => {
          asked.push(since);
          return Promise.resolve({ ...NOTHING, ...answers.shift() });
        },
      }),
    known: () => known,
    apply: (batch: Batch) => {
      batches.push(batch);
      return Promise.resolve();
    },
    onError: (error: unknown) => errors.push(error),
    retryMs: [1],
  };
  return { options, asked, batches, errors, [Symbol.dispose]: () => ending.abort() };
}

Deno.test("The copies of modules that several plugins have are equal", async () => {
  const read = (path: string) => Deno.readTextFile(new URL(`../../plugins/${path}`, import.meta.url));
  assertEquals(await read("search/follow.ts"), await read("site/follow.ts"));
  assertEquals(await read("links/follow.ts"), await read("site/follow.ts"));
  assertEquals(await read("links/resolve.ts"), await read("site/resolve.ts"));
});

Deno.test("Follower.sync() goes on from the last revision until nothing more changed", async () => {
  using case_ = follow([
    { reset: true, revision: 5, changed: [page("a")], more: true },
    { revision: 6, changed: [page("b")] },
    { revision: 7, removed: ["a"] },
  ]);
  const follower = new Follower(case_.options);
  await follower.sync();
  assertEquals(follower.revision, 6);
  await follower.sync();
  assertEquals(case_.asked, [undefined, 5, 6]);
  assertEquals(case_.batches.map(({ removed, more }) => [removed, more]), [[[], true], [[], false], [
    ["a"],
    false,
  ]]);
});

Deno.test("Follower.sync() removes after a reset what is not listed any more", async () => {
  using case_ = follow([
    { reset: true, revision: 5, changed: [page("a")], more: true },
    { revision: 6, changed: [page("c")] },
  ], ["a", "b", "c", "d"]);
  await new Follower(case_.options).sync();
  assertEquals(case_.batches.map(({ removed }) => removed), [[], ["b", "d"]]);
});

Deno.test("Follower.sync() runs one round at a time, and one more for all who came meanwhile", async () => {
  using case_ = follow([]);
  let running = 0;
  let most = 0;
  const follower = new Follower({
    ...case_.options,
    apply: async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
    },
  });
  await Promise.all([follower.sync(), follower.sync(), follower.sync(), follower.sync()]);
  assertEquals(most, 1);
  assertEquals(case_.asked.length, 2);
});

Deno.test("Follower tries a failed round again, where it stopped", async () => {
  using case_ = follow([
    { reset: true, revision: 5, changed: [page("a")], more: true },
    { revision: 6, changed: [page("b")] },
    { revision: 6, changed: [page("b")] },
  ], ["old"]);
  const applied: string[] = [];
  const done = Promise.withResolvers<void>();
  let failures = 1;
  const follower = new Follower({
    ...case_.options,
    apply: ({ changed, removed, more }) => {
      if (changed.some(({ path }) => path === "b") && failures-- > 0) {
        return Promise.reject(new Error("away"));
      }
      applied.push(...changed.map(({ path }) => path), ...removed.map((path) => `-${path}`));
      if (!more) done.resolve();
      return Promise.resolve();
    },
  });
  await assertRejects(() => follower.sync(), Error, "away");
  await done.promise;
  assertEquals(applied, ["a", "b", "-old"]);
  assertEquals(case_.asked, [undefined, 5, 5]);
  assertEquals(case_.errors.length, 1);
});

Deno.test("Follower stops with its signal, and leaves no timer", async () => {
  const case_ = follow([]);
  const follower = new Follower({
    ...case_.options,
    files: () => Promise.reject(new Error("no")),
    retryMs: [60_000],
  });
  follower.wake();
  await assertRejects(() => follower.sync(), Error, "no");
  case_[Symbol.dispose]();
});

Deno.test("each() works on several items at a time, and begins no more after a failure", async () => {
  let running = 0;
  let most = 0;
  const begun: number[] = [];
  await assertRejects(
    () =>
      each([1, 2, 3, 4, 5, 6, 7, 8], 3, async (item) => {
        begun.push(item);
        most = Math.max(most, ++running);
        await Promise.resolve();
        running--;
        if (item === 4) throw new Error("four");
      }),
    Error,
    "four",
  );
  assertEquals(most, 3);
  assertEquals(running, 0);
  assert(!begun.includes(8));
});
