import { assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { activate } from "../../plugins/markdown/main.ts";
import { outlinePage, renderPage, summarisePage } from "../../plugins/markdown/page.ts";
import { Slugger, toSlug } from "../../plugins/markdown/slug.ts";
import { markdown } from "./markdown_pieces.ts";

const html = (markdown: string) => renderPage(markdown, "a.md").html;

Deno.test("toSlug() forms ids as GitHub does", () => {
  const cases: [string, string][] = [
    ["Hello World", "hello-world"],
    ["What's new in 2.0?", "whats-new-in-20"],
    ["`deno run` & more", "deno-run--more"],
    ["Ünïcode 中文 ½", "ünïcode-中文-"],
    ["snake_case-and-dash", "snake_case-and-dash"],
    ["🚀 Launch", "-launch"],
    ["C++", "c"],
  ];
  for (const [text, slug] of cases) assertEquals(toSlug(text), slug);
});

Deno.test("Slugger.slug() counts repetitions as GitHub does", () => {
  const slugger = new Slugger();
  assertEquals(["Foo", "Foo", "Foo 1", "Foo", "foo-1"].map((text) => slugger.slug(text)), [
    "foo",
    "foo-1",
    "foo-1-1",
    "foo-2",
    "foo-1-2",
  ]);
});

Deno.test("render() gives headings ids and links to themselves, in Markdown and in raw HTML", () => {
  const page = renderPage(
    '<h1 align="center">My *Tool*</h1>\n\n## A `b` [c](d)\n\n## A b c\n\n## Named {#here}\n',
    "a.md",
  );
  assertEquals(page.headings, [
    { depth: 1, text: "My *Tool*", id: "my-tool" },
    { depth: 2, text: "A b c", id: "a-b-c" },
    { depth: 2, text: "A b c", id: "a-b-c-1" },
    { depth: 2, text: "Named", id: "here" },
  ]);
  assertStringIncludes(
    page.html,
    '<h1 id="my-tool" align="center">My *Tool* <a class="anchor" href="#my-tool"',
  );
  assertFalse(page.html.includes("{#here}"));
});

Deno.test("render() takes the title from front matter, heading or name, in this order", () => {
  const title = (text: string, path = "some-guide/02-getting_started.md") => renderPage(text, path).title;
  assertEquals(title("---\ntitle: 'It''s here' # why\n---\n# Other"), "It's here");
  assertEquals(title('+++\ntitle = "Hugo"\nweight = 3\n+++\n# Other'), "Hugo");
  assertEquals(
    title("```\n# not this\n```\n\n<!--\n# nor this\n-->\n\n# But *this* one #\n"),
    "But this one",
  );
  assertEquals(title("Set\n===\n"), "Set");
  assertEquals(title('<h1 align="center">\n  <img src="x">Raw\n</h1>\n'), "Raw");
  assertEquals(title("## Only a second level"), "Getting started");
  assertEquals(title("text", "some-guide/README.md"), "Some guide");
  assertEquals(title("---\nnever closed\n# Title"), "Title");
});

Deno.test("summary() agrees with render() on the title, and knows the order", () => {
  assertEquals(summarisePage("---\nsidebar_position: 2\n---\n# A", "a.md"), { title: "A", order: 2 });
  assertEquals(summarisePage("+++\nweight = 10\n+++\n# A", "a.md").order, 10);
  fc.assert(
    fc.property(markdown(), (text) => {
      assertEquals(summarisePage(text, "a.md").title, renderPage(text, "a.md").title);
    }),
    { numRuns: 100 },
  );
});

Deno.test("render() knows what GitHub's Markdown knows", () => {
  assertStringIncludes(
    html("> [!WARNING]\n> Mind *this*."),
    '<div class="alert alert-warning"><p class="alert-title">Warning</p><p>Mind',
  );
  assertStringIncludes(html("> just\n> a quote"), "<blockquote>");
  assertStringIncludes(
    html("- [x] done\n- [ ] open"),
    '<input type="checkbox" disabled checked aria-label="Done">',
  );
  assertStringIncludes(html("|a|b|\n|:-|-:|\n|1|2|"), '<td align="right">2</td>');
  assertStringIncludes(html("~~x~~ www.example.org"), '<del>x</del> <a href="http://www.example.org">');
  assertStringIncludes(
    html(":::tip[Try it]\nNow.\n:::"),
    '<div class="alert alert-tip"><p class="alert-title">Try it</p>',
  );
  const notes = html("One[^a], two[^b], one[^a], none[^c].\n\n[^b]: Second\n[^a]: First");
  assertStringIncludes(notes, '<a id="fnref-a" href="#fn-a">1</a>');
  assertStringIncludes(notes, '<li id="fn-a"><p>First <a class="footnote-back"');
  assertStringIncludes(notes, "none[^c]");
});

Deno.test("render() colours code of languages it knows, and leaves the others alone", () => {
  assertStringIncludes(
    html("```ts\nconst a = 1;\n```"),
    '<pre data-lang="ts"><code class="hljs language-ts"><span class="hljs-keyword">const</span>',
  );
  assertStringIncludes(
    html("```mermaid\ngraph TD; A-->B\n```"),
    '<code class="hljs language-mermaid">graph TD; A--&gt;B',
  );
  assertStringIncludes(
    html('```js title="a.js"\n1\n```'),
    '<figure class="code"><figcaption>a.js</figcaption><pre',
  );
  assertStringIncludes(html("    indented <b>"), "<pre><code>indented &lt;b&gt;\n</code></pre>");
});

Deno.test("outline() names links with the lines where they stand", () => {
  const { links } = outlinePage(
    "---\ntitle: T\n---\n# A\n\n[a](a.md) ![i](i.png)\n\n> quoted\n> [b](b.md)\n\n- x\n- [c](c.md)\n\n|h|\n|-|\n|[d](d.md)|\n\n" +
      '<a href="e.md">e</a>\n<img src="f.png">\n\n[g][ref]\n\n[ref]: g.md\n\n[![h](h.png)](h.md)\n\n`[no](no.md)`\n',
    "a.md",
  );
  assertEquals(links.map(({ href, line }) => `${line} ${href}`), [
    "6 a.md",
    "6 i.png",
    "9 b.md",
    "12 c.md",
    "16 d.md",
    "18 e.md",
    "19 f.png",
    "21 g.md",
    "25 h.md",
    "25 h.png",
  ]);
});

Deno.test("outline() gives plain text by section, and the anchors that are no headings", () => {
  const { text, anchors, title } = outlinePage(
    'Intro *a*\n\n# T\n\nOne<br>two\n\n## S\n\n```js\ncode();\n```\n\n<a name="old"></a>x',
    "a.md",
  );
  assertEquals(title, "T");
  assertEquals(text, [
    { id: "", heading: "", text: "Intro a" },
    { id: "t", heading: "T", text: "One two" },
    { id: "s", heading: "S", text: "code(); x" },
  ]);
  assertEquals(anchors, ["old"]);
});

Deno.test("The ids of render() and outline() are the same", () => {
  fc.assert(
    fc.property(markdown(), (text) => {
      assertEquals(outlinePage(text, "a.md").headings, renderPage(text, "a.md").headings);
    }),
    { numRuns: 200 },
  );
});

Deno.test("cordon.markdown refuses what is no text, and what is too long", () => {
  const { render, outline } = activate({} as never);
  assertThrows(() => render(1 as never), TypeError, "its text must be a string");
  assertThrows(() => outline("x", { path: 1 as never }), TypeError, "its path must be a string");
  assertThrows(
    () => render("x".repeat(4 * 1024 * 1024 + 1), { path: "big.md" }),
    RangeError,
    "longer than 4 MiB",
  );
  assertEquals(render("", null).title, "");
});
