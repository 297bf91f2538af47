import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { Catalog } from "../../plugins/files/catalog.ts";
import type { FileEntry } from "../../plugins/files/catalog.ts";
import { Folder } from "../../plugins/files/folder.ts";
import type { FilesMethods } from "../../plugins/files/main.ts";
import { Scanner } from "../../plugins/files/scanner.ts";
import { watchFolder } from "../../plugins/files/watcher.ts";
import { createFolder, FakeHost } from "./fake_context.ts";
import { startFiles } from "./start_files.ts";

const isUnix = Deno.build.os !== "windows";

function entry(path: string, hash = "1"): FileEntry {
  return { path, kind: "page", size: 1, modified: 1, hash };
}

/** Waits until the listed paths are these. */
async function untilListed(host: FakeHost, api: FilesMethods, expected: string[]): Promise<void> {
  for (;;) {
    const changed = host.next("files.changed");
    const { changed: listed } = await api.changes();
    if (JSON.stringify(listed.map(({ path }) => path).sort()) === JSON.stringify(expected.toSorted())) return;
    await changed;
  }
}

Deno.test("Catalog.changes() gives each change a revision, so that pages of any size add up", () => {
  const catalog = new Catalog(100);
  for (const path of ["a", "b", "c", "d", "e"]) catalog.set(entry(path));
  catalog.remove("b");
  catalog.set(entry("a", "2"));
  for (const limit of [1, 2, 3, 100]) {
    const seen = new Map<string, string>();
    let since: number | undefined;
    for (let more = true; more;) {
      const page = catalog.changes(since, limit);
      for (const { path, hash } of page.changed) seen.set(path, hash);
      for (const path of page.removed) seen.delete(path);
      ({ revision: since, more } = page);
    }
    assertEquals(Object.fromEntries(seen), { a: "2", c: "1", d: "1", e: "1" });
    assertEquals(catalog.changes(since), {
      revision: since!,
      reset: false,
      changed: [],
      removed: [],
      more: false,
    });
  }
});

Deno.test("Catalog.changes() tells a stranger's revision to begin anew", () => {
  const catalog = new Catalog(100);
  catalog.set(entry("a"));
  assertEquals(catalog.changes(99).reset, true);
  assertEquals(catalog.changes(100).reset, false);
  assertEquals(catalog.changes(102).reset, true);
});

Deno.test("Catalog.set() does not count a new time as a change", () => {
  const catalog = new Catalog(100);
  catalog.set(entry("a"));
  const { revision } = catalog;
  catalog.set({ ...entry("a"), modified: 2 });
  assertEquals(catalog.revision, revision);
  assertEquals(catalog.get("a")?.modified, 2);
});

Deno.test("Catalog.remove() forgets old removals within bounds, and those who missed them begin anew", () => {
  const catalog = new Catalog(100);
  for (let index = 0; index <= 10_001; index++) {
    catalog.set(entry(`p${index}`));
    catalog.remove(`p${index}`);
  }
  assertEquals(catalog.changes(101).reset, true);
  assertEquals(catalog.changes(catalog.revision).reset, false);
});

Deno.test("cordon.files lists pages and assets, and nothing hidden or installed", async () => {
  await using folder = await createFolder({
    "README.md": "# Hi",
    "guide/a.markdown": "a",
    "guide/a b.PNG": "x",
    "guide/code.ts": "x",
    ".git/x.md": "x",
    ".hidden.md": "x",
    "node_modules/p/README.md": "x",
    "site/.cordon-site": "",
    "site/index.md": "x",
  });
  await using host = new FakeHost();
  const api = await startFiles(host, folder.path);
  const { changed, reset, more, name, isSite } = await api.changes();
  assertEquals(changed.map(({ path, kind }) => [path, kind]).sort(), [
    ["README.md", "page"],
    ["guide/a b.PNG", "asset"],
    ["guide/a.markdown", "page"],
  ]);
  assertEquals([reset, more, isSite], [true, false, false]);
  assertEquals(folder.path.endsWith(name), true);
  assertEquals(api.problems(), []);
});

