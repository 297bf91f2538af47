import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readCatalogue } from "../../src/lifecycle/catalogue.ts";
import { type PluginEntry, PluginTable } from "../../src/lifecycle/plugin_table.ts";
import { Registry } from "../../src/lifecycle/registry.ts";
import { EVERYTHING, PluginScan, type ScannedChanges } from "../../src/reload/plugin_scan.ts";
import { openMemoryDatabase } from "../../src/store/database.ts";
import { manifestText, writePlugin } from "../fixtures/start_host.ts";

const CODE = "export const activate = () => ({});";

interface Site extends AsyncDisposable {
  readonly root: string;
  readonly table: PluginTable;
  readonly scan: PluginScan;
  write(file: string, text: string): Promise<void>;
  /** Scans some plugin folders. */
  look(...names: string[]): Promise<ScannedChanges>;
  /** Scans everything. */
  lookAtAll(): Promise<ScannedChanges>;
  /** Puts changes into the table, as a reload does. */
  accept(changes: ScannedChanges): void;
}

async function openSite(files: Readonly<Record<string, string>>): Promise<Site> {
  const folder = await writePlugin({ "plugins/.keep": "", "work/.keep": "", ...prefix(files) });
  const root = `${folder.dir}/plugins`;
  const registry = new Registry(openMemoryDatabase());
  const reading = { registry, workDir: `${folder.dir}/work` };
  const table = new PluginTable(registry);
  for (const entry of await readCatalogue([root], reading)) table.add(entry);
  const scan = new PluginScan({ roots: [root], table, reading });
  const entryAt = (dir: string) => table.list().find(({ found }) => found.dir === dir) as PluginEntry;
  return {
    root,
    table,
    scan,
    async write(file, text) {
      await Deno.mkdir(`${root}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${root}/${file}`, text);
    },
    look: (...names) =>
      scan.scan({
        dirs: new Set(names.map((name) => `${root}/${name}`)),
        roots: new Set(),
        isRescan: false,
      }),
    lookAtAll: () => scan.scan(EVERYTHING),
    accept({ added, removed, changed }) {
      for (const { dir } of removed) table.remove(entryAt(dir));
      for (const { entry } of changed) table.remove(entryAt(entry.found.dir));
      for (const entry of [...added, ...changed.map((one) => one.entry)]) table.add(entry);
    },
    async [Symbol.asyncDispose]() {
      registry[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function prefix(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`plugins/${name}`, text]));
}

/** What a scan found, as a test compares it. */
function summarize({ added, removed, changed, restored }: ScannedChanges): Record<string, unknown> {
  return {
    added: added.map(({ found }) => found.id),
    removed: removed.map(({ id }) => id),
    changed: Object.fromEntries(
      changed.map(({ id, kinds, files }) => [id, [[...kinds].sort().join(" "), ...files]]),
    ),
    restored,
  };
}

const NOTHING = { added: [], removed: [], changed: {}, restored: [] };
const openTwo = () =>
  openSite({
    "a/plugin.toml": manifestText("test.a"),
    "a/main.ts": `import "./lib/x.ts";\n${CODE}`,
    "a/lib/x.ts": "export {};",
    "a/README.md": "# A",
    "b/plugin.toml": manifestText("test.b"),
    "b/main.ts": CODE,
  });

Deno.test("PluginScan names the files that changed by their contents: touching changes nothing", async () => {
  await using site = await openTwo();
  assertEquals(summarize(await site.lookAtAll()), NOTHING);
  await Deno.utime(`${site.root}/a/main.ts`, 1, 1);
  await Deno.utime(`${site.root}/a/lib/x.ts`, 1, 1);
  assertEquals(summarize(await site.look("a")), NOTHING);
  await site.write("a/lib/x.ts", "export const x = 1;");
  await Deno.utime(`${site.root}/a/main.ts`, 2, 2);
  const changes = await site.look("a");
  assertEquals(summarize(changes), { ...NOTHING, changed: { "test.a": ["code", "lib/x.ts"] } });
  site.accept(changes);
  assertEquals(summarize(await site.lookAtAll()), NOTHING);
});

Deno.test("PluginScan finds plugins that come and go, and one that is renamed as both", async () => {
  await using site = await openTwo();
  await site.write("c/plugin.toml", manifestText("test.c"));
  await site.write("c/main.ts", CODE);
  await Deno.remove(`${site.root}/b`, { recursive: true });
  await site.write("a/plugin.toml", manifestText("test.other"));
  const changes = await site.scan.scan({ dirs: new Set(), roots: new Set([site.root]), isRescan: false });
  assertEquals(summarize(changes), { ...NOTHING, added: ["test.c"], removed: ["test.b"] });
  assertEquals(summarize(await site.look("a")), {
    ...NOTHING,
    added: ["test.other"],
    removed: ["test.a", "test.b"],
  });
  assertEquals([...site.scan.pluginDirs].sort(), [`${site.root}/a`, `${site.root}/c`]);
});

Deno.test("PluginScan takes a plugin in another folder for a change of where it runs from", async () => {
  await using site = await openTwo();
  await Deno.rename(`${site.root}/a`, `${site.root}/elsewhere`);
  const changes = await site.lookAtAll();
  assertEquals(summarize(changes), { ...NOTHING, changed: { "test.a": ["code"] } });
  assertEquals(changes.changed[0]!.entry.found.dir, `${site.root}/elsewhere`);
});

Deno.test("PluginScan takes every plugin for gone when its root has gone, and for added when it is back", async () => {
  await using site = await openTwo();
  await Deno.rename(site.root, `${site.root}.away`);
  const gone = await site.lookAtAll();
  assertEquals(summarize(gone), { ...NOTHING, removed: ["test.a", "test.b"] });
  site.accept(gone);
  await Deno.rename(`${site.root}.away`, site.root);
  assertEquals(summarize(await site.lookAtAll()), { ...NOTHING, added: ["test.a", "test.b"] });
});

const NEEDS: Readonly<Record<string, { files: Record<string, string | undefined>; kinds: string }>> = {
  "the main module": { files: { "main.ts": `${CODE} //` }, kinds: "code" },
  "a module that may be imported by a made-up name": { files: { "late.ts": "export {};" }, kinds: "code" },
  "text that nobody imports": { files: { "README.md": "# B", "style.css": "x" }, kinds: "assets" },
  "a test": { files: { "main_test.ts": "export {};" }, kinds: "assets" },
  "its panel": { files: { "ui/panel.html": "<p>", "ui/panel.js": "1" }, kinds: "assets" },
  "an asset and code": { files: { "README.md": "# B", "main.ts": `${CODE} //` }, kinds: "assets code" },
  "a module that goes": { files: { "lib/x.ts": undefined, "main.ts": CODE }, kinds: "code" },
  "a comment in the manifest": { files: { "plugin.toml": "# hello\n" }, kinds: "assets" },
  "a limit": { files: { "plugin.toml": '[limits]\nmemory = "64MiB"\n' }, kinds: "manifest" },
  "a permission": {
    files: { "plugin.toml": '[[permissions.read]]\npaths = ["/srv"]\n' },
    kinds: "permissions",
  },
  "what it provides": {
    files: { "plugin.toml": '[provides]\n"f" = { version = "1.0.0", methods = ["x"] }\n' },
    kinds: "contract",
  },
  "its configuration": {
    files: { "plugin.toml": '[config]\nschema = "c.json"\nversion = 1\n', "c.json": "{}" },
    kinds: "configuration",
  },
  "a manifest that cannot be read": { files: { "plugin.toml": "[[[" }, kinds: "manifest" },
  "a module that cannot be parsed": { files: { "lib/x.ts": "export {{{" }, kinds: "code" },
  "what an editor leaves behind, beside code": {
    files: { ".main.ts.swp": "x", "main.ts~": "x", "main.ts": `${CODE} //` },
    kinds: "code",
  },
};

for (const [name, { files, kinds }] of Object.entries(NEEDS)) {
  Deno.test(`PluginScan tells what is needed when there is a change of ${name}`, async () => {
    const ui = '[ui]\npanel = "ui/panel.html"\n';
    await using site = await openSite({
      "a/plugin.toml": manifestText("test.a", ui),
      "a/main.ts": `import "./lib/x.ts";\n${CODE}`,
      "a/lib/x.ts": "export {};",
      "a/README.md": "# A",
      "a/ui/panel.html": "",
      "a/ui/panel.js": "",
    });
    assertEquals(site.table.list()[0]!.problems, []);
    for (const [file, text] of Object.entries(files)) {
      if (text === undefined) await Deno.remove(`${site.root}/a/${file}`);
      else if (file !== "plugin.toml") await site.write(`a/${file}`, text);
      else await site.write(`a/${file}`, manifestText("test.a", ui + text));
    }
    const { changed } = await site.look("a");
    const named = Object.keys(files).filter((file) => !/swp|~/.test(file)).sort();
    assertEquals([[...changed[0]!.kinds].sort().join(" "), changed[0]!.files], [kinds, named]);
  });
}

Deno.test("PluginScan tells of what is not taken over once, and when the folder is again what runs", async () => {
  await using site = await openTwo();
  const good = await Deno.readTextFile(`${site.root}/a/lib/x.ts`);
  await site.write("a/lib/x.ts", "export {{{");
  const broken = await site.look("a");
  assert(broken.changed[0]!.entry.report!.problems.length > 0);
  assertEquals(summarize(await site.look("a")), NOTHING, "it was told");
  assertEquals(summarize(await site.look("b")), NOTHING);
  await site.write("a/lib/x.ts", "export {{");
  assertEquals((await site.look("a")).changed.length, 1, "it is broken in another way");
  await site.write("a/lib/x.ts", good);
  assertEquals(summarize(await site.look("a")), { ...NOTHING, restored: ["test.a"] });
  assertEquals(summarize(await site.look("a")), NOTHING);
});

Deno.test("PluginScan refuses two folders with one id, and takes the one up that is left", async () => {
  await using site = await openTwo();
  await site.write("copy/plugin.toml", manifestText("test.b"));
  await site.write("copy/main.ts", CODE);
  const twice = await site.lookAtAll();
  assertEquals(summarize(twice), { ...NOTHING, added: ["test.b"], changed: { "test.b": ["manifest"] } });
  assertEquals(twice.added[0]!.found.manifest, undefined);
  assertStringIncludes(twice.changed[0]!.entry.found.problems[0]!.message, "is also the id of");
  // The one that ran is not replaced by it; both are known as they are.
  for (const entry of twice.added) site.table.add(entry);
  await Deno.remove(`${site.root}/copy`, { recursive: true });
  const once = await site.lookAtAll();
  assertEquals(once.removed, [{ id: "test.b", dir: `${site.root}/copy` }]);
  assertEquals([once.changed, once.restored], [[], ["test.b"]]);
});
