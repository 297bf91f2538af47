import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { CordonError, openHost, type PluginHost } from "@cordon/cordon";
import { eventually } from "../faults/host_process.ts";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";

const KEPT = `[events]
publishes = ["shop.order", "shop.tick", "shop.price"]
[events.topics."shop.order"]
delivery = "at-least-once"
[events.topics."shop.price"]
retain = true
`;
const SHOP = `export const activate = (ctx) => ({
  publish: (topic, values) => Promise.all(values.map((value) => ctx.events.publish(topic, value))),
});`;

/** Notes what it hears; is told by values what to do with them. */
const READER = `export function activate(ctx) {
  const heard = [];
  const ends = [];
  ctx.events.on("shop.**", async (value, origin) => {
    heard.push([value?.n ?? value, origin.attempt ?? 0, origin.missed]);
    if (value?.act === "exit" && origin.attempt < 2) Deno.exit(7);
    if (value?.act === "throw") throw new Error("indigestible");
    if (value?.act === "hang") await new Promise(() => {});
  }, { ...OPTIONS, onEnd: (error) => void ends.push([error.code, error instanceof Error]) });
  return { heard: () => heard, ends: () => ends };
}`;
const LISTENS = '[events]\nsubscribes = ["shop.**"]\n';

interface Shop extends AsyncDisposable {
  readonly dir: string;
  open(): Promise<PluginHost>;
}

/** A shop that publishes, and readers. */
async function writeShop(
  readers: Record<string, { options?: string; manifest?: string; code?: string }>,
): Promise<Shop> {
  const files: Record<string, string> = {
    "plugins/shop/plugin.toml": manifestText("test.shop", KEPT),
    "plugins/shop/main.ts": SHOP,
  };
  for (const [name, { options = "{}", manifest = "", code = READER }] of Object.entries(readers)) {
    files[`plugins/${name}/plugin.toml`] = manifestText(`test.${name}`, LISTENS + manifest);
    files[`plugins/${name}/main.ts`] = code.replace("OPTIONS", options);
  }
  const { dir, ...rest } = await writePlugin(files);
  return {
    dir,
    open: () => openHost({ plugins: [`${dir}/plugins`], data: `${dir}/data`, grant: "requested" }),
    [Symbol.asyncDispose]: () => rest[Symbol.asyncDispose](),
  };
}

type Heard = [value: unknown, attempt: number, missed: number];

const hear = (host: PluginHost, id = "test.reader") => host.call(id, "heard") as Promise<Heard[]>;
const publish = (host: PluginHost, topic: string, ...values: unknown[]) =>
  host.call("test.shop", "publish", [topic, values]);
const stateOf = (host: PluginHost, id: string) => host.list().find((plugin) => plugin.id === id)!.state;
const notesOf = (host: PluginHost, type: string): Record<string, unknown>[] =>
  host.journal.list().filter((event) => event.type === type).map(({ id, facts }) => ({ id, ...facts }));

/** Waits until a plugin has heard so many events. */
async function heardBy(host: PluginHost, count: number, id?: string): Promise<Heard[]> {
  await eventually(async () => (await hear(host, id)).length >= count, `event ${count}`);
  return await hear(host, id);
}

Deno.test("A kept event that its reader dies of comes again, and so does one it throws at, before any other", async () => {
  await using shop = await writeShop({ reader: { manifest: '[health]\nrestart = "never"\n' } });
  await using host = await shop.open();
  await host.start();
  await publish(host, "shop.order", 1);
  await heardBy(host, 1);
  await publish(host, "shop.order", { n: 2, act: "exit" }, 3);
  await eventually(() => stateOf(host, "test.reader") === "failed", "the end of the reader");
  await publish(host, "shop.order", 4);
  await host.startPlugin("test.reader");
  assertEquals(await heardBy(host, 3), [[2, 2, 0], [3, 1, 0], [4, 1, 0]]);

  await publish(host, "shop.order", { n: 5, act: "throw" }, 6);
  await eventually(
    async () => (await hear(host)).some(([value, attempt]) => value === 5 && attempt === 2),
    "a retry",
  );
  assert(!(await hear(host)).some(([value]) => value === 6));
});

