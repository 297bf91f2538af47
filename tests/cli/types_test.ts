import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";
import { runCordon } from "./run_cordon.ts";

const CONTRACT =
  "/** Finds places. */\nexport interface Geocode {\n  find(place: string): Promise<string[]>;\n}\n";
const MAIN = "export const activate = () => ({ find: () => [] });";
const GEO = {
  "plugin.toml": manifestText(
    "acme.geo",
    '[provides]\ngeocode = { version = "1.2.0", methods = ["find"], contract = "geocode.ts" }\n' +
      'plain = { version = "1.0.0", methods = [] }\n',
  ),
  "geocode.ts": CONTRACT,
  "main.ts": MAIN,
};
const APP = {
  "plugin.toml": manifestText(
    "acme.app",
    '[uses]\n# where places come from\ngeocode = "^1" # all of them\nplain = "^1"\nnone = { version = "^1", optional = true }\n',
  ),
  "main.ts": `import type { Geocode } from "./contracts/geocode.ts";
    export const activate = async (ctx) => {
      const found: string[] = await (await ctx.use("geocode") as { find: Geocode["find"] }).find("Oslo");
      return { found: () => found };
    };`,
};

Deno.test("cordon types writes what a plugin imports, names it, and leaves alone what others wrote", async (test) => {
  await using geo = await writePlugin(GEO);
  await using app = await writePlugin(APP);
  const data = await Deno.makeTempDir({ prefix: "cordon-test-" });
  const run = (...args: string[]) => runCordon(...args, "--dir", geo.dir, "--dir", app.dir, "--data", data);
  const file = `${app.dir}/contracts/geocode.ts`;
  try {
    await test.step("it writes the file, and tells what the manifest lacks and what has no types", async () => {
      const { code, stdout } = await run("types", "acme.app");
      assertEquals(code, 0);
      assertStringIncludes(stdout, "geocode 1.2.0, as acme.geo provides it");
      assertStringIncludes(stdout, 'geocode = { version = "^1", contract = "contracts/geocode.ts" }');
      assertStringIncludes(stdout, 'No types of plain: "acme.geo" provides it without a contract');
      assertStringIncludes(stdout, "No types of none: nothing here provides it");
      assertEquals(
        await Deno.readTextFile(file),
        "// Written by cordon types: changes are lost.\n" +
          `// Capability "geocode" 1.2.0, as "acme.geo" provides it.\n\n${CONTRACT}`,
      );
    });
    await test.step("--write names it in the manifest, which keeps its comments", async () => {
      const { code, stdout } = await run("types", "acme.app", "--write");
      assertEquals(code, 0);
      assertStringIncludes(stdout, `Unchanged: ${file}`);
      const manifest = await Deno.readTextFile(`${app.dir}/plugin.toml`);
      assertStringIncludes(
        manifest,
        '# where places come from\ngeocode = { version = "^1", contract = "contracts/geocode.ts" } # all of them\n',
      );
    });
    await test.step("the types hold for the code that imports them", async () => {
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["check", "--quiet", "--no-config", "--no-lock", file],
      }).output();
      assert(success, new TextDecoder().decode(stderr));
    });
    await test.step("a changed contract is written anew, where the plugin cannot start for it, too", async () => {
      await Deno.writeTextFile(`${geo.dir}/geocode.ts`, CONTRACT.replace("string[]", "number[]"));
      const check = await run("check", "--json");
      assertEquals(check.code, 4);
      const { plugins } = JSON.parse(check.stdout);
      assertStringIncludes(plugins[0].problems[0].message, "it is (place: string) => Promise<number[]> now");
      assertEquals([plugins[0].notes, plugins[1].notes], [[], []]);
      assertStringIncludes((await run("types", "acme.app")).stdout, `Wrote ${file}`);
      assertEquals((await run("check")).code, 0);
    });
    await test.step("a missing file is written, though the plugin is invalid without it", async () => {
      await Deno.remove(file);
      const check = await run("check", "--json");
      assertEquals(check.code, 3);
      assertStringIncludes(check.stdout, "cordon types writes it");
      assertEquals((await run("types", "acme.app", "--capability", "geocode")).code, 0);
      assertEquals((await run("check")).code, 0);
    });
    await test.step("a file that it did not write stays, unless it is forced", async () => {
      await Deno.writeTextFile(file, "export interface Geocode { find(place: string): unknown }\n");
      const { code, stdout } = await run("types", "acme.app", "--json");
      assertEquals([code, JSON.parse(stdout).error.code], [1, "exists"]);
      assertEquals((await run("types", "acme.app", "--force")).code, 0);
      assertStringIncludes(await Deno.readTextFile(file), "Written by cordon types");
    });
    await test.step("no link leads it out of the folder", async () => {
      const outside = await Deno.makeTempDir({ prefix: "cordon-test-" });
      await Deno.remove(`${app.dir}/contracts`, { recursive: true });
      await Deno.symlink(outside, `${app.dir}/contracts`);
      const { code, stdout } = await run("types", "acme.app", "--json");
      assertEquals([code, JSON.parse(stdout).error.code], [1, "not_writable"]);
      assertEquals(await Array.fromAsync(Deno.readDir(outside)), []);
      await Deno.remove(`${app.dir}/contracts`);
      await Deno.remove(outside);
    });
    await test.step("--out writes one somewhere else, --provided prints what a plugin provides", async () => {
      const out = `${data}/types.ts`;
      assertEquals((await run("types", "acme.app", "--capability", "geocode", "--out", out)).code, 0);
      assert(await Deno.readTextFile(out));
      assertEquals((await run("types", "acme.app", "--out", out)).code, 2);
      const { stdout } = await run("types", "acme.geo", "--provided");
      assertStringIncludes(stdout, "export interface Geocode {");
      assertStringIncludes(stdout, "No types of plain");
      const { types } = JSON.parse((await run("types", "acme.geo", "--provided", "--json")).stdout);
      assertEquals(types.map(({ capability, version }: Record<string, string>) => [capability, version]), [
        ["geocode", "1.2.0"],
        ["plain", "1.0.0"],
      ]);
    });
    await test.step("what cannot be had is an error", async () => {
      const errorOf = async (...args: string[]) =>
        JSON.parse((await run("types", ...args, "--json")).stdout).error.code;
      assertEquals(await errorOf("acme.app", "--capability", "plain"), "no_contract");
      assertEquals(await errorOf("acme.app", "--capability", "other"), "not_found");
      assertEquals(await errorOf("acme.nobody"), "not_found");
    });
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

Deno.test("cordon check --json tells what of a contract is unchecked, as a note", async () => {
  await using geo = await writePlugin({
    ...GEO,
    "geocode.ts": "export interface Geocode { find<T>(place: T): Promise<string[]> }\n",
  });
  const { code, json } = await runCordon("check", geo.dir, "--json");
  assertEquals(code, 0);
  assertEquals(json.plugins[0].notes, [
    'its contract of "geocode" is not checked in part: find(): what depends on the type parameter "T"',
  ]);
});
