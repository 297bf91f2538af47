import { assert, assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import {
  findPluginFolders,
  type FoundPlugin,
  readPlugin,
  refuseDuplicates,
} from "../../src/lifecycle/discovery.ts";
import { MAX_MANIFEST_BYTES } from "../../src/manifest/limits.ts";

function manifest(id: string): string {
  return `schema = 1\n[plugin]\nid = "${id}"\nversion = "1.0.0"\nmain = "main.ts"\n`;
}

type Files = Readonly<Record<string, string | Uint8Array>>;

/** A folder with files, gone at the end of the test. */
async function makeTree(files: Files): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-test-" }));
  for (const [name, content] of Object.entries(files)) {
    await Deno.mkdir(`${path}/${name}`.slice(0, path.length + 1 + name.lastIndexOf("/")), {
      recursive: true,
    });
    if (name.endsWith("/")) continue;
    await Deno.writeFile(
      `${path}/${name}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Ids with their folders, relative to the tree. */
function show(found: readonly FoundPlugin[], root: string): string[] {
  return found.map(({ id, dir, manifest }) =>
    `${id}${manifest === undefined ? "!" : ""} ${dir.slice(root.length + 1)}`
  );
}

/** What is wrong with the only plugin of a tree. */
async function findProblems(files: Files): Promise<[id: string, messages: string[]]> {
  await using tree = await makeTree(files);
  const [plugin, ...others] = await discoverPlugins([tree.path]);
  assertEquals([others, plugin!.manifest], [[], undefined]);
  return [plugin!.id, plugin!.problems.map(({ message }) => message)];
}

async function discoverPlugins(dirs: readonly string[]): Promise<FoundPlugin[]> {
  return refuseDuplicates(await Promise.all((await findPluginFolders(dirs)).map(readPlugin)));
}

Deno.test("discoverPlugins() finds plugins at any depth, and goes into none of them", async () => {
  await using tree = await makeTree({
    "a/plugin.toml": manifest("acme.a"),
    "a/inside/plugin.toml": manifest("acme.inside"),
    "group/deeper/b/plugin.json": JSON.stringify({
      schema: 1,
      plugin: { id: "acme.b", version: "1.0.0", main: "main.ts" },
    }),
    "group/README.md": "no plugin",
    "empty/": "",
  });
  assertEquals(show(await discoverPlugins([tree.path]), tree.path), ["acme.a a", "acme.b group/deeper/b"]);
  const [plugin] = await discoverPlugins([`${tree.path}/a`]);
  assertEquals([plugin!.id, plugin!.dir, plugin!.problems], ["acme.a", `${tree.path}/a`, []]);
});

Deno.test("discoverPlugins() takes a folder once, named twice or inside another", async () => {
  await using tree = await makeTree({
    "a/plugin.toml": manifest("acme.a"),
    "b/plugin.toml": manifest("acme.b"),
  });
  await Deno.symlink(tree.path, `${tree.path}-link`);
  try {
    const dirs = [tree.path, `${tree.path}/a`, `${tree.path}/./b/`, `${tree.path}-link`];
    assertEquals(show(await discoverPlugins(dirs), tree.path), ["acme.a a", "acme.b b"]);
  } finally {
    await Deno.remove(`${tree.path}-link`);
  }
});

Deno.test("discoverPlugins() leaves out hidden folders, packages, links, and what is too deep", async () => {
  await using tree = await makeTree({
    ".git/plugin.toml": manifest("acme.git"),
    "node_modules/x/plugin.toml": manifest("acme.package"),
    "coverage/plugin.toml": manifest("acme.coverage"),
    "1/2/3/4/5/6/plugin.toml": manifest("acme.six"),
    "1/2/3/4/5/x/7/plugin.toml": manifest("acme.seven"),
  });
  await using other = await makeTree({ "linked/plugin.toml": manifest("acme.linked") });
  await Deno.symlink(`${other.path}/linked`, `${tree.path}/link`);
  await Deno.symlink(tree.path, `${tree.path}/round`);
  assertEquals(show(await discoverPlugins([tree.path]), tree.path), ["acme.six 1/2/3/4/5/6"]);
});

Deno.test("discoverPlugins() finds nothing in an empty folder, or in no folder", async () => {
  await using tree = await makeTree({ "README.md": "" });
  assertEquals(await discoverPlugins([tree.path]), []);
  assertEquals(await discoverPlugins([]), []);
});

Deno.test("discoverPlugins() says which folder is missing or is a file, and what would do", async () => {
  await using tree = await makeTree({ "plugin.toml": manifest("acme.a"), "file": "" });
  await Deno.symlink("nowhere", `${tree.path}/dangling`);
  const cases: [string, string][] = [
    [`${tree.path}/none`, "it does not exist"],
    [`${tree.path}/dangling`, "it does not exist"],
    [`${tree.path}/file`, "it is a file"],
    [`${tree.path}/plugin.toml`, "it is a file"],
  ];
  for (const [dir, reason] of cases) {
    const error = await assertRejects(() => discoverPlugins([tree.path, dir]), CordonError);
    assertEquals([error.code, error.message], [
      "not_found",
      `Cannot read the plugin folder "${dir}": ${reason}`,
    ]);
    assert(error.hint !== undefined);
  }
});

Deno.test("discoverPlugins() reports a broken manifest under the folder's name, and finds the others", async () => {
  await using tree = await makeTree({
    "weather/plugin.toml": 'schema = 1\n[plugin]\nid = "x"\n',
    "b/plugin.toml": manifest("acme.b"),
  });
  const found = await discoverPlugins([tree.path]);
  assertEquals(show(found, tree.path), ["acme.b b", "weather! weather"]);
  assertEquals(found[1]!.problems.map(({ file, path, line }) => [file, path, line]), [
    ["plugin.toml", "plugin.id", 3],
    ["plugin.toml", "plugin.version", 2],
    ["plugin.toml", "plugin.main", 2],
  ]);
});

Deno.test("discoverPlugins() reports what cannot be read as a manifest", async () => {
  const both = await findProblems({ "a/plugin.toml": manifest("acme.a"), "a/plugin.json": "{}" });
  assertEquals(both, ["a", ["holds both plugin.toml and plugin.json: keep one"]]);

  const large = await findProblems({ "a/plugin.toml": manifest("acme.a").padEnd(10_000_000) });
  assertEquals(large, ["a", ["is larger than 64 KiB: a manifest holds metadata only"]]);
  const limit = await findProblems({ "a/plugin.toml": new Uint8Array(MAX_MANIFEST_BYTES).fill(0xff) });
  assertEquals(limit, ["a", ["is not UTF-8 text"]]);

  const latin = await findProblems({
    "a/plugin.toml": Uint8Array.of(...new TextEncoder().encode(manifest("acme.a")), 0x23, 0xe9, 0x0a),
  });
  assertEquals(latin, ["a", ["is not UTF-8 text"]]);
  const utf16 = await findProblems({ "a/plugin.json": Uint8Array.of(0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00) });
  assertEquals(utf16, ["a", ["is not UTF-8 text"]]);

  const [, folder] = await findProblems({ "a/plugin.toml/x": "" });
  assertEquals(folder, ["is no plain file"]);
  const [, empty] = await findProblems({ "a/plugin.json": "" });
  assertStringIncludes(empty.join(), "is not JSON: Unexpected end");
});

Deno.test("discoverPlugins() reads a manifest that begins with a byte order mark", async () => {
  await using tree = await makeTree({ "a/plugin.toml": `\ufeff${manifest("acme.a")}` });
  assertEquals(show(await discoverPlugins([tree.path]), tree.path), ["acme.a a"]);
});

Deno.test("discoverPlugins() follows no link to a manifest", async () => {
  await using tree = await makeTree({ "a/": "", "elsewhere.toml": manifest("acme.a") });
  for (const target of ["../elsewhere.toml", "/dev/zero", "nowhere"]) {
    await Deno.symlink(target, `${tree.path}/a/plugin.toml`);
    const [plugin] = await discoverPlugins([tree.path]);
    assertEquals([plugin!.id, plugin!.problems], ["a", [{
      file: "plugin.toml",
      message: "is no plain file",
    }]]);
    await Deno.remove(`${tree.path}/a/plugin.toml`);
  }
});

Deno.test({
  name: "discoverPlugins() says so when it may not read a manifest or a folder",
  // Nothing is closed to root.
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
  async fn() {
    await using tree = await makeTree({ "a/plugin.toml": manifest("acme.a"), "b/": "" });
    await Deno.chmod(`${tree.path}/a/plugin.toml`, 0);
    const [plugin] = await discoverPlugins([tree.path]);
    assertEquals(plugin!.problems, [{
      file: "plugin.toml",
      message: "cannot be read: this user may not read it",
    }]);
    await Deno.chmod(`${tree.path}/b`, 0);
    await assertRejects(() => discoverPlugins([`${tree.path}/b`]));
    await Deno.chmod(`${tree.path}/b`, 0o700);
  },
});

Deno.test("discoverPlugins() runs none of several plugins with one id, and names the others' folders", async () => {
  await using tree = await makeTree({
    "a/plugin.toml": manifest("acme.same"),
    "b/plugin.toml": manifest("acme.same"),
    "c/plugin.toml": manifest("acme.same"),
    "d/plugin.toml": manifest("acme.other"),
    // Its name is not an id that anybody has.
    "acme.other/plugin.toml": "broken",
  });
  const found = await discoverPlugins([tree.path]);
  assertEquals(show(found, tree.path), [
    "acme.same! a",
    "acme.other! acme.other",
    "acme.same! b",
    "acme.same! c",
    "acme.other d",
  ]);
  const same = found.filter(({ id }) => id === "acme.same");
  for (const { dir, problems } of same) {
    const others = same.filter((other) => other.dir !== dir).map((other) => `"${other.dir}"`).join(", ");
    assertEquals(problems, [{
      path: "plugin.id",
      message: `"acme.same" is also the id of ${others}: rename or remove one`,
    }]);
  }
  assertStrictEquals(found.at(-1)!.problems.length, 0);
});
