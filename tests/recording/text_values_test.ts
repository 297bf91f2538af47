import { assertEquals } from "@std/assert";
import { createReplacer, hideConfig, listSecrets, mapTexts } from "../../src/recording/text_values.ts";

Deno.test("createReplacer() moves paths whole, the longest first", () => {
  const move = createReplacer(new Map([["/then", "/now"], ["/then/data", "/private"]]), { isPath: true });
  const cases: [text: string, moved: string][] = [
    ["/then", "/now"],
    ["/then/data/x.db", "/private/x.db"],
    ["file:///then/main.ts", "file:///now/main.ts"],
    ['No such file: "/then/a", "/then/b"', 'No such file: "/now/a", "/now/b"'],
    ["/then-old/data", "/then-old/data"],
    ["/thence", "/thence"],
    ["/srv/then", "/srv/then"],
  ];
  for (const [text, moved] of cases) assertEquals(move(text), moved);
});

Deno.test("createReplacer() takes what it replaces as text, not as a pattern", () => {
  assertEquals(createReplacer(new Map([["a.c$&(", "x"]]))("a.c$&( abc$&("), "x abc$&(");
  assertEquals(createReplacer(new Map([["secret", "$&"]]))("a secret"), "a $&");
  assertEquals(createReplacer(new Map())("same"), "same");
});

Deno.test("mapTexts() maps every text and no key, whatever it is called", () => {
  const value = JSON.parse('{"a":["b",{"__proto__":"b"}],"b":1,"c":null}');
  const mapped = mapTexts(value, (text) => text.toUpperCase());
  assertEquals(JSON.stringify(mapped), '{"a":["B",{"__proto__":"B"}],"b":1,"c":null}');
});

Deno.test("Secrets of a configuration are found deep, and hidden whole", () => {
  const config = { api: { key: "abcdefgh", more: ["ijklmnop", 7] }, pin: "1234", place: "Oslo" };
  assertEquals(listSecrets(config, ["api", "pin", "missing", "toString"]), ["abcdefgh", "ijklmnop"]);
  assertEquals(hideConfig(config, ["api", "pin"]), { api: "(secret)", pin: "(secret)", place: "Oslo" });
});