Deno.test("A host that opens again hands over what was kept and not taken, to new readers from the start", async () => {
  await using shop = await writeShop({
    reader: {},
    late: { options: '{ from: "start" }', manifest: '[run]\nactivate = ["on:call"]\n' },
  });
  {
    await using host = await shop.open();
    await host.start();
    await publish(host, "shop.order", 1);
    await heardBy(host, 1);
    await host.stopPlugin("test.reader");
    await publish(host, "shop.order", 2, 3);
    await publish(host, "shop.tick", "lost");
  }
  await using host = await shop.open();
  await host.start();
  assertEquals((await heardBy(host, 2)).map(([value]) => value), [2, 3]);
  assertEquals((await heardBy(host, 3, "test.late")).map(([value]) => value), [1, 2, 3]);

  const events = host.subscribe("shop.*", { from: { position: 2 } });
  assertEquals([(await events.next()).value.value, (await events.next()).value.value], [2, 3]);
  await events.return(undefined);
});

Deno.test("A late subscriber begins with the last value of a topic that retains it", async () => {
  await using shop = await writeShop({ reader: { manifest: '[run]\nactivate = ["on:call"]\n' } });
  await using host = await shop.open();
  await host.start();
  await publish(host, "shop.price", 1, 2);
  assertEquals(await heardBy(host, 1), [[2, 0, 0]]);
});

Deno.test("An event starts the plugin that waits for it, and is there when it subscribes", async () => {
  await using shop = await writeShop({
    reader: { manifest: '[run]\nactivate = ["on:event:shop.*"]\n' },
    other: { manifest: '[run]\nactivate = ["on:event:other.**"]\n' },
  });
  await using host = await shop.open();
  await host.start();
  assertEquals([stateOf(host, "test.reader"), stateOf(host, "test.other")], ["ready", "ready"]);
  host.publish("shop.tick", 1);
  host.publish("shop.tick", 2);
  assertEquals(notesOf(host, "plugin.woken"), [
    { id: "test.reader", topic: "shop.tick", publisher: "host", pattern: "shop.*" },
  ]);
  await eventually(() => stateOf(host, "test.reader") === "running", "the start");
  host.publish("shop.tick", 3);
  assertEquals((await heardBy(host, 3)).map(([value]) => value), [1, 2, 3]);
  assertStrictEquals(stateOf(host, "test.other"), "ready");

  // What the administrator stopped stays so; what the host stopped is ready again.
  await host.stopPlugin("test.reader");
  host.publish("shop.tick", 4);
  assertStrictEquals(stateOf(host, "test.reader"), "stopped");
  await host.stop();
  host.publish("shop.tick", 5);
  await host.start();
  assertStrictEquals(stateOf(host, "test.reader"), "ready");
  await publish(host, "shop.order", 6);
  await eventually(() => stateOf(host, "test.reader") === "running", "the start");
  assertEquals((await heardBy(host, 1)).map(([value]) => value), [6]);
  assertStrictEquals(notesOf(host, "plugin.woken").length, 2);
});

Deno.test("A kept event starts a plugin of before a restart of the host, from its position", async () => {
  await using shop = await writeShop({ reader: { manifest: '[run]\nactivate = ["on:event:shop.*"]\n' } });
  {
    await using host = await shop.open();
    await host.start();
    await publish(host, "shop.order", 1);
    await eventually(() => stateOf(host, "test.reader") === "running", "the start");
    await heardBy(host, 1);
    await host.stopPlugin("test.reader");
    await publish(host, "shop.order", 2);
    assertStrictEquals(stateOf(host, "test.reader"), "stopped");
  }
  await using host = await shop.open();
  await host.start();
  await eventually(() => stateOf(host, "test.reader") === "running", "the start");
  assertEquals((await heardBy(host, 1)).map(([value]) => value), [2]);
  assertEquals(notesOf(host, "plugin.woken").at(-1), {
    id: "test.reader",
    reason: "kept events wait for it",
  });
});

