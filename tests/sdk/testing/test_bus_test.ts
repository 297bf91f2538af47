import { assertEquals } from "@std/assert";
import type { EventOptions, PluginContext } from "@cordon/cordon/sdk";
import { startPlugin } from "@cordon/cordon/sdk/testing";
import { manifestText } from "../../fixtures/start_host.ts";

/** Holds the first event until it is told otherwise. */
function holding(options: EventOptions) {
  return {
    activate(ctx: PluginContext) {
      const heard: unknown[] = [];
      const first = Promise.withResolvers<void>();
      const off = ctx.events.on("a", async (value, { missed }) => {
        heard.push([value, missed]);
        await first.promise;
      }, { ...options, onEnd: (error) => void heard.push((error as Error & { code: string }).code) });
      return { go: () => first.resolve(), off, heard: () => heard };
    },
  };
}

const MANIFEST = manifestText("acme.a", '[events]\nsubscribes = ["a"]\n');

Deno.test("StartedPlugin.publish() settles for events that there is no room for, and the next one says so", async (test) => {
  const cases: Record<string, [options: EventOptions, heard: unknown[]]> = {
    "drop-oldest": [{ queue: 1 }, [[0, 0], [4, 3], ["last", 0]]],
    "drop-newest": [{ queue: 1, overflow: "drop-newest" }, [[0, 0], [1, 0], ["last", 3]]],
    "block": [{ queue: 1, overflow: "block" }, [...[0, 1, 2, 3, 4, "last"].map((value) => [value, 0])]],
    "disconnect": [{ queue: 1, overflow: "disconnect" }, [[0, 0], "subscriber_too_slow"]],
  };
  for (const [name, [options, heard]] of Object.entries(cases)) {
    await test.step(name, async () => {
      await using plugin = await startPlugin(holding(options), { manifest: MANIFEST });
      const publishing = [0, 1, 2, 3, 4].map((n) => plugin.publish("a", n));
      await plugin.call("go");
      await Promise.all(publishing);
      await plugin.publish("a", "last");
      assertEquals(await plugin.call("heard"), heard);
    });
  }
});

Deno.test("StartedPlugin.publish() settles for events that waited when the plugin unsubscribed", async () => {
  await using plugin = await startPlugin(holding({ queue: 1 }), { manifest: MANIFEST });
  const publishing = [0, 1].map((n) => plugin.publish("a", n));
  await plugin.call("off");
  await plugin.call("go");
  await Promise.all(publishing);
  assertEquals(await plugin.call("heard"), [[0, 0]]);
});

Deno.test("StartedPlugin.publish() adds what the test says was missed to what was", async () => {
  await using plugin = await startPlugin(holding({ queue: 1 }), { manifest: MANIFEST });
  const publishing = [0, 1, 2].map((n) => plugin.publish("a", n, { missed: 10 }));
  await plugin.call("go");
  await Promise.all(publishing);
  assertEquals(await plugin.call("heard"), [[0, 10], [2, 11]]);
});

Deno.test("An event that a host would keep is delivered once, and is in plugin.published", async () => {
  const module = {
    activate(ctx: PluginContext) {
      const heard: unknown[] = [];
      ctx.events.on("a", (value, { position, attempt }) => {
        heard.push([value, position ?? "no position", attempt ?? "no attempt"]);
        throw new Error("not this time");
      }, { from: "start" });
      return { tell: () => ctx.events.publish("a", 1), heard: () => heard };
    },
  };
  const events =
    '[events]\npublishes = ["a"]\nsubscribes = ["a"]\n[events.topics.a]\ndelivery = "at-least-once"\n';
  await using plugin = await startPlugin(module, { manifest: manifestText("acme.a", events) });
  await plugin.call("tell");
  await plugin.health();
  assertEquals(await plugin.call("heard"), [[1, "no position", "no attempt"]]);
  assertEquals(plugin.published, [{ topic: "a", value: 1 }]);
  assertEquals(plugin.logs.map(({ message }) => message), ['[cordon] event "a" failed: not this time']);
});