Deno.test("cordon.files reads listed files only", async () => {
  await using folder = await createFolder({
    "a.md": "\uFEFF# Ä",
    "secret.key": "x",
    "i.png": new Uint8Array(10).fill(7),
  });
  await using host = new FakeHost();
  const api = await startFiles(host, folder.path);
  assertEquals(await api.read("a.md"), "# Ä");
  for (const path of ["secret.key", "../a.md", "./a.md", "", "/etc/passwd", "__proto__"]) {
    await assertRejects(() => api.read(path), Error, "not a listed file");
    await assertRejects(() => api.readBytes(path), Error, "not a listed file");
  }
  assertEquals(await api.readBytes("i.png", 8), new Uint8Array([7, 7]));
  assertEquals(await api.readBytes("i.png", 2, 3), new Uint8Array([7, 7, 7]));
  assertEquals(await api.readBytes("i.png", 10), new Uint8Array());
  await assertRejects(() => api.readBytes("i.png", -1), RangeError);
});

Deno.test("cordon.files reports what it leaves out", async () => {
  await using folder = await createFolder({
    "ok.md": "fine",
    "latin1.md": new Uint8Array([0x23, 0x20, 0xe4]),
    "utf16.md": new Uint8Array([0xff, 0xfe, 0x23, 0]),
    "large.md": new Uint8Array(4 * 1024 * 1024 + 1).fill(0x61),
  });
  if (isUnix) await Deno.writeTextFile(`${folder.path}/two\nlines.md`, "x");
  await using host = new FakeHost();
  const api = await startFiles(host, folder.path);
  const reasons = new Map(api.problems().map(({ path, reason }) => [path, reason]));
  assertStringIncludes(reasons.get("latin1.md")!, "not valid UTF-8");
  assertStringIncludes(reasons.get("utf16.md")!, "UTF-16");
  assertStringIncludes(reasons.get("large.md")!, "larger than 4 MiB");
  if (isUnix) assertStringIncludes(reasons.get("two\nlines.md")!, "control character");
  assertEquals((await api.changes()).changed.map(({ path }) => path), ["ok.md"]);
});

Deno.test({
  name: "cordon.files follows links to files within the folder, and no others",
  ignore: !isUnix,
  async fn() {
    await using outside = await createFolder({ "secret.md": "secret", "docs/a.md": "a" });
    await using folder = await createFolder({ "real.md": "real", "deep/x.md": "x" });
    await Deno.symlink("real.md", `${folder.path}/alias.md`);
    await Deno.symlink(`${outside.path}/secret.md`, `${folder.path}/leak.md`);
    await Deno.symlink(`${outside.path}/docs`, `${folder.path}/linked`);
    await Deno.symlink("deep", `${folder.path}/again`);
    await Deno.symlink("nothing.md", `${folder.path}/dead.md`);
    await Deno.symlink("loop.md", `${folder.path}/loop.md`);
    await using host = new FakeHost();
    const api = await startFiles(host, folder.path);
    const { changed } = await api.changes();
    assertEquals(changed.map(({ path }) => path).sort(), ["alias.md", "deep/x.md", "real.md"]);
    assertEquals(await api.read("alias.md"), "real");
    const problems = api.problems();
    assertEquals(problems.map(({ path }) => path), ["again", "dead.md", "leak.md", "linked", "loop.md"]);
    assertStringIncludes(problems.find(({ path }) => path === "leak.md")!.reason, "leads outside");

    await Deno.remove(`${folder.path}/real.md`);
    await Deno.symlink(`${outside.path}/secret.md`, `${folder.path}/real.md`);
    await assertRejects(() => api.read("real.md"), Error, "leads outside");
    await assertRejects(() => api.readBytes("real.md"), Error, "leads outside");
  },
});

Deno.test("cordon.files says in one sentence why the input cannot be read", async () => {
  await using folder = await createFolder({ "file.md": "x", "site/.cordon-site": "" });
  await using host = new FakeHost();
  const message = async (input: string) =>
    (await assertRejects(() => startFiles(host, input), Error)).message;
  assertMatch(
    await message(`${folder.path}/no`),
    /^Cannot read input folder ".*\/no": it does not exist; pass --var input=DIR$/,
  );
  assertStringIncludes(await message(`${folder.path}/file.md`), "it is a file; pass --var input=DIR");
  assertStringIncludes(await message(`${folder.path}/site`), "it is a site that cordon.site wrote");
  assertStringIncludes(await message(""), "pass --var input=DIR");
});

