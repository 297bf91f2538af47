import {
  assert,
  assertEquals,
  assertFalse,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import * as files from "../../plugins/files/main.ts";
import * as markdown from "../../plugins/markdown/main.ts";
import * as site from "../../plugins/site/main.ts";
import { createFolder, FakeHost, listFolder as list } from "./fake_context.ts";
import { startFiles } from "./start_files.ts";
import { startSite } from "./start_site.ts";

const DOCS = {
  "README.md":
    "# The Handbook\n\nSee [setup](guide/setup.md#install), [a folder](guide/), ![logo](img/logo.png) and [none](none.md).\n",
  "guide/setup.md":
    "---\ntitle: Setting up\nsidebar_position: 2\n---\n## Install\n\n[Home](/README.md) [next](first%20steps.md)\n\n## Run\n",
  "guide/first steps.md": "# First steps\n",
  "guide/deep/index.md": "# Deep\n",
  "img/logo.png": new Uint8Array([1, 2, 3]),
};

/** Changes files, and waits until the site was built because of it. */
async function rebuild(host: FakeHost, action: () => Promise<void>): Promise<{ changed: string[] | null }> {
  const built = host.next("site.built");
  await action();
  return await built as { changed: string[] | null };
}

Deno.test("cordon.site writes a page for each file and folder, with links that lead there", async () => {
  await using folder = await createFolder(DOCS);
  await using out = await createFolder({});
  await using host = new FakeHost();
  const { status } = await startSite(host, folder.path, `${out.path}/site`);
  assertEquals(await list(`${out.path}/site`), [
    ".cordon-site",
    "404.html",
    "_cordon/early.js",
    "_cordon/icon.svg",
    "_cordon/nav.js",
    "_cordon/page.js",
    "_cordon/served.js",
    "_cordon/style.css",
    "guide/deep/index.html",
    "guide/first steps.html",
    "guide/index.html",
    "guide/setup.html",
    "img/logo.png",
    "index.html",
  ]);
  const { pages, written, assets, skipped } = status();
  assertEquals([pages, written, assets, skipped], [4, 5, 1, []]);

  const read = (path: string) => Deno.readTextFile(`${out.path}/site/${path}`);
  const home = await read("index.html");
  assertStringIncludes(home, "<title>The Handbook</title>");
  assertStringIncludes(home, '<a href="guide/setup.html#install">setup</a>');
  assertStringIncludes(home, '<a href="guide/index.html">a folder</a>');
  assertStringIncludes(home, '<img src="img/logo.png" alt="logo"');
  assertStringIncludes(home, '<a href="none.md">none</a>');
  const setup = await read("guide/setup.html");
  assertStringIncludes(setup, "<title>Setting up · The Handbook</title>");
  assertStringIncludes(setup, "<h1>Setting up</h1>");
  assertStringIncludes(setup, '<a href="../index.html">Home</a> <a href="first%20steps.html">next</a>');
  assertStringIncludes(
    setup,
    '<li><a href="../index.html">The Handbook</a></li><li><a href="index.html">Guide</a></li>',
  );
  assertStringIncludes(setup, '<li class="depth-2"><a href="#install">Install</a></li>');
  assertStringIncludes(setup, 'rel="next" href="first%20steps.html"');
  assertStringIncludes(
    await read("guide/index.html"),
    '<li class="folder"><a href="deep/index.html">Deep</a></li>',
  );
  assertStringIncludes(await read("404.html"), 'href="/_cordon/style.css"');
  const nav = (await read("_cordon/nav.js")).replace("globalThis.cordonNav = ", "").replace(/;\n$/, "");
  assertEquals(JSON.parse(nav), ["The Handbook", "", [[
    "Guide",
    "guide",
    [["Setting up", "setup.html"], ["First steps", "first%20steps.html"], ["Deep", "deep", []]],
  ]]]);
  assertEquals([...await Deno.readFile(`${out.path}/site/img/logo.png`)], [1, 2, 3]);
});

Deno.test("cordon.site needs no inline script or style in its pages", async () => {
  await using folder = await createFolder(DOCS);
  await using out = await createFolder({});
  await using host = new FakeHost();
  await startSite(host, folder.path, out.path);
  for (const path of (await list(out.path)).filter((path) => path.endsWith(".html"))) {
    const text = await Deno.readTextFile(`${out.path}/${path}`);
    assertFalse(/<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son\w+=/i.test(text), path);
    assertMatch(text, /<html lang="en" /);
    assertMatch(text, /<main id="cordon-content"/);
  }
});

Deno.test("cordon.site takes its name and language from its configuration", async () => {
  await using folder = await createFolder(DOCS);
  await using out = await createFolder({});
  await using host = new FakeHost();
  await startSite(host, folder.path, out.path, { title: "Handbuch", language: "de" });
  const home = await Deno.readTextFile(`${out.path}/index.html`);
  assertStringIncludes(home, '<html lang="de"');
  assertStringIncludes(home, "<title>The Handbook · Handbuch</title>");
});

Deno.test("cordon.site writes only what a change concerns", async () => {
  await using folder = await createFolder({
    ...DOCS,
    ...Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`many/p${index}.md`, `# Page ${index}\n`]),
    ),
  });
  await using out = await createFolder({});
  await using host = new FakeHost();
  const { build } = await startSite(host, folder.path, out.path);
  assertEquals((await build()).written, 0);

  const text = await rebuild(
    host,
    () => folder.write({ "guide/first steps.md": "# First steps\n\nMore.\n" }),
  );
  assertEquals(text.changed, ["guide/first%20steps.html"]);

  const added = await rebuild(host, () => folder.write({ "many/p30a.md": "# New\n" }));
  assert(added.changed!.includes("many/p30a.html"));
  assert(added.changed!.includes("many/p30.html"), "its neighbours show it");
  assertFalse(added.changed!.includes("many/p5.html"), "pages far from it do not");
  assertLess(added.changed!.length, 30);

  const linked = await rebuild(host, () => folder.write({ "none.md": "# None\n" }));
  assert(linked.changed!.includes("index.html"), "a link leads somewhere now");
  assertStringIncludes(await Deno.readTextFile(`${out.path}/index.html`), '<a href="none.html">none</a>');
  assertFalse(linked.changed!.includes("many/p5.html"));

  const all = await build({ all: true });
  assertEquals([all.pages, all.written, all.assets], [66, 68, 1]);
});

