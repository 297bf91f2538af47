import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { InvalidPluginError } from "../../src/errors.ts";
import { checkSources, type PreparedPlugin, prepareSource } from "../../src/installer/prepare.ts";
import { openRegistry } from "./package_registry.ts";
import { openWorkshop, type Workshop } from "./plugin_source.ts";

const MODULE = `{"name":"@hostile/module","version":"1.0.0","type":"module","main":"index.js"}`;
const CANARY = "canary-outside-the-plugin";

/** Checks and prepares a plugin, as a host does before it starts one. */
async function prepare(workshop: Workshop, files: Record<string, string>): Promise<PreparedPlugin> {
  const source = await workshop.write("plugin", files);
  const [report] = await checkSources([source], workshop.check);
  return await prepareSource(source, report!, workshop.prepare);
}

function importing(name: string): Record<string, string> {
  return {
    "main.ts":
      `import value from "npm:@hostile/${name}";\nexport const activate = () => ({ value: () => value });`,
  };
}

Deno.test("prepareSource() bundles a plugin with its packages into a copy, once for each content", async () => {
  await using workshop = await openWorkshop();
  await using _registry = await openRegistry({
    greeting: { "index.js": `module.exports = "from a package";` },
  });
  const files = { ...importing("greeting"), "assets/note.txt": "kept" };
  const prepared = await prepare(workshop, files);

  assert(prepared.codeDir.startsWith(`${workshop.dir}/prepared/`));
  assertEquals(prepared.entry, `file://${prepared.codeDir}/main.bundled.js`);
  assertEquals(await Deno.readTextFile(`${prepared.codeDir}/assets/note.txt`), "kept");
  const { activate } = await import(prepared.entry);
  assertEquals(activate().value(), "from a package");

  const { ino } = await Deno.stat(prepared.codeDir);
  assertEquals(await prepare(workshop, files), prepared);
  assertEquals((await Deno.stat(prepared.codeDir)).ino, ino);
  const changed = await prepare(workshop, { ...files, "assets/note.txt": "changed" });
  assert(changed.codeDir !== prepared.codeDir);
  assertEquals(
    (await Array.fromAsync(Deno.readDir(workshop.prepare.preparedDir))).length,
    2,
    "no copy is left half made",
  );
});

Deno.test("prepareSource() takes packages whose source maps name files that are not there", async () => {
  await using workshop = await openWorkshop();
  const map = btoa(
    JSON.stringify({ version: 3, sources: ["webpack://a/b.js"], names: [], mappings: "AAAA" }),
  );
  await using _registry = await openRegistry({
    mapped: { "index.js": `module.exports = 1;\n//# sourceMappingURL=data:application/json;base64,${map}` },
  });
  assertMatch((await prepare(workshop, importing("mapped"))).entry, /main\.bundled\.js$/);
});

Deno.test("prepareSource() refuses packages and plugins that pull files of ours into the bundle", async (t) => {
  await using workshop = await openWorkshop();
  await workshop.write("outside", {
    "secret.txt": CANARY,
    "secret.json": `{ "secret": "${CANARY}" }`,
    "secret.cjs": `module.exports = "${CANARY}";`,
  });
  const outside = `${workshop.dir}/outside`;
  await using _registry = await openRegistry({
    harmless: { "index.js": "" },
    text: {
      "package.json": MODULE,
      "index.js": `export { default } from "${outside}/secret.txt" with { type: "text" };`,
    },
    bytes: {
      "package.json": MODULE,
      "index.js": `export { default } from "${outside}/secret.txt" with { type: "bytes" };`,
    },
    json: {
      "package.json": MODULE,
      "index.js": `import { secret } from "${outside}/secret.json"; export default secret;`,
    },
    later: {
      "package.json": MODULE,
      "index.js": `export default (await import("${outside}/secret.cjs")).default;`,
    },
    required: { "index.js": `module.exports = require("${outside}/secret.json");` },
    relative: {
      "index.js": `module.exports = require("../../../../../../../../../../../../..${outside}/secret.cjs");`,
    },
  });
  for (const name of ["text", "bytes", "json", "later", "required", "relative"]) {
    await t.step(`a package, as ${name}`, async () => {
      const error = await assertRejects(() => prepare(workshop, importing(name)), InvalidPluginError);
      assertMatch(
        error.problems[0]!.message,
        /has a package that imports ".*\/outside\/secret\.\w+", which is outside/,
      );
    });
  }
  // The bundler resolves these over the whole disk; the static graph does not show them.
  const up = "../../../../../../../../../../../..";
  const globs = {
    import: "(name) => import(`" + up + outside + "/${name}.json`, { with: { type: 'json' } })",
    require: "(name) => require(`" + up + outside + "/${name}.json`)",
  };
  for (const [name, value] of Object.entries(globs)) {
    await t.step(`the plugin, as a pattern of ${name}()`, async () => {
      const main = `import "npm:@hostile/harmless";\nexport const activate = () => ({ value: ${value} });`;
      const error = await assertRejects(() => prepare(workshop, { "main.ts": main }), InvalidPluginError);
      assertMatch(error.message, /\/outside\/secret\.json", which is outside/);
    });
  }
  assertEquals(await Array.fromAsync(Deno.readDir(workshop.prepare.preparedDir)), []);
});

Deno.test("prepareSource() heeds no configuration that a plugin ships", async () => {
  await using workshop = await openWorkshop();
  await using _registry = await openRegistry({
    greeting: { "index.js": `module.exports = "from a package";` },
  });
  const prepared = await prepare(workshop, {
    ...importing("greeting"),
    ".npmrc": "@hostile:registry=http://127.0.0.1:9/",
    "package.json":
      `{ "dependencies": { "@hostile/greeting": "file:../outside" }, "scripts": { "postinstall": "exit 1" } }`,
    "deno.json":
      `{ "imports": { "npm:@hostile/greeting": "./main.ts" }, "lock": "../outside/deno.lock", "nodeModulesDir": "auto" }`,
    "tsconfig.json": `{ "extends": "../outside/tsconfig.json" }`,
  });
  assertEquals((await import(prepared.entry)).activate().value(), "from a package");
});

Deno.test("prepareSource() says in one sentence that a package cannot be loaded", async () => {
  await using workshop = await openWorkshop();
  await using _registry = await openRegistry({});
  const error = await assertRejects(() => prepare(workshop, importing("missing")), InvalidPluginError);
  assertEquals(error.problems, [{
    file: "main.ts",
    message: `cannot be bundled with npm:@hostile/missing: no registry in reach has "@hostile/missing"`,
  }]);
  assertEquals(await Array.fromAsync(Deno.readDir(workshop.prepare.preparedDir)), []);
});

Deno.test("prepareSource() ends when its signal aborts, and leaves nothing half made", async () => {
  await using workshop = await openWorkshop();
  await using _registry = await openRegistry({ greeting: { "index.js": "" } });
  const source = await workshop.write("plugin", importing("greeting"));
  const [report] = await checkSources([source], workshop.check);
  const aborting = new AbortController();
  const preparing = prepareSource(source, report!, { ...workshop.prepare, signal: aborting.signal });
  const reason = new Error("enough");
  aborting.abort(reason);
  assertEquals(await preparing.catch((error) => error), reason);
  assertEquals(await Array.fromAsync(Deno.readDir(workshop.prepare.preparedDir)), []);
});
