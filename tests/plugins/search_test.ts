import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import * as markdown from "../../plugins/markdown/main.ts";
import { SearchIndex } from "../../plugins/search/index.ts";
import * as search from "../../plugins/search/main.ts";
import type { Search } from "../../plugins/search/search.contract.ts";
import { cutSnippet } from "../../plugins/search/snippet.ts";
import { findWords, indexForms, normaliseWord } from "../../plugins/search/words.ts";
import { createFolder, FakeHost } from "./fake_context.ts";
import { startFiles } from "./start_files.ts";

const PAGES = {
  "README.md": "# Handbook\n\nStart here.\n",
  "guide/permissions.md":
    "# Permissions\n\nWho may read files.\n\n## Granting\n\nUse readTextFile only after a grant.\n",
  "guide/install.md": "# Installing\n\nRun the installer. Permissions are asked later.\n",
  "zh.md": "# 许可证\n\n本软件的许可证是宽松的。\n",
};

async function startSearch(host: FakeHost, input: string): Promise<Search> {
  await startFiles(host, input);
  await host.start("markdown", markdown, { provides: "markdown" });
  return await host.start("search", search, { provides: "search" });
}

function marked({ snippet, marks }: { snippet: string; marks: [number, number][] }): string[] {
  return marks.map(([start, end]) => snippet.slice(start, end));
}

Deno.test("findWords() cuts words, and pairs of characters where words have no spaces", () => {
  const words = (text: string) => Array.from(findWords(text), ({ text }) => text);
  assertEquals(words("It's a test-case, über_all!"), ["It's", "a", "test", "case", "über_all"]);
  assertEquals(words("许可证 a"), ["许可", "可证", "a"]);
  assertEquals(words("字"), ["字"]);
});

Deno.test("indexForms() finds the parts of names in code", () => {
  assertEquals(indexForms("readTextFile"), ["readtextfile", "read", "text", "file"]);
  assertEquals(indexForms("DENO_DIR"), ["deno_dir", "deno", "dir"]);
  assertEquals(indexForms("HTTPServer"), ["httpserver", "http", "server"]);
  assertEquals(normaliseWord("Übergrößen's"), "ubergroßen");
});

Deno.test("cutSnippet() shows where most of the words stand together, and marks them", () => {
  const text = `${"filler words here ".repeat(30)}the red fox jumps ${"more filler ".repeat(40)}fox`;
  const cut = cutSnippet(text, new Set(["red", "fox"]));
  assertEquals(marked(cut), ["red", "fox"]);
  assert(cut.snippet.startsWith("…") && cut.snippet.endsWith("…"));
  assertLess(cut.snippet.length, 200);
  assertEquals(marked(cutSnippet("本软件的许可证是", new Set(["许可", "可证"]))), ["许可证"]);
  assertEquals(cutSnippet("", new Set(["a"])), { snippet: "", marks: [] });
});

Deno.test("SearchIndex.search() puts titles before headings before text", () => {
  const index = new SearchIndex();
  const set = (path: string, title: string, heading: string, text: string) =>
    index.set(path, "1", { title, text: [{ id: "", heading: "", text: "" }, { id: "h", heading, text }] });
  set("text.md", "One", "Two", "about deployment");
  set("heading.md", "One", "Deployment", "x");
  set("title.md", "Deployment", "Two", "x");
  assertEquals(index.search("deployment", 3).map(({ path }) => path), ["title.md", "heading.md", "text.md"]);
});

Deno.test("SearchIndex.set() replaces what a page was before", () => {
  const index = new SearchIndex();
  index.set("a.md", "1", { title: "A", text: [{ id: "", heading: "", text: "zebra" }] });
  index.set("a.md", "2", { title: "A", text: [{ id: "", heading: "", text: "giraffe" }] });
  assertEquals(index.search("zebra", 5), []);
  assertEquals(index.search("giraffe", 5).length, 1);
  assertEquals([index.pages, index.sections, index.has("a.md", "2")], [1, 1, true]);
  index.remove("a.md");
  assertEquals([index.pages, index.sections, index.search("giraffe", 5).length], [0, 0, 0]);
});

