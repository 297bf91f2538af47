import { assertEquals, assertStringIncludes } from "@std/assert";
import * as links from "../../plugins/links/main.ts";
import { Places } from "../../plugins/links/resolve.ts";
import * as markdown from "../../plugins/markdown/main.ts";
import { createFolder, FakeHost } from "./fake_context.ts";
import { startFiles } from "./start_files.ts";

async function startLinks(host: FakeHost, input: string): Promise<links.LinksMethods> {
  await startFiles(host, input);
  await host.start("markdown", markdown, { provides: "markdown" });
  return await host.start("links", links, { provides: "links" });
}

Deno.test("Places.resolve() reads links as GitHub and generators of sites do", () => {
  const places = new Places();
  for (
    const path of [
      "README.md",
      "a b.md",
      "guide/index.md",
      "guide/README.md",
      "guide/setup.md",
      "guide/img/x.png",
      "bare/only.md",
      "50%.md",
      "same.md",
      "same/x.md",
    ]
  ) places.add(path);
  const resolve = (href: string, from = "guide/setup.md") => {
    const target = places.resolve(from, href);
    return target.type === "external" || target.type === "broken"
      ? target.type
      : `${target.type} ${target.path}`;
  };
  const cases: [string, string][] = [
    ["../README.md", "page README.md"],
    ["/README.md#top", "page README.md"],
    ["../a%20b.md", "page a b.md"],
    ["<../a b.md>".slice(1, -1), "page a b.md"],
    ["#here", "page guide/setup.md"],
    ["?q=1", "page guide/setup.md"],
    ["./", "page guide/index.md"],
    [".", "page guide/index.md"],
    ["../guide", "page guide/index.md"],
    ["index.html", "page guide/index.md"],
    ["setup", "page guide/setup.md"],
    ["setup.html#x", "page guide/setup.md"],
    ["../guide/setup/", "page guide/setup.md"],
    ["img/x.png", "asset guide/img/x.png"],
    ["../bare/", "folder bare"],
    ["../bare", "folder bare"],
    ["../same", "page same.md"],
    ["../same/", "folder same"],
    ["../50%25.md", "page 50%.md"],
    ["../50%.md", "broken"],
    ["../../out.md", "broken"],
    ["nothing.md", "broken"],
    ["img/", "broken"],
    ["", "broken"],
    ["https://example.org/", "external"],
    ["//example.org/", "external"],
    ["mailto:a@b.c", "external"],
  ];
  for (const [href, expected] of cases) assertEquals(resolve(href), expected, href);
  assertEquals(resolve("guide/", "README.md"), "page guide/index.md");
  places.remove("guide/index.md");
  assertEquals(resolve("./"), "page guide/README.md");
  places.remove("bare/only.md");
  assertEquals(resolve("../bare/"), "broken");
});

Deno.test("cordon.links names links that lead nowhere, with line and reason", async () => {
  await using folder = await createFolder({
    "README.md":
      "# Home\n\n[ok](guide/setup.md#install) [no](guide/none.md)\n[bad](guide/setup.md#instal)\n" +
      "[case](Guide/Setup.md) [code](main.ts) ![img](i.png) [out](../x.md) [web](https://example.org/x)\n" +
      "[self](#home) [nope](#away) [img](img) [folder](guide) [pct](%zz.md)\n",
    "guide/setup.md":
      '# Setup\n\n## Install\n\n<a name="old"></a>\n\n[up](../README.md) [old](#old) [top](#top)\n',
    "img/i.png": "x",
  });
  await using host = new FakeHost();
  const { broken, status } = await startLinks(host, folder.path);
  assertEquals((await broken()).map(({ page, line, href, reason }) => `${page}:${line} ${href}: ${reason}`), [
    'README.md:3 guide/none.md: There is no "guide/none.md"',
    'README.md:4 guide/setup.md#instal: "guide/setup.md" has no place "#instal"',
    'README.md:5 Guide/Setup.md: There is no "Guide/Setup.md"; did you mean "guide/setup.md"?',
    'README.md:5 main.ts: There is no "main.ts" among the pages and their assets',
    'README.md:5 i.png: There is no "i.png"',
    "README.md:5 ../x.md: It leads outside the folder",
    'README.md:6 #away: This page has no place "#away"',
    'README.md:6 img: The folder "img" holds no pages',
    "README.md:6 %zz.md: Its percent-encoding is malformed",
  ]);
  const { pages, internal, external, broken: count } = await status();
  assertEquals([pages, internal, external, count], [2, 15, 1, 9]);
});

Deno.test("cordon.links looks again at links whose target came, changed or went", async () => {
  await using folder = await createFolder({ "README.md": "[a](a.md#x)\n", "a.md": "# X\n" });
  await using host = new FakeHost();
  const { broken } = await startLinks(host, folder.path);
  assertEquals(await broken(), []);
  const calls = host.calls.get("markdown.outline");

  const change = async (action: () => Promise<void>) => {
    const changed = host.next("files.changed");
    await action();
    await changed;
    return (await broken()).map(({ reason }) => reason);
  };
  assertEquals(await change(() => folder.write({ "a.md": "# Y\n" })), ['"a.md" has no place "#x"']);
  assertEquals(await change(() => Deno.remove(`${folder.path}/a.md`)), ['There is no "a.md"']);
  assertEquals(await change(() => folder.write({ "a.md": "# X\n" })), []);
  assertEquals(host.calls.get("markdown.outline"), calls! + 2);
});

Deno.test("cordon.links does nothing before it is asked", async () => {
  await using folder = await createFolder({ "README.md": "[a](a.md)\n" });
  await using host = new FakeHost();
  const { broken } = await startLinks(host, folder.path);
  const changed = host.next("files.changed");
  await folder.write({ "b.md": "x" });
  await changed;
  assertEquals(host.calls.get("markdown.outline"), undefined);
  assertStringIncludes((await broken())[0]!.reason, "a.md");
});
