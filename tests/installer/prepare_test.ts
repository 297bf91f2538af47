import { assert, assertEquals, assertRejects } from "@std/assert";
import { formatProblem, InvalidPluginError } from "../../src/errors.ts";
import { checkSources, prepareSource } from "../../src/installer/prepare.ts";
import { openWorkshop, type Workshop } from "./plugin_source.ts";

/** What checking says about one plugin: its problems as text. */
async function check(workshop: Workshop, files: Record<string, string>): Promise<string[]> {
  const [report] = await checkSources([await workshop.write("plugin", files)], workshop.check);
  return report!.problems.map(formatProblem);
}

Deno.test("checkSources() reports on many plugins at once, in their order, and executes none", async () => {
  await using workshop = await openWorkshop();
  const good = {
    "main.ts": `import { a } from "./lib/a.ts"; a();`,
    "lib/a.ts": "export const a = () => {};",
  };
  const sources = [
    await workshop.write("good", good),
    await workshop.write("packages", { "main.ts": `import "npm:b"; import "jsr:@a/b@1"; import "npm:b";` }),
    await workshop.write("outside", { "main.ts": `Deno.exit(9);\nimport "../good/lib/a.ts";` }),
    await workshop.write("empty", { "plugin.toml": "" }),
  ];
  const reports = await checkSources(sources, workshop.check);
  assertEquals(reports.map(({ packages }) => packages), [[], ["jsr:@a/b@1", "npm:b"], [], []]);
  assertEquals(reports.map(({ problems }) => problems.map(formatProblem)), [
    [],
    [],
    [`main.ts:2: imports "../good/lib/a.ts", which is outside the plugin's folder`],
    [`main.ts: does not exist, but the manifest names it as "main"`],
  ]);
  assertEquals(reports[0]!.files, ["lib/a.ts", "main.ts"]);
  assertEquals(await Array.fromAsync(Deno.readDir(workshop.check.workDir)), []);
});

Deno.test("checkSources() refuses each way that leads out of the folder", async () => {
  await using workshop = await openWorkshop();
  await workshop.write("outside", { "a.ts": "", "a.json": "{}", "a.txt": "", "a.cjs": "", "a.wasm": "" });
  const outside = (line: string, specifier: string) =>
    `main.ts:${line}: imports "${specifier}", which is outside the plugin's folder`;
  const problems = await check(workshop, {
    "main.ts": [
      `import "../outside/a.ts";`,
      `export * from "$DIR/outside/a.ts";`,
      `import "file://$DIR/outside/a.json" with { type: "json" };`,
      `import "../outside/a.txt" with { type: "text" };`,
      `await import("../outside/a.cjs");`,
      `import "../outside/a.wasm";`,
      `import "./..%2foutside/a.ts";`,
      `import "https://example.test/a.ts";`,
      `import "data:text/javascript,0";`,
      `import "bare";`,
    ].join("\n"),
  });
  assertEquals(
    problems.toSorted(),
    [
      outside("1", "../outside/a.ts"),
      `main.ts:10: imports "bare", which leads nowhere: use a relative path, "npm:" or "jsr:"`,
      outside("2", `${workshop.dir}/outside/a.ts`),
      outside("3", `file://${workshop.dir}/outside/a.json`),
      outside("4", "../outside/a.txt"),
      outside("5", "../outside/a.cjs"),
      outside("6", "../outside/a.wasm"),
      outside("7", "./..%2foutside/a.ts"),
      `main.ts:8: imports "https://example.test/a.ts" from the network: use "npm:", "jsr:" or a copy`,
      `main.ts:9: imports code from a "data:" URL: put it into a file`,
    ].toSorted(),
  );
});

Deno.test("checkSources() tells a missing file, a syntax error and where they stand", async () => {
  await using workshop = await openWorkshop();
  const problems = await check(workshop, {
    "main.ts": `import "./missing.ts"; import "./broken.ts";`,
    "broken.ts": "export const a =;\n",
  });
  assertEquals(problems.length, 2);
  assert(problems.some((problem) => problem.startsWith("missing.ts: does not exist")), problems.join());
  assert(problems.some((problem) => problem.startsWith("broken.ts")), problems.join());
});

Deno.test("checkSources() lets one plugin whose graph cannot be read spoil no other", async () => {
  await using workshop = await openWorkshop();
  const sources = [
    await workshop.write("good", { "main.ts": "" }),
    // Deno gives up on a graph with an import attribute that it does not know.
    await workshop.write("bad", { "main.ts": `import "./a.txt" with { type: "css-in-js" };`, "a.txt": "" }),
  ];
  const [good, bad] = await checkSources(sources, workshop.check);
  assertEquals(good!.problems, []);
  assertEquals(bad!.problems.length, 1);
});

Deno.test("checkSources() refuses a folder that is gone", async () => {
  await using workshop = await openWorkshop();
  const [report] = await checkSources([{ dir: `${workshop.dir}/gone`, main: "main.ts" }], workshop.check);
  assert(report!.problems[0]!.message.startsWith("cannot be read"), report!.problems[0]!.message);
});

Deno.test("checkSources() ends when its signal aborts", async () => {
  await using workshop = await openWorkshop();
  const source = await workshop.write("plugin", { "main.ts": "" });
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  assertEquals(await checkSources([source], { ...workshop.check, signal }).catch((error) => error), reason);
});

Deno.test("prepareSource() leaves a plugin without packages where it is", async () => {
  await using workshop = await openWorkshop();
  const source = await workshop.write("plugin", { "main.ts": "" });
  const [report] = await checkSources([source], workshop.check);
  assertEquals(await prepareSource(source, report!, workshop.prepare), {
    codeDir: source.dir,
    entry: `file://${source.dir}/main.ts`,
  });
});

Deno.test("prepareSource() refuses a plugin whose check found problems", async () => {
  await using workshop = await openWorkshop();
  const source = await workshop.write("plugin", { "main.ts": `import "/etc/hostname";` });
  const [report] = await checkSources([source], workshop.check);
  await assertRejects(() => prepareSource(source, report!, workshop.prepare), InvalidPluginError);
});