Deno.test("cordon.search finds sections by words, beginnings, and misspelt words", async () => {
  await using folder = await createFolder(PAGES);
  await using host = new FakeHost();
  const { query, status } = await startSearch(host, folder.path);
  const [first] = await query("permissions");
  assertEquals([first?.path, first?.title, first?.anchor], [
    "guide/permissions.md",
    "Permissions",
    "permissions",
  ]);
  assertGreater(first!.score, 0);
  assertEquals((await query("grant")).map(({ heading }) => heading)[0], "Granting");
  assertEquals((await query("permisions"))[0]?.path, "guide/permissions.md");
  assertEquals((await query("text file"))[0]?.anchor, "granting");
  assertEquals((await query("instal"))[0]?.path, "guide/install.md");
  assertEquals((await query("许可"))[0]?.path, "zh.md");
  assertEquals(marked((await query("installer permissions"))[0]!), ["installer", "Permissions"]);
  assertEquals((await query("permissions", { limit: 1 })).length, 1);
  assertEquals(await query("qqqqqq"), []);
  const { pages, sections, ready, skipped, revision } = status();
  assertEquals([pages, sections, ready, skipped], [4, 5, true, []]);
  assertGreater(revision, 0);
});

Deno.test("cordon.search.query() sees changes that no event told it of", async () => {
  await using folder = await createFolder(PAGES);
  await using host = new FakeHost();
  const { query } = await startSearch(host, folder.path);
  assertEquals(await query("zebra"), []);
  const changed = host.next("files.changed");
  await folder.write({ "animals.md": "# Zebra\n" });
  await changed;
  assertEquals((await query("zebra"))[0]?.path, "animals.md");
  const removed = host.next("files.changed");
  await Deno.remove(`${folder.path}/animals.md`);
  await removed;
  assertEquals(await query("zebra"), []);
});

Deno.test("cordon.search.query() refuses what is no query", async () => {
  await using folder = await createFolder(PAGES);
  await using host = new FakeHost();
  const { query } = await startSearch(host, folder.path);
  for (const text of ["", "  ", 1, null, undefined, {}]) {
    await assertRejects(() => query(text as string), TypeError, "Cannot search");
  }
  await assertRejects(() => query("a", { limit: "1" as never }), TypeError, "limit must be a number");
});

Deno.test("cordon.search answers without cordon.files, says so once, and catches up when it comes", async () => {
  await using folder = await createFolder(PAGES);
  await using host = new FakeHost();
  const api = await host.start("search", search, { provides: "search" });
  assertEquals(await api.query("permissions"), []);
  assertEquals(await api.query("permissions"), []);
  assertEquals(api.status().ready, false);
  const warnings = host.logs.filter(({ level }) => level === "warn");
  assertEquals(warnings.map(({ message }) => message), [
    'Cannot index the documentation: nothing is indexed, because "cordon.files" or "cordon.markdown" is not available',
  ]);
  await host.start("markdown", markdown, { provides: "markdown" });
  await startFiles(host, folder.path);
  assertGreater((await api.query("permissions")).length, 0);
});

Deno.test("cordon.search skips a page that cannot be parsed, and goes on", async () => {
  await using folder = await createFolder(PAGES);
  await using host = new FakeHost();
  await startFiles(host, folder.path);
  host.provide("markdown", {
    outline: (text: string, { path }: { path: string }) => {
      if (path === "README.md") throw new RangeError("too deep");
      return { title: path, text: [{ id: "", heading: "", text }] };
    },
  });
  const { query, status } = await host.start("search", search, { provides: "search" });
  assertEquals((await query("installer"))[0]?.path, "guide/install.md");
  assertEquals(status().skipped, [{ path: "README.md", reason: "too deep" }]);
  assertEquals(status().pages, 3);
});
