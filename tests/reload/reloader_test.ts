/** New versions of running plugins take over without losing a call, an event or what they know. */

import { assertEquals, assertGreater, assertMatch, assertRejects } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import { manifestText, openFixtures, writePlugin } from "../fixtures/start_host.ts";

const COUNTER = `
let count = 0;
let events = 0;
export function activate(ctx) {
  if (ctx.events) ctx.events.on("test.tick", () => { events++; });
  return {
    add: () => ++count,
    read: () => ({ count, events, version: VERSION }),
    slow: async (ms) => { await new Promise((resolve) => setTimeout(resolve, ms)); return VERSION; },
  };
}
export const exportState = () => ({ count, events });
export const importState = (state) => { count = state.count; events = state.events; };
const VERSION = "1.0.0";
`;

const TRANSFER = `
[reload]
state = "transfer"
drain = "1s"
[events]
subscribes = ["test.tick"]
`;

function counter(version = "1.0.0", code = COUNTER, more = TRANSFER): Record<string, string> {
  return {
    "plugin.toml": manifestText("test.counter", more).replace("1.0.0", version),
    "main.ts": code.replaceAll("1.0.0", version),
  };
}

async function save(dir: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${dir}/${name}`, text);
}

Deno.test("A new version takes over with what the old one knew, and no call fails meanwhile", async () => {
  await using plugin = await writePlugin(counter());
  await using opened = await openFixtures([], { plugins: [plugin.dir] });
  const { host } = opened;
  await host.start();
  let isOver = false;
  let calls = 0;
  const calling = (async () => {
    while (!isOver) {
      await Promise.all(Array.from({ length: 8 }, () => host.call("test.counter", "add")));
      calls += 8;
      await host.publish("test.tick", calls);
    }
  })();
  for (let patch = 1; patch <= 5; patch++) {
    await save(plugin.dir, counter(`1.0.${patch}`));
    const { version, state } = await host.reload("test.counter");
    assertEquals([version, state], [`1.0.${patch}`, "running"]);
  }
  isOver = true;
  await calling;
  const read = await host.call("test.counter", "read") as { count: number; events: number; version: string };
  assertEquals(read, { count: calls, events: calls / 8, version: "1.0.5" });
  assertGreater(calls, 0);
  const reloads = host.journal.list().filter(({ type }) => type === "plugin.reloaded");
  assertEquals(reloads.map(({ facts }) => [facts.from, facts.to, facts.hasState]), [
    ["1.0.0", "1.0.1", true],
    ["1.0.1", "1.0.2", true],
    ["1.0.2", "1.0.3", true],
    ["1.0.3", "1.0.4", true],
    ["1.0.4", "1.0.5", true],
  ]);
});

Deno.test("A version that fails at any step is dropped, and the old one goes on with what it knows", async (t) => {
  const broken: Record<string, [code: string, more: string, message: RegExp]> = {
    "does not parse": ["export const =", TRANSFER, /reload/],
    "throws when it is loaded": [`throw new Error("no");`, TRANSFER, /did not start: .*Error: no/],
    "throws when it is activated": [
      `export function activate() { throw new Error("no"); }`,
      TRANSFER,
      /did not start: .*no/,
    ],
    "never gets ready": [
      `export const activate = () => new Promise(() => {});`,
      `${TRANSFER}[limits]\nstart_timeout = "200ms"\n`,
      /was not ready within 0.2 s/,
    ],
    "throws at the state": [
      `${COUNTER.replace("count = state.count", `throw new Error("no")`)}`,
      TRANSFER,
      /could not take the state over: no/,
    ],
    "ends at the state": [
      `${COUNTER.replace("count = state.count", "Deno.exit(3)")}`,
      TRANSFER,
      /could not take the state over/,
    ],
    "never takes the state": [
      `${COUNTER.replace("count = state.count", "return new Promise(() => {})")}`,
      `${TRANSFER.replace("drain", `timeout = "100ms"\ndrain`)}`,
      /could not take the state over: .*no answer in 100 ms/,
    ],
    "is failing": [
      `${COUNTER}export const health = () => "failing";`,
      `${TRANSFER}[limits]\nstart_timeout = "2s"\n`,
      /was not ready within 2 s \(limits\.start_timeout\): it reports that it is failing/,
    ],
    "is failing with the state": [
      `${
        COUNTER.replace("count = state.count", "now = 'failing'")
      }let now = "ok";\nexport const health = () => now;`,
      TRANSFER,
      /not well: it reports that it is failing/,
    ],
  };
  await using plugin = await writePlugin(counter());
  await using opened = await openFixtures([], { plugins: [plugin.dir] });
  const { host } = opened;
  await host.start();
  let count = 0;
  for (const [name, [code, more, message]] of Object.entries(broken)) {
    await t.step(name, async () => {
      await host.call("test.counter", "add");
      count++;
      await save(plugin.dir, counter("1.1.0", code, more));
      const calling = host.call("test.counter", "slow", [50]);
      const error = await assertRejects(() => host.reload("test.counter"), CordonError);
      assertMatch(error.message, message);
      assertMatch(error.message, /1\.0\.0 runs on/);
      assertEquals(await calling, "1.0.0");
      assertEquals(await host.call("test.counter", "read"), { count, events: 0, version: "1.0.0" });
      assertEquals(host.list()[0]!.state, "running");
    });
  }
  await save(plugin.dir, counter("1.2.0"));
  await host.reload("test.counter");
  assertEquals(await host.call("test.counter", "read"), { count, events: 0, version: "1.2.0" });
});

Deno.test("A call that lasts longer than a takeover waits for ends on the old version", async () => {
  await using plugin = await writePlugin(counter("1.0.0", COUNTER, TRANSFER.replace("1s", "100ms")));
  await using opened = await openFixtures([], { plugins: [plugin.dir] });
  const { host } = opened;
  await host.start();
  const slow = host.call("test.counter", "slow", [600]);
  await save(plugin.dir, counter("2.0.0"));
  await host.reload("test.counter");
  assertEquals(await host.call("test.counter", "slow", [0]), "2.0.0");
  assertEquals(await slow, "1.0.0");
});

Deno.test("A plugin in a Worker is reloaded as one in a process is", async () => {
  await using plugin = await writePlugin(counter("1.0.0", COUNTER, `${TRANSFER}[run]\nmode = "worker"\n`));
  await using opened = await openFixtures([], { plugins: [plugin.dir], policy: { allowWorker: true } });
  const { host } = opened;
  await host.start();
  await host.call("test.counter", "add");
  await save(plugin.dir, counter("1.1.0", COUNTER, `${TRANSFER}[run]\nmode = "worker"\n`));
  await host.reload("test.counter");
  assertEquals(await host.call("test.counter", "read"), { count: 1, events: 0, version: "1.1.0" });
});

Deno.test("A plugin that is stopped while a new version takes over is stopped", async () => {
  await using plugin = await writePlugin(counter());
  await using opened = await openFixtures([], { plugins: [plugin.dir] });
  const { host } = opened;
  await host.start();
  await save(plugin.dir, counter("1.1.0"));
  const reloading = host.reload("test.counter").catch((error) => error);
  while (host.list()[0]!.state !== "reloading") await new Promise((resolve) => setTimeout(resolve, 1));
  await host.stopPlugin("test.counter");
  await reloading;
  assertEquals(host.list()[0]!.state, "stopped");
  await host.startPlugin("test.counter");
  assertEquals(host.list()[0]!.state, "running");
});
