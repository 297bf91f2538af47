/** What a new version takes over besides calls and state: events, leases, streams, standby sandboxes. */

import { assert, assertEquals, assertGreater, assertMatch, assertRejects } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import { eventually } from "../faults/host_process.ts";
import { manifestText, openFixtures, writePlugin } from "../fixtures/start_host.ts";

/** A plugin whose code is replaced. */
async function run(code: string, more: string) {
  const plugin = await writePlugin({ "plugin.toml": manifestText("test.one", more), "main.ts": code });
  const opened = await openFixtures([], { plugins: [plugin.dir], grant: "requested" });
  const { host } = opened;
  await host.start();
  return {
    host,
    data: opened.data,
    call: (method: string, ...args: unknown[]) => host.call("test.one", method, args),
    notes: (type: string) => host.journal.list().filter((event) => event.type === type),
    async reload(text: string) {
      await Deno.writeTextFile(`${plugin.dir}/main.ts`, text);
      await host.reload("test.one");
    },
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await plugin[Symbol.asyncDispose]();
    },
  };
}

Deno.test("Kept events come to each version in order, none twice and none never", async () => {
  const listens = `
    let seen = [];
    export function activate(ctx) {
      ctx.events.on("test.*", async (value) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        seen.push(value);
      });
      return { seen: () => seen, publish: (value) => ctx.events.publish("test.kept", value) };
    }
    export const exportState = () => seen;
    export const importState = (state) => { seen = state; };`;
  await using site = await run(
    listens,
    `[events]\npublishes = ["test.kept"]\nsubscribes = ["test.*"]
     [events.topics."test.kept"]\ndelivery = "at-least-once"
     [reload]\nstate = "transfer"`,
  );
  const { host, call } = site;
  let count = 0;
  let isOver = false;
  const publishing = (async () => {
    while (!isOver) {
      await call("publish", count++);
      await host.publish("test.plain", count++);
    }
  })();
  for (let n = 0; n < 4; n++) await site.reload(`${listens}\n// ${n}`);
  isOver = true;
  await publishing;
  await eventually(async () => (await call("seen") as number[]).length >= count, "every event has come");
  const seen = await call("seen") as number[];
  const kept = seen.filter((value) => value % 2 === 0);
  const plain = seen.filter((value) => value % 2 === 1);
  assertEquals(kept, Array.from({ length: Math.ceil(count / 2) }, (_, index) => 2 * index));
  assertEquals(plain, Array.from({ length: Math.floor(count / 2) }, (_, index) => 2 * index + 1));
});

Deno.test("A new version has the locks that the old one holds, and nobody else gets them in between", async () => {
  const locks = `
    export async function activate(ctx) {
      const lease = await ctx.resources.lock("test.port", { timeoutMs: 200 });
      return { token: () => lease.token };
    }`;
  await using site = await run(locks, `[resources]\n"test.port" = { kind = "lock" }`);
  const first = await site.call("token") as number;
  await site.reload(`${locks}\n// 2`);
  const second = await site.call("token") as number;
  assertGreater(second, first);
  await eventually(() => site.host.resources()[0]?.holders.length === 1, "the old version has gone");
});

Deno.test("A plugin with something exclusive is stopped first, and started again where the new version fails", async (t) => {
  const holds = `
    let count = 0;
    const file = (name) => new URL("file://" + name);
    export async function activate(ctx) {
      const path = file(ctx.data + "/claim");
      try { await Deno.stat(path); throw new Error("taken"); }
      catch (error) { if (!(error instanceof Deno.errors.NotFound)) throw error; }
      await Deno.writeTextFile(path, "mine");
      return {
        add: () => ++count,
        [Symbol.asyncDispose]: () => Deno.remove(path),
      };
    }
    export const exportState = () => count;
    export const importState = (state) => { count = state; };`;
  await using site = await run(
    holds,
    `[reload]\nstate = "transfer"\nexclusive = true
     [[permissions.read]]\npaths = ["$DATA"]
     [[permissions.write]]\npaths = ["$DATA"]`,
  );
  assertEquals(await site.call("add"), 1);
  await t.step("it takes over", async () => {
    const calls = Promise.all([1, 2, 3].map(() => site.call("add")));
    await site.reload(`${holds}\n// 2`);
    assertEquals(await calls, [2, 3, 4]);
    assertEquals(await site.call("add"), 5);
  });
  await t.step("it fails", async () => {
    await eventually(
      () => site.host.versions("test.one").some(({ isCurrent }) => isCurrent),
      "a copy of what runs",
    );
    const error = await assertRejects(() => site.reload("throw new Error('no')"), CordonError);
    assertMatch(error.message, /did not start/);
    assertEquals(await site.call("add"), 6);
  });
});

Deno.test("A stream that is read ends on the old version, unless the manifest says otherwise", async (t) => {
  const streams = `
    export const activate = () => ({
      count: () => (async function* () { for (let n = 0; n < 100; n++) {
        await new Promise((resolve) => setTimeout(resolve, 10)); yield n; } })(),
      version: () => VERSION,
    });
    const VERSION = 1;`;
  for (const unfinished of ["finish", "cancel"]) {
    await t.step(unfinished, async () => {
      await using site = await run(streams, `[reload]\ndrain = "50ms"\nunfinished = "${unfinished}"`);
      const stream = await site.call("count") as AsyncIterable<number>;
      const seen: number[] = [];
      const reading = (async () => {
        try {
          for await (const value of stream) seen.push(value);
          return undefined;
        } catch (error) {
          return error;
        }
      })();
      await eventually(() => seen.length > 0, "it is read");
      await site.reload(streams.replace("VERSION = 1", "VERSION = 2"));
      assertEquals(await site.call("version"), 2);
      const error = await reading;
      assertEquals([error instanceof Error, seen.length < 100], Array(2).fill(unfinished === "cancel"));
    });
  }
});

Deno.test("A plugin that changed gets a sandbox that waits for its next version", async () => {
  const code = (version: number) => `export const activate = () => ({ answer: () => ${version} });`;
  await using site = await run(code(1), "");
  const pids = async () => {
    const found: number[] = [];
    for await (const { name } of Deno.readDir("/proc")) {
      const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
      if (line.includes(site.data) && line.includes("--location=https://test.one.")) found.push(Number(name));
    }
    return found;
  };
  const first = site.host.info("test.one").pid!;
  await site.reload(code(2));
  const serving = site.host.info("test.one").pid!;
  let waiting: number | undefined;
  await eventually(async () => {
    const others = (await pids()).filter((pid) => pid !== serving && pid !== first);
    waiting = others.length === 1 ? others[0] : undefined;
    return waiting !== undefined;
  }, "a sandbox waits");
  await site.reload(code(3));
  assertEquals(await site.call("answer"), 3);
  assertEquals(site.host.info("test.one").pid, waiting);
  assertEquals(site.notes("plugin.reload_failed"), []);
  assert(site.notes("plugin.reloaded").length === 2);
});