Deno.test("cordon.files is content with an empty folder", async () => {
  await using folder = await createFolder({});
  await using host = new FakeHost();
  const api = await startFiles(host, folder.path);
  assertEquals((await api.changes()).changed, []);
});

Deno.test("cordon.files notices new, changed, moved and removed files and folders", async () => {
  await using folder = await createFolder({ "a.md": "1", "gone/b.md": "1" });
  await using host = new FakeHost();
  const api = await startFiles(host, folder.path);
  const { revision } = await api.changes();

  await folder.write({ "new/deep/c.md": "1" });
  await untilListed(host, api, ["a.md", "gone/b.md", "new/deep/c.md"]);
  await Deno.rename(`${folder.path}/new`, `${folder.path}/moved`);
  await untilListed(host, api, ["a.md", "gone/b.md", "moved/deep/c.md"]);
  await Deno.remove(`${folder.path}/gone`, { recursive: true });
  await untilListed(host, api, ["a.md", "moved/deep/c.md"]);
  const changed = host.next("files.changed");
  await folder.write({ "a.md": "2" });
  await changed;

  const changes = await api.changes(revision);
  assertEquals(changes.reset, false);
  assertEquals(changes.changed.map(({ path }) => path).sort(), ["a.md", "moved/deep/c.md"]);
  assertEquals(changes.removed.sort(), ["gone/b.md", "new/deep/c.md"]);
});

Deno.test("cordon.files leaves a folder out as soon as it becomes a site", async () => {
  await using folder = await createFolder({ "a.md": "1", "out/old.png": "x" });
  await using host = new FakeHost();
  const api = await startFiles(host, folder.path);
  await folder.write({ "out/.cordon-site": "" });
  await untilListed(host, api, ["a.md"]);
  await folder.write({ "out/copy.png": "x", "b.md": "1" });
  await untilListed(host, api, ["a.md", "b.md"]);
  assertEquals((await api.changes()).isSite, false);
  await folder.write({ ".cordon-site": "" });
  assertEquals((await api.changes()).isSite, true);
});

Deno.test("watchFolder() looks every few moments where watching is impossible", async () => {
  await using folder = await createFolder({ "a.md": "1" });
  const ending = new AbortController();
  const touched: unknown[] = [];
  const reasons: string[] = [];
  await watchFolder(await Folder.open(folder.path), {
    signal: ending.signal,
    pollMs: 1,
    watch: () => {
      throw new Error("too many watches");
    },
    onPolling: (error) => reasons.push(String(error)),
    onTouched: (paths) => {
      if (touched.push(paths) === 3) ending.abort();
      return Promise.resolve();
    },
  });
  assertEquals(touched, ["everything", "everything", "everything"]);
  assertEquals(new Set(reasons), new Set(["Error: too many watches"]));
});

Deno.test("watchFolder() looks at everything after the watch broke off", async () => {
  await using folder = await createFolder({ "a.md": "1" });
  const ending = new AbortController();
  let watches = 0;
  await watchFolder(await Folder.open(folder.path), {
    signal: ending.signal,
    pollMs: 1,
    quietMs: 1,
    watch: (path) => {
      const watcher = Deno.watchFs(path);
      if (watches++ === 0) queueMicrotask(() => watcher.close());
      return watcher;
    },
    onPolling: () => {},
    onTouched: (paths) => {
      assertEquals(paths, "everything");
      if (watches === 2) ending.abort();
      return Promise.resolve();
    },
  });
  assertEquals(watches, 2);
});

Deno.test("Scanner.scanAll() keeps what it knew while the folder is away", async () => {
  await using folder = await createFolder({ "in/a.md": "1" });
  const catalog = new Catalog(1);
  const scanner = new Scanner(await Folder.open(`${folder.path}/in`), catalog, new AbortController().signal);
  await scanner.scanAll();
  await Deno.rename(`${folder.path}/in`, `${folder.path}/away`);
  await scanner.scanAll();
  assertEquals([...catalog.paths()], ["a.md"]);
  assertEquals(scanner.problems.map(({ path }) => path), [""]);
  await Deno.rename(`${folder.path}/away`, `${folder.path}/in`);
  await scanner.scanAll();
  assertEquals(scanner.problems, []);
});
