import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createPluginFiles } from "../../src/cli/scaffold.ts";
import { parseManifest } from "../../src/manifest/parse.ts";
import { writePlugin } from "../fixtures/start_host.ts";
import { createCordon } from "./run_cordon.ts";

const decoder = new TextDecoder();

/** Runs `cordon` in a folder that stays. */
async function cordonIn(cwd: string, ...args: string[]) {
  const { code, stdout, stderr } = await createCordon(args, cwd).output();
  const text = decoder.decode(stdout);
  return { code, stdout: text, stderr: decoder.decode(stderr), json: () => JSON.parse(text) };
}

/** Runs `deno` as an author does. */
async function denoIn(cwd: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

async function namesIn(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name).sort();
}

Deno.test("cordon new makes a plugin that passes check, run, call, its test, the formatter and the linter", async (test) => {
  await using cwd = await writePlugin({});
  const { dir } = cwd;
  const made = await cordonIn(dir, "new", "acme.weather", "--json");
  assertEquals([made.code, made.stderr], [0, ""]);
  const files = ["plugin.toml", "main.ts", "main_test.ts", "README.md", "deno.json"];
  assertEquals(made.json(), { id: "acme.weather", dir: `${dir}/acme.weather`, files });
  assertEquals(await namesIn(`${dir}/acme.weather`), files.toSorted());
  assertEquals(await namesIn(dir), ["acme.weather"]);

  await test.step("check", async () => {
    const check = await cordonIn(dir, "check", "acme.weather", "--json");
    assertEquals([check.code, check.json().ok], [0, true]);
  });
  await test.step("run --once", async () => {
    const run = await cordonIn(dir, "run", "acme.weather", "--once", "--json");
    assertEquals([run.code, run.json().running], [0, 1]);
  });
  await test.step("call", async () => {
    const call = await cordonIn(dir, "call", "weather", "hello", '"Ada"', "--dir", "acme.weather", "--json");
    assertEquals([call.code, call.json()], [0, { result: "Hello Ada" }]);
  });
  await test.step("test", async () => {
    const tested = await cordonIn(dir, "test", "acme.weather", "--json");
    const { ok, passed, failed, output } = tested.json();
    assertEquals([tested.code, ok, passed, failed], [0, true, 1, 0]);
    assertStringIncludes(output, "hello() greets, and tells others ... ok");
  });
  await test.step("deno fmt and deno lint", async () => {
    assertEquals((await denoIn(`${dir}/acme.weather`, "fmt", "--check")).code, 0);
    assertEquals((await denoIn(`${dir}/acme.weather`, "lint")).code, 0);
  });
  await test.step("deno check knows the types of ctx, and of the kit", async () => {
    const plugin = `${dir}/acme.weather`;
    // The right files were checked by their test; here is what has to be found in wrong ones.
    await Deno.writeTextFile(
      `${plugin}/wrong.ts`,
      `import type { PluginContext } from "@cordon/cordon/sdk";\n` +
        `export const activate = (ctx: PluginContext) => ctx.log.inform("x");\n`,
    );
    await Deno.writeTextFile(
      `${plugin}/wrong_test.ts`,
      `import { startPlugin } from "@cordon/cordon/sdk/testing";\nimport * as module from "./main.ts";\n` +
        `const plugin = await startPlugin(module);\nplugin.call("hallo", "Ada");\nplugin.call("hello", 1);\n`,
    );
    const { code, text } = await denoIn(plugin, "check", "main.ts", "wrong.ts", "wrong_test.ts");
    assertEquals(code, 1);
    assertStringIncludes(text, "Property 'inform' does not exist on type 'PluginLog'");
    assertStringIncludes(text, `'"hallo"' is not assignable to parameter of type '"hello"'`);
    assertStringIncludes(text, "'number' is not assignable to parameter of type 'string'");
    assertStringIncludes(text, "Found 3 errors");
  });
});

Deno.test("cordon new gives a name without publisher the one of --publisher, or local", async () => {
  await using cwd = await writePlugin({});
  const plain = await cordonIn(cwd.dir, "new", "weather");
  assertEquals(plain.code, 0);
  assertStringIncludes(plain.stdout, "Made local.weather in ./weather");
  assertStringIncludes(plain.stdout, `cordon call weather hello '"Ada"' --dir ./weather`);
  await Deno.mkdir(`${cwd.dir}/empty`);
  const named = await cordonIn(cwd.dir, "new", "empty", "--publisher", "acme", "--json");
  assertEquals([named.code, named.json().id], [0, "acme.empty"]);
  assertEquals((await namesIn(`${cwd.dir}/empty`)).length, 5);
});

Deno.test("cordon new refuses bad names and folders in use, and leaves nothing behind", async (test) => {
  await using cwd = await writePlugin({ "taken/note.txt": "mine", "file": "mine" });
  const rule = 'of the form "publisher.name" in lower case';
  const cases: [args: string[], part: string][] = [
    [["taken"], "it exists and is not empty"],
    [["file"], "there is a file of that name"],
    [["Weather"], rule],
    [["acme.weather.extra"], rule],
    [["../weather"], rule],
    [["we ather"], rule],
    [['x"y'], rule],
    [["weather", "--publisher", "Acme"], rule],
    [["acme.weather", "--publisher", "other"], "the name has a publisher of its own"],
  ];
  for (const [args, part] of cases) {
    await test.step(args.join(" "), async () => {
      const run = await cordonIn(cwd.dir, "new", ...args);
      assertEquals([run.code, run.stdout], [3, ""]);
      assertStringIncludes(run.stderr, part);
      assertMatch(run.stderr, /\n {2}hint: /);
      assertEquals(await namesIn(cwd.dir), ["file", "taken"]);
    });
  }
  assertEquals(await namesIn(`${cwd.dir}/taken`), ["note.txt"]);
});

Deno.test("A plugin may be named like what every object has", async () => {
  for (const name of ["constructor", "then"]) {
    const files = await createPluginFiles({ publisher: "acme", name, folder: name });
    assertEquals(Object.keys(parseManifest(files["plugin.toml"]!, "plugin.toml").provides), [name]);
  }
});

Deno.test("A plugin made by an installed Cordon imports its kit from JSR, and names a published schema", async () => {
  const root = new URL("https://jsr.io/@cordon/cordon/1.2.3/");
  const files = await createPluginFiles({ publisher: "acme", name: "weather", folder: "weather" }, root);
  const config = JSON.parse(files["deno.json"]!);
  assertEquals(config.imports["@cordon/cordon/sdk"], "jsr:@cordon/cordon@^1/sdk");
  assertEquals(config.imports["@cordon/cordon/sdk/testing"], "jsr:@cordon/cordon@^1/sdk/testing");
  assertEquals([config.scopes, config.tasks.test], [undefined, "deno test --allow-read=."]);
  assertMatch(
    files["plugin.toml"]!,
    /^#:schema https:\/\/jsr\.io\/@cordon\/cordon\/1\.2\.3\/docs\/manifest\.schema\.json\n/,
  );
});
