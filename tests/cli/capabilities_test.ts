import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openHost } from "@cordon/cordon";
import { LocalControl } from "../../src/control/local_control.ts";
import { controlPath, ControlServer } from "../../src/control/server.ts";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";
import { runCordon } from "./run_cordon.ts";

const provides = (version: string) =>
  `[provides]\ngeocode = { version = "${version}", methods = ["find"] }\n`;

/** A site on two providers and one consumer; `flags` lead a command to it. */
async function makeSite(site?: string): Promise<{ dir: string; flags: string[] } & AsyncDisposable> {
  const main = (id: string) => `export const activate = () => ({ find: () => "${id}" });`;
  const folder = await writePlugin({
    "plugins/a/plugin.toml": manifestText("acme.geo", provides("1.2.0")),
    "plugins/a/main.ts": main("acme.geo"),
    "plugins/b/plugin.toml": manifestText("other.geo", provides("1.4.0")),
    "plugins/b/main.ts": main("other.geo"),
    "plugins/c/plugin.toml": manifestText("acme.app", '[uses]\ngeocode = "^1"\n'),
    "plugins/c/main.ts": `export const activate = (ctx) => ({ ask: () => ctx.call("geocode", "find") });`,
    ...site === undefined ? {} : { "cordon.toml": site },
  });
  return {
    dir: folder.dir,
    flags: [
      "--dir",
      `${folder.dir}/plugins`,
      "--data",
      `${folder.dir}/data`,
      ...site === undefined ? [] : ["--config", `${folder.dir}/cordon.toml`],
    ],
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test("cordon prefer chooses a provider without a running host, and cordon capabilities shows why it is preferred", async () => {
  await using site = await makeSite();
  const run = (...args: string[]) => runCordon(...args, ...site.flags);
  const before = await run("capabilities", "--json");
  assertEquals(before.json.capabilities, [{
    name: "geocode",
    preferred: "other.geo",
    because: "version",
    providers: [
      { id: "other.geo", version: "1.4.0", state: "ready" },
      { id: "acme.geo", version: "1.2.0", state: "ready" },
    ],
    consumers: [{ id: "acme.app", range: "^1", optional: false, state: "ready", bound: "other.geo" }],
  }]);
  assertEquals((await run("call", "acme.app", "ask", "--json")).json.result, "other.geo");

  const chosen = await run("prefer", "geocode", "acme.geo");
  assertEquals(chosen.code, 0, chosen.stderr);
  assertMatch(chosen.stdout, /provided by +acme\.geo +1\.2\.0 +ready +preferred: the administrator's choice/);
  assertEquals((await run("call", "acme.app", "ask", "--json")).json.result, "acme.geo");
  const shown = await run("capabilities", "geocode", "--json");
  assertEquals([shown.json.preferred, shown.json.because], ["acme.geo", "administrator"]);
  assertStringIncludes((await run("info", "acme.app")).stdout, "geocode ^1, of acme.geo");
  assertStringIncludes((await run("graph")).stdout, "needs acme.geo (geocode)");
  assertEquals((await run("check", "--json")).json.bindings["acme.app"], { geocode: "acme.geo" });
  assertStringIncludes((await run("why", "acme.app")).stdout, 'needs "acme.geo" (geocode)');
  assertStringIncludes(
    (await run("journal")).stdout,
    'acme.geo  capability.preferred: it provides "geocode" to everybody who uses that',
  );

  assertEquals((await run("prefer", "geocode", "--clear", "--json")).json.because, "version");
  assertMatch((await run("capabilities")).stdout, /used by +acme\.app +\^1 +\w+ +served by other\.geo/);
});

Deno.test("cordon prefer and capabilities refuse what does not fit, each with its exit code", async (test) => {
  await using site = await makeSite();
  const cases: [args: string[], code: number, words: string][] = [
    [["prefer", "geocode"], 2, "Cannot tell who is to provide"],
    [["prefer", "geocode", "acme.geo", "--clear"], 2, "give one of them"],
    [["prefer"], 2, ""],
    [["prefer", "geocode", "acme.app"], 3, "it does not provide that"],
    [["prefer", "geocode", "no.body"], 3, "it is not there"],
    [["prefer", "maps", "acme.geo"], 3, 'Cannot find the capability "maps"'],
    [["prefer", "maps", "--clear"], 3, 'Cannot find the capability "maps"'],
    [["capabilities", "maps"], 3, 'Cannot find the capability "maps"'],
  ];
  for (const [args, code, words] of cases) {
    await test.step(args.join(" "), async () => {
      const result = await runCordon(...args, "--json", ...site.flags);
      assertEquals(result.code, code, result.stdout);
      assertStringIncludes(result.json.error.message, words);
    });
  }
});

Deno.test("cordon prefer has a running host switch at once", async () => {
  await using site = await makeSite();
  await using host = await openHost({ plugins: [`${site.dir}/plugins`], data: `${site.dir}/data` });
  await using _server = new ControlServer(controlPath(host.dataDir), new LocalControl(host));
  await host.start();
  assertEquals(await host.call("acme.app", "ask"), "other.geo");
  const result = await runCordon("prefer", "geocode", "acme.geo", "--json", ...site.flags);
  assertEquals([result.code, result.json.consumers[0].served], [0, "acme.geo"]);
  assertEquals(await host.call("acme.app", "ask"), "acme.geo");
});

Deno.test("cordon.toml names providers, and wins over cordon prefer, which says so", async () => {
  await using site = await makeSite('schema = 1\n[providers]\ngeocode = "acme.geo"\n');
  const run = (...args: string[]) => runCordon(...args, ...site.flags);
  const shown = await run("capabilities");
  assertMatch(shown.stdout, /acme\.geo +1\.2\.0 +\w+ +preferred: named in cordon\.toml/);
  const refused = await run("prefer", "geocode", "other.geo", "--json");
  assertEquals([refused.code, refused.json.error.code], [5, "policy"]);
  assertStringIncludes(refused.json.error.message, 'cordon.toml names "acme.geo"');
  const cleared = await run("prefer", "geocode", "--clear");
  assertEquals(cleared.code, 0);
  assertStringIncludes(cleared.stderr, 'cordon.toml still names "acme.geo"');
});

Deno.test("cordon.toml with names that are none is refused with their lines", async () => {
  await using site = await makeSite('schema = 1\n[providers]\nGeo = "acme.geo"\nmaps = "acme"\n');
  const result = await runCordon("capabilities", "--json", ...site.flags);
  assertEquals([result.code, result.json.error.code], [3, "invalid_site"]);
  assertEquals(result.json.error.problems.map(({ line }: { line: number }) => line), [3, 4]);
});
