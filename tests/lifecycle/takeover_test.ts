import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError, type HostOptions, openHost, type PluginHost } from "@cordon/cordon";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";

const main = (answer: string) =>
  `export const activate = () => ({ answer: () => "${answer}", pid: () => Deno.pid });`;
const READS = '[[permissions.read]]\npaths = ["/srv/maps"]\n';
const READS_MORE = '[[permissions.read]]\npaths = ["/srv/maps", "/srv/charts"]\n';

/** A running host on one plugin in its first version, granted what it asks for. */
async function startWeather(options: Partial<HostOptions> = {}): Promise<
  { host: PluginHost; put: (version: string, more: string, text?: string) => Promise<void> } & AsyncDisposable
> {
  const folder = await writePlugin({
    "plugins/w/plugin.toml": manifestText("acme.weather", READS),
    "plugins/w/main.ts": main("one"),
    "plugins/c/plugin.toml": manifestText("acme.cards", '[requires]\n"acme.weather" = "<2"\n'),
    "plugins/c/main.ts": main("cards"),
  });
  const host = await openHost({ plugins: [`${folder.dir}/plugins`], data: `${folder.dir}/data`, ...options });
  await host.start();
  if (options.grant !== "requested") await host.consents.grant("acme.weather");
  return {
    host,
    async put(version, more, text = main(version)) {
      const manifest = manifestText("acme.weather", more).replace("1.0.0", version);
      await Deno.writeTextFile(`${folder.dir}/plugins/w/plugin.toml`, manifest);
      await Deno.writeTextFile(`${folder.dir}/plugins/w/main.ts`, text);
    },
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

Deno.test("PluginHost.reload() lets a version that asks for no more take over, and those that need it run on", async () => {
  await using site = await startWeather();
  const { host } = site;
  const cards = await host.call("acme.cards", "pid");
  await site.put("1.1.0", READS);
  const plugin = await host.reload("acme.weather");
  assertEquals([plugin.version, plugin.state, plugin.pending], ["1.1.0", "running", undefined]);
  assertEquals(await host.call("acme.weather", "answer"), "1.1.0");
  assertEquals(await host.call("acme.cards", "pid"), cards);
  assert(host.journal.list().some(({ type }) => type === "plugin.reloaded"));
});

Deno.test("A version that asks for more waits while the old one runs on; a grant lets it take over", async () => {
  await using site = await startWeather();
  const { host } = site;
  const pid = await host.call("acme.weather", "pid");
  await site.put("1.1.0", READS_MORE);
  const error = await assertRejects(() => host.reload("acme.weather"), CordonError);
  assertEquals(error.code, "consent");
  assertStringIncludes(error.message, '1.1.0 asks for more than was granted to 1.0.0: read "/srv/charts"');
  assertStringIncludes(error.message, "(1.0.0 runs on)");
  const waiting = host.info("acme.weather");
  assertEquals([waiting.version, waiting.state, waiting.pid], ["1.0.0", "running", pid]);
  assertEquals([waiting.pending?.version, waiting.pending?.reason], ["1.1.0", "consent"]);
  assertEquals(waiting.pending?.diff, {
    widened: [{ kind: "read", value: "/srv/charts" }],
    narrowed: [],
    unchanged: [{ kind: "read", value: "/srv/maps" }],
  });
  assertEquals(await host.call("acme.weather", "answer"), "one");

  await host.consents.grant("acme.weather");
  const taken = host.info("acme.weather");
  assertEquals([taken.version, taken.state, taken.pending], ["1.1.0", "running", undefined]);
  assertEquals(await host.call("acme.weather", "answer"), "1.1.0");
  assertEquals(taken.consent?.grantedVersion, "1.1.0");
});

Deno.test("A version that was refused goes on waiting, and the old one keeps its grant", async () => {
  await using site = await startWeather();
  const { host } = site;
  await site.put("1.1.0", READS_MORE);
  await assertRejects(() => host.reload("acme.weather"), CordonError);
  await host.consents.refuse("acme.weather");
  const { version, state, pending, consent } = host.info("acme.weather");
  assertEquals([version, state, consent?.grantedVersion], ["1.0.0", "running", "1.0.0"]);
  assertStringIncludes(pending!.message, "1.1.0 was refused");
});

Deno.test("A plugin with a version that waits does not start again as what nobody consented to", async () => {
  await using site = await startWeather();
  const { host } = site;
  await site.put("1.1.0", READS_MORE);
  await assertRejects(() => host.reload("acme.weather"), CordonError);
  await host.stopPlugin("acme.weather");
  const stopped = host.info("acme.weather");
  assertEquals([stopped.version, stopped.state, stopped.reason], ["1.1.0", "blocked", "consent"]);
  const error = await assertRejects(() => host.startPlugin("acme.weather"), CordonError);
  assertEquals(error.code, "consent");
  await assertRejects(() => host.startPlugin("acme.cards"), CordonError);
  assertEquals(host.info("acme.weather").state, "blocked");
  await host.consents.grant("acme.weather");
  assertEquals(await host.call("acme.weather", "answer"), "1.1.0");
});

Deno.test("Revoking from a plugin with a version that waits does not start the files that nobody consented to", async () => {
  await using site = await startWeather();
  const { host } = site;
  await site.put("1.1.0", READS_MORE);
  await assertRejects(() => host.reload("acme.weather"), CordonError);
  await host.consents.revoke("acme.weather");
  const { version, state, reason, pending } = host.info("acme.weather");
  assertEquals([version, state, reason, pending], ["1.1.0", "blocked", "consent", undefined]);
  assertEquals(host.info("acme.cards").state, "blocked");
});

Deno.test("PluginHost.reload() refuses what others were resolved with, and the old version runs on", async (test) => {
  await using site = await startWeather({ grant: "requested" });
  const { host } = site;
  const cases: [string, string, string, string, string][] = [
    [
      "requirements",
      "1.1.0",
      `${READS}[requires]\n"no.body" = "*"\n`,
      "dependency",
      'needs "no.body"',
    ],
    ["a version that others do not take", "2.0.0", READS, "dependency", 'it needs "acme.weather" <2'],
    ["a broken manifest", "x", READS, "invalid_plugin", "plugin.version"],
    ["policy", "1.1.0", '[run]\nmode = "worker"\n', "policy", 'mode "worker"'],
  ];
  for (const [name, version, more, code, message] of cases) {
    await test.step(name, async () => {
      await site.put(version, more);
      const error = await assertRejects(() => host.reload("acme.weather"), CordonError);
      assertEquals(error.code, code, error.message);
      assertStringIncludes(error.message, message);
      assertEquals(await host.call("acme.weather", "answer"), "one");
      assertEquals(host.info("acme.weather").version, "1.0.0");
      assert(host.info("acme.weather").pending !== undefined);
    });
  }
  await test.step("what is right again takes over, with what else it provides", async () => {
    await site.put("1.2.0", `${READS}[provides]\nx = { version = "1.0.0", methods = ["answer"] }\n`);
    assertEquals((await host.reload("acme.weather")).pending, undefined);
    assertEquals(await host.call("acme.weather", "answer"), "1.2.0");
    assertEquals(await host.call("x", "answer"), "1.2.0");
  });
});

Deno.test("PluginHost.reload() brings decisions into force that were edited by hand", async () => {
  await using site = await startWeather();
  const { host } = site;
  await Deno.remove(`${host.dataDir}/grants.toml`);
  const error = await assertRejects(() => host.reload("acme.weather"), CordonError);
  assertEquals(error.code, "consent");
});

Deno.test("PluginHost.reload() says when the new version does not start, and when there is none", async () => {
  await using site = await startWeather();
  const { host } = site;
  await site.put("1.1.0", READS, "throw new Error('out of order');");
  const failed = await assertRejects(() => host.reload("acme.weather"), CordonError);
  assertEquals(failed.code, "reload_failed");
  assertStringIncludes(failed.message, "out of order");
  assertEquals(await host.call("acme.weather", "answer"), "one");
  await site.put("1.2.0", READS);
  await host.reload("acme.weather");
  assertEquals(await host.call("acme.weather", "answer"), "1.2.0");
  await assertRejects(() => host.reload("no.body"), CordonError, "no.body");
});
