import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { formatKeyPath } from "../../src/manifest/key_path.ts";
import { locateJson, locateToml } from "../../src/manifest/locate.ts";

const names = (paths: readonly (readonly PropertyKey[])[]) => paths.map(formatKeyPath);

Deno.test("locateToml() knows the line of tables, keys and entries of lists", () => {
  const { lines, duplicates } = locateToml(`top = 1
# [not.a.table]
[plugin]   # comment
id = "a.b"
 "quoted key" = 2
dotted.key = 3

[[permissions.net]]
hosts = [
  "a.test:1",
]
[ [ no ] ]
[[permissions.net]]
hosts = []
[ requires . optional ]
'acme.geo' = "*"
`);
  const expected = {
    top: 1,
    plugin: 3,
    "plugin.id": 4,
    'plugin."quoted key"': 5,
    "plugin.dotted.key": 6,
    "permissions.net[0]": 8,
    "permissions.net[0].hosts": 9,
    "permissions.net[1]": 13,
    "permissions.net[1].hosts": 14,
    "requires.optional": 15,
    'requires.optional."acme.geo"': 16,
  };
  for (const [path, line] of Object.entries(expected)) assertStrictEquals(lines.get(path), line, path);
  assertEquals(duplicates, []);
});

Deno.test("locateToml() knows where a table begins that only longer names mention", () => {
  const { lines } = locateToml("[[permissions.import]]\na.b.c = 1\n[limits]\n");
  assertStrictEquals(lines.get("permissions"), 1);
  assertStrictEquals(lines.get("permissions.import"), 1);
  assertStrictEquals(lines.get("permissions.import[0].a.b"), 2);
  assertStrictEquals(lines.get("limits"), 3);
});

Deno.test("locateToml() takes the lines of a text over several lines for nothing else", () => {
  for (const quotes of ['"""', "'''"]) {
    const { lines, duplicates } = locateToml(`[plugin]
description = ${quotes}
[plugin]
id = "no"
${quotes}
id = "yes" # not a beginning: ${quotes}
main = "main.ts"
name = ${quotes}one line${quotes}
license = "MIT"
`);
    assertStrictEquals(lines.get("plugin.id"), 6);
    assertStrictEquals(lines.get("plugin.main"), 7);
    assertStrictEquals(lines.get("plugin.license"), 9);
    assertEquals(duplicates, []);
  }
});

Deno.test("locateToml() reads lines that end with CR LF", () => {
  const { lines } = locateToml("[plugin]\r\nid = 'a.b'\r\nversion = '1'\r\n");
  assertEquals([...lines], [["plugin", 1], ["plugin.id", 2], ["plugin.version", 3]]);
});

Deno.test("locateToml() finds keys and tables that stand twice, and no others", () => {
  const twice = "a = 1\na = 2\n[b]\nc = 1\n[b]\n'c' = 2\n";
  assertEquals(names(locateToml(twice).duplicates), ["a", "b", "b.c"]);
  const once =
    "[requires.optional]\nx = 1\n[requires]\nx = 1\n[[p.net]]\na = 1\n[[p.net]]\na = 1\n[[p.read]]\na = 1\n";
  assertEquals(names(locateToml(once).duplicates), []);
});

Deno.test("locateJson() knows the line of keys and items", () => {
  const { lines, duplicates } = locateJson(`{
  "a": 1, "b": {
    "c.d": [ "x", {"e": null},

      [ 2 ] ],
    "e\\"f": "{ \\"no\\": [",
    "g": 1
  }
}`);
  const expected = {
    a: 2,
    b: 2,
    'b."c.d"': 3,
    'b."c.d"[0]': 3,
    'b."c.d"[1]': 3,
    'b."c.d"[1].e': 3,
    'b."c.d"[2]': 5,
    'b."c.d"[2][0]': 5,
    'b."e\\"f"': 6,
    "b.g": 7,
  };
  assertEquals(Object.fromEntries(lines), expected);
  assertEquals(duplicates, []);
});

Deno.test("locateJson() finds keys that stand twice, however they are written", () => {
  assertEquals(
    names(locateJson('{"a": 1, "\\u0061": 2, "b": {"a": 1}, "c": [{"a": 1}, {"a": 1}]}').duplicates),
    ["a"],
  );
});

Deno.test("locateJson() finds the line of every value, whatever the document", () => {
  const listPaths = (value: unknown, path: PropertyKey[] = []): string[] =>
    typeof value !== "object" || value === null ? [formatKeyPath(path)] : [
      ...path.length === 0 ? [] : [formatKeyPath(path)],
      ...Object.entries(value).flatMap(([key, item]) =>
        listPaths(item, [...path, Array.isArray(value) ? Number(key) : key])
      ),
    ];
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      if (typeof value !== "object" || value === null) return;
      const text = JSON.stringify(value, null, 1);
      const { lines } = locateJson(text);
      const count = text.split("\n").length;
      for (const path of listPaths(value)) {
        const line = lines.get(path);
        assert(line !== undefined && line >= 1 && line <= count, `${path} of ${text}`);
      }
      assertEquals(locateJson(text).duplicates, []);
    }),
  );
});

Deno.test("locateToml() and locateJson() look no deeper than a manifest goes", () => {
  assert(locateJson("[".repeat(100_000) + "]".repeat(100_000)).lines.size < 20);
  assert(locateJson(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`).lines.size < 20);
  assert(locateToml(`${"a.".repeat(100_000)}a = 1\n[${"a.".repeat(100_000)}a]`).lines.size < 20);
});
