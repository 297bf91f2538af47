import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError } from "../../../src/errors.ts";
import { GrantBook } from "../../../src/lifecycle/consent/grant_book.ts";
import { Registry } from "../../../src/lifecycle/registry.ts";
import { findGrant, type Grant, type Grants, withGrant } from "../../../src/permissions/grants.ts";
import { createPermissionSet } from "../../../src/permissions/permission_set.ts";

const GRANT: Grant = {
  plugin: "acme.weather",
  version: "1.4.2",
  granted: "2026-01-31T12:00:00.000Z",
  supervised: false,
  permissions: createPermissionSet([{ kind: "net", value: "a.test:1" }]),
};

/** A data folder with a registry; `open` opens its book, as a host that starts does. */
async function openFolder(): Promise<
  {
    dir: string;
    file: string;
    registry: Registry;
    notices: string[];
    open: () => Promise<GrantBook>;
  } & AsyncDisposable
> {
  const dir = await Deno.makeTempDir({ prefix: "cordon-test-" });
  const registry = await Registry.open(dir, () => {});
  const notices: string[] = [];
  return {
    dir,
    file: `${dir}/grants.toml`,
    registry,
    notices,
    open: () => GrantBook.open(dir, registry, (message) => notices.push(message)),
    async [Symbol.asyncDispose]() {
      registry[Symbol.dispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

const grant = (grants: Grants) => withGrant(grants, GRANT);

Deno.test("GrantBook.change() keeps a decision for its owner only, as a whole", async () => {
  await using folder = await openFolder();
  const book = await folder.open();
  await book.change(grant);
  assertEquals(findGrant(book.grants, "acme.weather"), GRANT);
  assertEquals(findGrant((await folder.open()).grants, "acme.weather"), GRANT);
  if (Deno.build.os !== "windows") {
    assertEquals((await Deno.stat(folder.file)).mode! & 0o777, 0o600);
  }
  const names = (await Array.fromAsync(Deno.readDir(folder.dir))).map(({ name }) => name);
  assertEquals(names.filter((name) => name.startsWith("grants")), ["grants.toml"]);
});

Deno.test("GrantBook.change() builds on what was edited by hand meanwhile", async () => {
  await using folder = await openFolder();
  const book = await folder.open();
  await book.change(grant);
  const edited = (await Deno.readTextFile(folder.file)).replace("acme.weather", "acme.geo");
  await Deno.writeTextFile(folder.file, edited);
  await book.change(grant);
  assertEquals(book.grants.grants.map(({ plugin }) => plugin), ["acme.geo", "acme.weather"]);
});

Deno.test("GrantBook.change() leaves the old file where writing was cut off, and what was left of it does no harm", async () => {
  await using folder = await openFolder();
  await (await folder.open()).change(grant);
  // As a host killed in the middle of writing leaves it, and as somebody could lay it there.
  await Deno.writeTextFile(`${folder.file}.new`, "schema = 1\n[[gra");
  assertEquals(findGrant((await folder.open()).grants, "acme.weather"), GRANT);
  await Deno.remove(`${folder.file}.new`);
  if (Deno.build.os !== "windows") await Deno.symlink(`${folder.dir}/elsewhere`, `${folder.file}.new`);
  const book = await folder.open();
  await book.change((grants) => withGrant(grants, { ...GRANT, version: "1.4.3" }));
  assertEquals(findGrant((await folder.open()).grants, "acme.weather")?.version, "1.4.3");
  await assertRejects(() => Deno.stat(`${folder.dir}/elsewhere`), Deno.errors.NotFound);
  assertEquals((await Deno.lstat(folder.file)).isSymlink, false);
});

Deno.test("A broken grants.toml is refused as a whole with lines, and the last good one stays in force, over a restart too", async (test) => {
  await using folder = await openFolder();
  await (await folder.open()).change(grant);
  const good = await Deno.readTextFile(folder.file);
  const broken: [string, string | Uint8Array, RegExp][] = [
    ["no TOML", `${good}\n[[grants`, /grants\.toml:\d+: is not TOML/],
    ["an unknown key", good.replace("schema = 1", "schema = 1\nextra = 2"), /grants\.toml:6: extra: /],
    ["a wildcard", good.replace("a.test:1", "*"), /grants\.toml:\d+: grants\[0\]\.permissions\.net\[0\]: /],
    ["no text", new Uint8Array([0xff, 0xfe, 0]), /is not UTF-8 text/],
    ["too long", `# ${"x".repeat(2 ** 21)}`, /is larger than 1024 KiB/],
  ];
  for (const [name, content, pattern] of broken) {
    await test.step(name, async () => {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(folder.file, bytes);
      const book = await folder.open();
      assertEquals(findGrant(book.grants, "acme.weather"), GRANT);
      const notice = folder.notices.at(-1)!;
      assert(pattern.test(notice), notice);
      assertStringIncludes(notice, "stays in force");
      const event = folder.registry.journal.list().at(-1)!;
      assertEquals([event.type, event.facts.message], ["grants.refused", notice]);
      const error = await assertRejects(() => book.change(grant), CordonError);
      assertEquals(error.code, "invalid_grants");
      assert(pattern.test(error.message), error.message);
      assertEquals(await Deno.readFile(folder.file), bytes);
    });
  }
  await test.step("put right again", async () => {
    await Deno.writeTextFile(folder.file, good.replace("1.4.2", "1.4.4"));
    assertEquals(findGrant((await folder.open()).grants, "acme.weather")?.version, "1.4.4");
  });
});

Deno.test("GrantBook.refresh() keeps what is in force while the file is broken", async () => {
  await using folder = await openFolder();
  const book = await folder.open();
  await book.change(grant);
  await Deno.writeTextFile(folder.file, "nonsense");
  await book.refresh();
  assertEquals(findGrant(book.grants, "acme.weather"), GRANT);
});

Deno.test("To remove grants.toml is a decision: nothing is granted, and no earlier text comes back", async () => {
  await using folder = await openFolder();
  await (await folder.open()).change(grant);
  await Deno.remove(folder.file);
  assertEquals((await folder.open()).grants.grants, []);
  await Deno.writeTextFile(folder.file, "nonsense");
  assertEquals((await folder.open()).grants.grants, []);
  assertStringIncludes(folder.notices.at(-1)!, "nothing is granted");
});

Deno.test("A book opened for looking keeps nothing", async () => {
  await using folder = await openFolder();
  await (await folder.open()).change(grant);
  await Deno.remove(folder.file);
  folder.registry.isKeeping = false;
  assertEquals((await folder.open()).grants.grants, []);
  await Deno.writeTextFile(folder.file, "nonsense");
  assertEquals(findGrant((await folder.open()).grants, "acme.weather"), GRANT);
  assertEquals(folder.registry.journal.list(), []);
});