Deno.test("A plugin that fails to start by an event fails alone, and no other event tries again", async () => {
  await using shop = await writeShop({
    reader: { manifest: '[run]\nactivate = ["on:event:shop.*"]\n', code: 'throw new Error("not today");' },
  });
  await using host = await shop.open();
  await host.start();
  for (let n = 0; n < 5; n++) host.publish("shop.tick", n);
  await eventually(() => stateOf(host, "test.reader") === "failed", "the failure");
  await eventually(() => notesOf(host, "event.dropped").length === 1, "the note");
  host.publish("shop.tick", 6);
  assertStrictEquals(stateOf(host, "test.reader"), "failed");
  assertEquals(notesOf(host, "event.dropped"), [{ id: "test.reader", dropped: 5, while: "starting" }]);
  await publish(host, "shop.tick", 7);
});

Deno.test("A reader that never takes its events is told so, and costs nobody else anything", async () => {
  await using shop = await writeShop({
    reader: { options: '{ overflow: "disconnect", queue: 4 }' },
    lossy: { options: "{ queue: 4 }" },
    healthy: {},
  });
  await using host = await shop.open();
  await host.start();
  await publish(host, "shop.tick", { n: 0, act: "hang" });
  await heardBy(host, 1, "test.lossy");
  for (let n = 1; n <= 20; n++) await publish(host, "shop.tick", n);
  await eventually(async () => (await host.call("test.reader", "ends") as unknown[]).length === 1, "the end");
  assertEquals(await host.call("test.reader", "ends"), [["subscriber_too_slow", true]]);
  assertEquals(notesOf(host, "event.disconnected").map(({ id }) => id), ["test.reader"]);
  assertEquals(notesOf(host, "event.dropped").map(({ id }) => id), ["test.lossy"]);
  // The healthy one hangs at its first event too, and has room for all that follow.
  assertStrictEquals((await hear(host, "test.healthy")).length, 1);
});

Deno.test("A publish waits for a subscriber that asked for it, as long as it may, and the others hear it at once", async () => {
  await using shop = await writeShop({
    slow: { options: '{ overflow: "block", queue: 1 }' },
    reader: {},
  });
  await using host = await shop.open();
  await host.start();
  await publish(host, "shop.tick", { n: 0, act: "hang" }, 1);
  const waiting = host.publish("shop.tick", 2, { timeoutMs: 300 });
  await waiting;
  // It waited in vain: nobody waits for that one again.
  await host.publish("shop.tick", 3, { timeoutMs: 60_000 });
  assertEquals(notesOf(host, "event.dropped").map(({ id }) => id), ["test.slow"]);
});

Deno.test("What cannot be published or listened to is a typed error for who did it, and one line", async () => {
  await using shop = await writeShop({
    reader: {
      code: `export function activate(ctx) {
        const ends = [];
        const on = (pattern, options) =>
          void ctx.events.on(pattern, () => {}, { ...options, onEnd: (error) => ends.push(error.code) });
        on("shop.**", { overflow: "never" });
        on("shop.**", { queue: 1e9 });
        for (let n = 0; n < 257; n++) on("shop.**", {});
        return { ends: () => ends };
      }`,
    },
  });
  await using host = await shop.open();
  await host.start();
  await eventually(
    async () => (await host.call("test.reader", "ends") as unknown[]).length === 3,
    "the errors",
  );
  assertEquals(await host.call("test.reader", "ends"), [
    "invalid_input",
    "invalid_input",
    "too_many_subscriptions",
  ]);
  const large = await assertRejects(() => publish(host, "shop.tick", "x".repeat(1 << 20)), CordonError);
  assertStrictEquals(large.facts.remoteCode, "too_large");
  await assertRejects(() => publish(host, "shop.other", 1), CordonError, "does not name it");
  assertEquals(notesOf(host, "call.refused").map(({ id }) => id), [
    "test.reader",
    "test.reader",
    "test.reader",
    "test.shop",
    "test.shop",
  ]);
});

Deno.test("Events with bytes reach a plugin as they were, kept or not", async () => {
  await using shop = await writeShop({
    reader: {
      code: `export function activate(ctx) {
        const heard = [];
        ctx.events.on("shop.**", (value) => void heard.push(value));
        return { heard: () => heard };
      }`,
    },
  });
  await using host = await shop.open();
  await host.start();
  const value = { parts: [new Uint8Array([1, 2]), "x"], ["__proto__"]: new Uint8Array([3]) };
  await publish(host, "shop.tick", value, "plain");
  await publish(host, "shop.order", value);
  const heard = await heardBy(host, 3) as unknown[];
  assertEquals(heard, [value, "plain", value]);
});
