import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError, openHost } from "@cordon/cordon";
import { manifestText, openFixtures, writePlugin } from "../../fixtures/start_host.ts";

const MAIN = "export const activate = () => ({ find: () => [] });";

function provider(members: string, version = "1.2.0") {
  return {
    "plugin.toml": manifestText(
      "acme.geo",
      `[provides]\ngeocode = { version = "${version}", methods = ["find"], contract = "geocode.ts" }\n`,
    ),
    "geocode.ts": `export interface Geocode { ${members} }\n`,
    "main.ts": MAIN,
  };
}

function consumer(members: string, more = "") {
  return {
    "plugin.toml": manifestText(
      "acme.app",
      `[uses]\ngeocode = { version = "^1", contract = "contracts/geocode.ts"${more} }\n`,
    ),
    "contracts/geocode.ts": `export interface Geocode { ${members} }\n`,
    "main.ts": "export const activate = () => ({});",
  };
}

Deno.test("A consumer that was written against another contract is blocked before anything starts", async () => {
  await using geo = await writePlugin(provider("find(place: string, limit: number): string[]"));
  await using app = await writePlugin(consumer("find(place: string): string[]"));
  await using opened = await openFixtures([], { plugins: [geo.dir, app.dir], grant: "requested" });
  const { host } = opened;
  const [blocked, ready] = host.list();
  assertEquals([blocked!.state, blocked!.reason, ready!.state], ["blocked", "conflict", "ready"]);
  assertStringIncludes(
    blocked!.message!,
    'Cannot start "acme.app": it was written against another contract of "geocode" than that of "acme.geo", ' +
      "which provides 1.2.0: find(): it is (place: string, limit: number) => Promise<string[]> now",
  );
  const error = await assertRejects(() => host.startPlugin("acme.app"), CordonError);
  assertEquals(error.code, "conflict");
  const [contract] = host.info("acme.app").contracts;
  assertEquals(contract!.comparisons.map(({ provider, fits }) => [provider, fits]), [["acme.geo", false]]);
});

Deno.test("A consumer that does without is not blocked, waits for nobody, and does not get it", async () => {
  await using geo = await writePlugin(provider("find(place: string, limit: number): string[]"));
  const asks = 'export const activate = (ctx) => ({ ask: () => ctx.call("geocode", "find", ["x", 1]) });';
  await using app = await writePlugin({
    ...consumer("find(place: string): string[]", ", optional = true"),
    "main.ts": asks,
  });
  await using opened = await openFixtures([], { plugins: [geo.dir, app.dir], grant: "requested" });
  const { host } = opened;
  assertEquals(host.list().map(({ state }) => state), ["ready", "ready"]);
  assertEquals(host.graph.edges, []);
  assertEquals(host.info("acme.app").contracts[0]!.comparisons[0]!.fits, false);
  await host.start();
  const error = await assertRejects(() => host.call("acme.app", "ask"), CordonError);
  assertEquals([error.code, error.facts.remoteCode], ["plugin_error", "capability_unavailable"]);
  assertStringIncludes(
    error.message,
    '"acme.app" was written against another contract than that of "acme.geo"',
  );
});

Deno.test("Contracts are compared where both sides have one, and in the range that the consumer names", async (test) => {
  const wrong = "find(place: string, limit: number): string[]";
  const plain = {
    ...provider(wrong),
    "plugin.toml": provider(wrong)["plugin.toml"].replace(/, contract[^}]*/, " "),
  };
  const silent = consumer("find(): 1");
  const cases: [string, Record<string, string>, Record<string, string>, unknown[]][] = [
    ["a provider without a contract", plain, consumer("find(): 1"), []],
    ["a consumer without one", provider(wrong), {
      ...silent,
      "plugin.toml": silent["plugin.toml"].replace(/, contract[^}]*/, " "),
    }, []],
    ["the same text under the header of cordon types", provider("find(): 1"), {
      ...silent,
      "contracts/geocode.ts": "// Written by cordon types: changes are lost.\n// Capability …\n\n" +
        silent["contracts/geocode.ts"],
    }, [true]],
    ["a version out of range", provider(wrong, "2.0.0"), consumer("find(): 1"), []],
  ];
  for (const [name, geoFiles, appFiles, fits] of cases) {
    await test.step(name, async () => {
      await using geo = await writePlugin(geoFiles);
      await using app = await writePlugin(appFiles);
      await using opened = await openFixtures([], { plugins: [geo.dir, app.dir], grant: "requested" });
      assertEquals(
        opened.host.info("acme.app").contracts.flatMap(({ comparisons }) =>
          comparisons.map((one) => one.fits)
        ),
        fits,
      );
    });
  }
});

Deno.test("What was compared is remembered until one of the two contracts changes", async () => {
  await using geo = await writePlugin(provider("find(place: string): string[]"));
  await using app = await writePlugin(consumer("find(place: string): readonly string[]"));
  const data = await Deno.makeTempDir({ prefix: "cordon-test-" });
  const open = () => openHost({ plugins: [geo.dir, app.dir], data, grant: "requested" });
  const compared = async () => {
    await using host = await open();
    return [host.info("acme.app").state, host.info("acme.app").contracts[0]!.comparisons[0]!.fits];
  };
  try {
    assertEquals(await compared(), ["ready", true]);
    // Without Deno nothing could be compared anew.
    const path = Deno.execPath;
    Deno.execPath = () => "/nowhere/deno";
    try {
      assertEquals(await compared(), ["ready", true]);
    } finally {
      Deno.execPath = path;
    }
    await Deno.writeTextFile(
      `${geo.dir}/geocode.ts`,
      "export interface Geocode { find(place: string): number }\n",
    );
    assertEquals(await compared(), ["blocked", false]);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("A version whose contract breaks those that run does not take over", async () => {
  await using geo = await writePlugin(provider("find(place: string): string[]"));
  await using app = await writePlugin(consumer("find(place: string): readonly string[]"));
  await using opened = await openFixtures([], { plugins: [geo.dir, app.dir], grant: "requested" });
  const { host } = opened;
  await host.start();
  await Deno.writeTextFile(
    `${geo.dir}/geocode.ts`,
    "export interface Geocode { find(place: string): number[] }\n",
  );
  const error = await assertRejects(() => host.reload("acme.geo"), CordonError);
  assertEquals(error.code, "dependency");
  assertStringIncludes(error.message, 'written against another contract of "geocode"');
  assertEquals(host.list().map(({ state }) => state), ["running", "running"]);
  await Deno.writeTextFile(
    `${geo.dir}/geocode.ts`,
    "export interface Geocode { find(place: string, limit?: number): string[] }\n",
  );
  assertEquals((await host.reload("acme.geo")).state, "running");
  assertEquals(host.list().map(({ state }) => state), ["running", "running"]);
});

Deno.test("A contract with problems makes the plugin invalid, with file and line", async () => {
  await using geo = await writePlugin({
    ...provider("find(): Date"),
    "geocode.ts": "export interface Geocode {\n  find(at: Date): void;\n}\n",
  });
  await using opened = await openFixtures([], { plugins: [geo.dir], grant: "requested" });
  const info = opened.host.info("acme.geo");
  assertEquals(info.state, "invalid");
  assertEquals(info.problems, [{
    file: "geocode.ts",
    line: 2,
    message: "find(): a Date cannot be carried: it arrives as text: write string",
  }]);
  assert(info.message!.includes("geocode.ts:2"));
});
