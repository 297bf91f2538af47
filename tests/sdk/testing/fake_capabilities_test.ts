import { assertEquals } from "@std/assert";
import type { Capability, CapabilityState, PluginContext } from "@cordon/cordon/sdk";
import { startPlugin } from "@cordon/cordon/sdk/testing";
import * as talks from "../../fixtures/talks/main.ts";
import * as triesEverything from "../../fixtures/tries_everything/main.ts";
import { manifestText, openFixtures } from "../../fixtures/start_host.ts";

const MANIFEST = manifestText("acme.a", '[uses]\ngeo = { version = "^1", optional = true }\n');

/** Shows what its handle on `geo` shows, and what it was told. */
const module = {
  async activate(ctx: PluginContext) {
    const told: unknown[] = [];
    const geo: Capability<{ find(): string }> = await ctx.use("geo");
    geo.onChange(({ available, provider }: CapabilityState) => {
      told.push([available, provider?.id ?? "nobody", geo.available, ctx.currentCall ?? "no call"]);
    });
    return {
      seen: () => [geo.available, geo.provider?.version ?? "none", Object.keys(geo)],
      told: () => told.splice(0),
      // The test is at work meanwhile.
      later: async (ready: string) => {
        await ctx.call("geo", ready).catch(() => {});
        return [geo.available, Object.keys(geo)];
      },
    };
  },
};

Deno.test("A fake that the test adds or takes away appears and disappears for the plugin, told in order", async () => {
  const capabilities: Record<string, object> = {};
  await using plugin = await startPlugin(module, { manifest: MANIFEST, capabilities });
  assertEquals(await plugin.call("seen"), [false, "none", []]);
  capabilities.geo = { find: () => "here" };
  assertEquals(await plugin.call("seen"), [true, "1.0.0", ["find"]]);
  delete capabilities.geo;
  assertEquals(await plugin.call("seen"), [false, "none", ["find"]], "its methods stay, and fail");
  capabilities.geo = { find: () => "there", where: () => 1 };
  await plugin.call("seen");
  // Another one in its place.
  capabilities.geo = { where: () => 1 };
  assertEquals(await plugin.call("seen"), [true, "1.0.0", ["where"]]);
  assertEquals(await plugin.call("told"), [
    [true, "test.geo", true, "no call"],
    [false, "nobody", false, "no call"],
    [true, "test.geo", true, "no call"],
    [false, "nobody", false, "no call"],
    [true, "test.geo", true, "no call"],
  ]);
});

Deno.test("What a fake does to the capabilities while it is called, the plugin finds at its next request", async () => {
  const capabilities: Record<string, object> = { geo: { leave: () => void delete capabilities.geo } };
  await using plugin = await startPlugin(module, { manifest: MANIFEST, capabilities });
  assertEquals(await plugin.call("later", "leave"), [true, ["leave"]]);
  assertEquals(await plugin.call("later", "leave"), [false, ["leave"]]);
});

Deno.test("A capability comes and goes under the kit as it does under the host", async () => {
  const fixture = (name: string) => new URL(`../../fixtures/${name}/plugin.toml`, import.meta.url);
  await using opened = await openFixtures(["greeter", "talks", "tries_everything"]);
  const { host } = opened;
  await host.start();
  const capabilities: Record<string, object> = {
    greet: { hello: () => "hello" },
    talk: await startPlugin(talks, { manifest: fixture("talks") }),
  };
  await using plugin = await startPlugin(triesEverything, {
    manifest: fixture("tries_everything"),
    capabilities,
  });
  const inHost = (name: string) => host.call("fixture.tries-everything", "attempt", [name]);
  const inKit = (name: string) => plugin.call("attempt", name) as Promise<unknown>;

  // Both have their handle by then.
  assertEquals(await inKit("called by a plugin"), await inHost("called by a plugin"));
  await host.stopPlugin("fixture.talks");
  await (capabilities.talk as AsyncDisposable)[Symbol.asyncDispose]();
  for (const name of ["called by a plugin", "stream from"]) {
    assertEquals(await inKit(name), await inHost(name));
  }
  await host.startPlugin("fixture.talks");
  await using talk = await startPlugin(talks, { manifest: fixture("talks") });
  capabilities.talk = talk;
  for (const name of ["called by a plugin", "handle states"]) {
    assertEquals(await inKit(name), await inHost(name));
  }
});
