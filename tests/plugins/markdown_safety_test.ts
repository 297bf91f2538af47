import {
  assert,
  assertEquals,
  assertFalse,
  assertLess,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { activate } from "../../plugins/markdown/main.ts";
import { renderPage } from "../../plugins/markdown/page.ts";
import { Budget } from "../../plugins/markdown/budget.ts";
import { lex } from "../../plugins/markdown/lexer.ts";
import { sanitise } from "../../plugins/markdown/sanitise.ts";
import { markdown } from "./markdown_pieces.ts";

const html = (markdown: string) => renderPage(markdown, "a.md").html;
const safe = (text: string) => sanitise(text, new Budget(10_000)).html;

/** Tags and attributes that may stand in what is rendered, as one list. */
function assertHarmless(text: string): void {
  for (const [tag, name] of text.matchAll(/<\/?([a-zA-Z][^\s/>]*)[^>]*>/g)) {
    assertFalse(
      /^(script|style|iframe|object|embed|form|svg|math|base|meta|link|template|textarea|title)$/i.test(
        name!,
      ),
      tag,
    );
    assertFalse(/\s(on\w+|style|srcdoc|formaction)\s*=/i.test(tag.replace(/"[^"]*"/g, '""')), tag);
    for (const [, value] of tag.matchAll(/\s(?:href|src|poster|srcset)="([^"]*)"/g)) {
      // deno-lint-ignore no-control-regex -- what browsers leave out before they read a scheme
      assertFalse(/^(javascript|vbscript|data:text)/i.test(value!.replace(/[\u0000-\u0020]/g, "")), tag);
    }
  }
  const opened: string[] = [];
  for (const [, close, name] of text.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:\s[^>]*)?>/g)) {
    if (/^(br|hr|img|input|source|wbr|col)$/.test(name!)) continue;
    if (close) assertEquals(opened.pop(), name);
    else opened.push(name!);
  }
  assertEquals(opened, []);
}

Deno.test("render() lets no script through, whichever way it comes", () => {
  const attacks = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x></SCRIPT>",
    "text <script>alert(1)</script> text",
    "<img src=x onerror=alert(1)>",
    "<img src='x' OnError='alert(1)' style='x'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\nscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "[x](javascript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "![x](javascript:alert(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<style>@import 'x'</style>",
    "<textarea><img src=x onerror=alert(1)>",
    "<title><img src=x onerror=alert(1)></title>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<template><img src=x onerror=alert(1)></template>",
    "<base href=//x><meta http-equiv=refresh content=0><link rel=stylesheet href=x>",
    "<video src=x onerror=alert(1) poster=javascript:alert(1)>",
    "<picture><source srcset='javascript:alert(1) 1x'></picture>",
    "<a title='\"><img src=x onerror=alert(1)>'>x</a>",
    '```"><img src=x onerror=alert(1)>\nx\n```',
    '```x" onload="alert(1)\nx\n```',
    '# x {#" onload=alert(1)}',
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php <img src=x onerror=alert(1)> ?>",
    "<div\n\nonclick=alert(1)>",
    '<a href="x\n\n" onclick=alert(1)>',
    "[^1]\n\n[^1]: <img src=x onerror=alert(1)>",
    ":::note[<img src=x onerror=alert(1)>]\n<script>alert(1)</script>\n:::",
    "</article></main><h1>out</h1>",
  ];
  for (const attack of attacks) {
    const text = html(attack);
    assertHarmless(text);
    assertFalse(/<img[^>]*onerror/i.test(text.replace(/&[a-z]+;/g, "")), attack);
  }
});

Deno.test("render() closes what an author left open, so that a page cannot break out of its place", () => {
  assertEquals(safe("<div><b>x"), "<div><b>x</b></div>");
  assertEquals(safe("x</div></article>y"), "xy");
  assertEquals(safe('<a name="old">text'), '<a id="old"></a>text');
  assertEquals(safe('<p id="cordon-content">x</p>'), "<p>x</p>");
  assertStringIncludes(html('<div title="never closed\n\n# Still here'), '<h1 id="still-here">');
  assertStringIncludes(html("<!-- never closed\n\ntext\n"), "");
  assertStringIncludes(
    html("The <title> element and <style> too.\n\nNext"),
    "The &lt;title&gt; element and &lt;style&gt; too.",
  );
});

Deno.test("render() keeps the HTML that authors need", () => {
  const text = html(
    '<p align="center"><img src="a.png" width="50%" alt="A"></p>\n\n<details open><summary>S</summary>\n\n*x*\n\n</details>\n\n' +
      "<kbd>Ctrl</kbd> H<sub>2</sub>O<br>\n",
  );
  assertStringIncludes(
    text,
    '<p align="center"><img src="a.png" width="50%" alt="A" loading="lazy" decoding="async"></p>',
  );
  assertStringIncludes(text, "<details open><summary>S</summary>");
  assertStringIncludes(text, "<em>x</em>");
  assertStringIncludes(text, "<kbd>Ctrl</kbd> H<sub>2</sub>O<br>");
  assertHarmless(text);
});

Deno.test("render() makes any text harmless, and reads all of it", () => {
  fc.assert(
    fc.property(markdown(), (text) => {
      assertHarmless(html(text));
      const { tokens } = lex(text, new Budget(10_000));
      // The lines of links are counted by these; white space at the end of the text may be left out.
      const bare = (part: string) => part.replace(/\s+/g, "");
      assertEquals(bare(tokens.map((token) => token.raw).join("")), bare(text));
    }),
    { numRuns: 500 },
  );
});

Deno.test("render() ends in bounded time, or says why not", () => {
  const repeated: Record<string, string> = {
    underscores: "a_b".repeat(70_000),
    "lazy lines": "- " + "a\n".repeat(60_000),
    quotes: ">".repeat(50_000),
    lists: "- ".repeat(50_000),
    numbers: "1. ".repeat(50_000),
    mixed: "> - ".repeat(30_000),
    emphasis: "*".repeat(50_000) + "a" + "*".repeat(50_000),
    brackets: "[".repeat(100_000),
    "open tags": "<div>".repeat(100_000),
    "open quotes": '<a b="'.repeat(50_000),
    comments: "<!--\n\n".repeat(30_000),
    "alternating lists": "* a\n- b\n".repeat(12_000),
    containers: ":::note\n".repeat(20_000),
    "blank lines": "\n".repeat(2_000_000),
    "one line": "word ".repeat(800_000),
  };
  const { render } = activate({} as never);
  for (const [name, text] of Object.entries(repeated)) {
    const start = performance.now();
    try {
      render(text, { path: "a.md" });
    } catch (error) {
      assert(error instanceof RangeError, `${name}: ${error}`);
      assertStringIncludes(error.message, 'Cannot parse "a.md": ');
    }
    assertLess(performance.now() - start, 20_000, name);
  }
});

Deno.test("Budget.check() ends work when its time is over", () => {
  let now = 0;
  const budget = new Budget(1_000, () => now);
  for (let step = 0; step < 100; step++) budget.check();
  now = 1_001;
  assertThrows(
    () => {
      for (let step = 0; step < 100; step++) budget.check();
    },
    RangeError,
    "longer than 1 seconds",
  );
});