Deno.test("cordon.site removes what it wrote when its source is gone, and nothing else", async () => {
  await using folder = await createFolder(DOCS);
  await using out = await createFolder({});
  await using host = new FakeHost();
  const { status } = await startSite(host, folder.path, out.path);
  await out.write({ "guide/mine.html": "mine", "CNAME": "example.org", "guide/deep/notes.txt": "mine" });
  await rebuild(host, () => Deno.remove(`${folder.path}/guide`, { recursive: true }));
  await rebuild(host, () => Deno.remove(`${folder.path}/img`, { recursive: true }));
  const left = (await list(out.path)).filter((path) => !path.startsWith("_cordon/"));
  assertEquals(left, [
    ".cordon-site",
    "404.html",
    "CNAME",
    "guide/deep/notes.txt",
    "guide/mine.html",
    "index.html",
  ]);
  assertEquals(status().pages, 1);
});

Deno.test("cordon.site gives each of two files that want one name a page of its own", async () => {
  await using folder = await createFolder({
    "a.md": "# Plain\n\n[long](a.markdown) [readme](README.md)",
    "a.markdown": "# Long",
    "index.md": "# Index",
    "README.md": "# Readme",
    "_cordon/x.md": "# Reserved",
  });
  await using out = await createFolder({});
  await using host = new FakeHost();
  const { status } = await startSite(host, folder.path, out.path);
  const title = async (path: string) =>
    /<h1[^>]*>(\w+)/.exec(await Deno.readTextFile(`${out.path}/${path}`))?.[1];
  assertEquals(await title("a.html"), "Plain");
  assertEquals(await title("a.markdown.html"), "Long");
  assertEquals(await title("index.html"), "Index");
  assertEquals(await title("README.html"), "Readme");
  assertStringIncludes(
    await Deno.readTextFile(`${out.path}/a.html`),
    '<a href="a.markdown.html">long</a> <a href="README.html">',
  );
  assertEquals(status().skipped, [{ path: "_cordon/x.md", reason: 'The name "_cordon" is the site\'s own' }]);
});

Deno.test("cordon.site reports a page that cannot be rendered, and goes on", async () => {
  await using folder = await createFolder({
    "bad.md": "# Bad",
    "good.md": "# Good",
    "latin1.md": new Uint8Array([0xe4]),
  });
  await using out = await createFolder({});
  await using host = new FakeHost();
  const { render, summary } = markdown.activate({} as never);
  await startFiles(host, folder.path);
  host.provide("markdown", {
    summary,
    render(text: string, options: { path: string }) {
      if (options.path === "bad.md") throw new RangeError("It is too <odd>");
      return render(text, options);
    },
  });
  const { status } = await host.start("site", site, { vars: { output: out.path } });
  assertEquals(status().skipped.map(({ path }) => path), ["latin1.md", "bad.md"]);
  assertStringIncludes(await Deno.readTextFile(`${out.path}/bad.html`), "It is too &lt;odd&gt;");
  assertStringIncludes(await Deno.readTextFile(`${out.path}/good.html`), "Good");
});

Deno.test("cordon.site takes no page for broken while cordon.files is away", async () => {
  await using folder = await createFolder({ "a.md": "# A" });
  await using out = await createFolder({});
  await using host = new FakeHost();
  const { changes, ...rest } = await startFiles(host, folder.path);
  await host.start("markdown", markdown, { provides: "markdown" });
  const { build, status } = await host.start("site", site, { vars: { output: out.path } });
  const away = () => Promise.reject(new Error("The plugin stopped"));
  host.provide("files", { changes, read: away, readBytes: away, problems: away });
  const changed = host.next("files.changed");
  await folder.write({ "a.md": "# B" });
  await changed;
  await assertRejects(() => build(), Error, "The plugin stopped");
  assertEquals([status().skipped, status().error], [[], "The plugin stopped"]);
  host.provide("files", { changes, ...rest });
  await build();
  assertStringIncludes(await Deno.readTextFile(`${out.path}/a.html`), ">B <a");
  assertEquals(status().error, undefined);
});

Deno.test("cordon.site goes on after cordon.files started anew, and writes nothing twice", async () => {
  await using folder = await createFolder(DOCS);
  await using out = await createFolder({});
  await using host = new FakeHost();
  const { build } = await startSite(host, folder.path, out.path);
  await host.stop("files", "files");
  await assertRejects(() => build(), Error, "not available");
  await Deno.remove(`${folder.path}/guide/first steps.md`);
  await host.start("files", files, { vars: { input: folder.path }, provides: "files" });
  await host.next("site.built");
  const { pages, written, removed } = await build();
  assertEquals([pages, written, removed], [3, 0, 0]);
  assertFalse((await list(out.path)).includes("guide/first steps.html"));
});

Deno.test("cordon.site does not feed on its own output", async () => {
  await using folder = await createFolder(DOCS);
  await using host = new FakeHost();
  const { build, status } = await startSite(host, folder.path, `${folder.path}/public`);
  await rebuild(host, () => folder.write({ "img/second.png": "x" }));
  await build();
  assertEquals((await list(folder.path)).filter((path) => path.endsWith(".png")), [
    "img/logo.png",
    "img/second.png",
    "public/img/logo.png",
    "public/img/second.png",
  ]);
  assertEquals(status().pages, 4);
});

Deno.test("cordon.site writes over its own output of an earlier run", async () => {
  await using folder = await createFolder(DOCS);
  await using out = await createFolder({});
  for (const title of ["A long title to begin with", "Short"]) {
    await using host = new FakeHost();
    await folder.write({ "README.md": `# ${title}\n` });
    await startSite(host, folder.path, out.path);
    const text = await Deno.readTextFile(`${out.path}/index.html`);
    assertStringIncludes(text, `<title>${title}</title>`);
    assert(text.endsWith("</html>\n"), "nothing is left of a longer page");
  }
});
