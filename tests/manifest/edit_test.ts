import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { CordonError } from "../../src/errors.ts";
import { editPermissions, type ManifestValue } from "../../src/manifest/edit.ts";
import { parseManifest } from "../../src/manifest/parse.ts";

const HEAD = `# About this file
schema = 1

[plugin]
id = "acme.weather" # for ever
version = "1.0.0"
main = "main.ts"
description = """[[permissions.read]] "in" a text""" # [[permissions.read]]
license = '"# MIT'
`;

/** Writes `kind text` as a value. */
function value(text: string): ManifestValue {
  const [, kind, rest] = /^(\w+) (.*)$/.exec(text)!;
  return { kind: kind as ManifestValue["kind"], text: rest! };
}

/** The text behind the head after an edit of what stands there. */
function edit(text: string, { removed = [], added = [] }: { removed?: string[]; added?: string[] }): string {
  const edited = editPermissions(HEAD + text, "plugin.toml", {
    removed: removed.map(value),
    added: added.map(value),
  });
  assertEquals(edited.slice(0, HEAD.length), HEAD);
  return edited.slice(HEAD.length);
}

const BLOCKS = `
# What it reads
[[permissions.read]] # maps
paths = ["/a", '/b', "/c",] # three
reason = "look"

# Where it writes
[[permissions.write]]
paths = [
  "/x", # first
  # a remark
  "/y", # second
]

# The end
[limits]
memory = "1MiB"
`;

const CASES: readonly (readonly [
  claim: string,
  edit: { removed?: string[]; added?: string[] },
  replaced: readonly (readonly [from: string, to: string])[],
])[] = [
  ["changes nothing when nothing is asked", {}, []],
  ["takes the first of a list out", { removed: ["read /a"] }, [[`"/a", '/b'`, `'/b'`]]],
  ["takes one in the middle out", { removed: ["read /b"] }, [[`"/a", '/b', `, `"/a", `]]],
  ["takes the last out", { removed: ["read /c"] }, [[`, "/c",`, `,`]]],
  ["takes several out", { removed: ["read /a", "read /c"] }, [[`"/a", '/b', "/c",`, `'/b',`]]],
  ["takes a line of its own out with its comment", { removed: ["write /x"] }, [[`  "/x", # first\n`, ""]]],
  ["leaves other comments in a list", { removed: ["write /y"] }, [[`  "/y", # second\n`, ""]]],
  ["takes an entry out with the comment right on it", { removed: ["read /a", "read /b", "read /c"] }, [[
    BLOCKS.slice(1, BLOCKS.indexOf("# Where")),
    "",
  ]]],
  ["leaves the comment of what comes behind", { removed: ["write /x", "write /y"] }, [[
    BLOCKS.slice(BLOCKS.indexOf("# Where"), BLOCKS.indexOf("# The end")),
    "",
  ]]],
  ["adds entries behind the last", { added: ["net api.test:443", "net b.test:1", 'read /with "quotes"'] }, [[
    `"/y", # second\n]\n`,
    `"/y", # second\n]\n\n[[permissions.net]]\nhosts = ["api.test:443", "b.test:1"]\n\n[[permissions.read]]\npaths = ["/with \\"quotes\\""]\n`,
  ]]],
];

for (const [claim, change, replaced] of CASES) {
  Deno.test(`editPermissions() ${claim}`, () => {
    let expected = BLOCKS;
    for (const [from, to] of replaced) {
      assertEquals(expected.split(from).length, 2, from);
      expected = expected.replace(from, () => to);
    }
    assertEquals(edit(BLOCKS, change), expected);
  });
}

Deno.test("editPermissions() adds to a manifest that asks for nothing, with its kind of line breaks", () => {
  assertEquals(edit("", { added: ["env LANG"] }), '\n[[permissions.env]]\nnames = ["LANG"]\n');
  const dos = 'schema = 1\r\n[plugin]\r\nid = "a.b"\r\nversion = "1.0.0"\r\nmain = "main.ts"';
  assertEquals(
    editPermissions(dos, "plugin.toml", { removed: [], added: [value("env LANG")] }),
    `${dos}\r\n\r\n[[permissions.env]]\r\nnames = ["LANG"]\r\n`,
  );
});

Deno.test("editPermissions() replaces everything there is", () => {
  assertEquals(
    edit('\n[[permissions.read]]\npaths = ["/a"]\n', { removed: ["read /a"], added: ["read /b"] }),
    '\n\n[[permissions.read]]\npaths = ["/b"]\n',
  );
});

Deno.test("editPermissions() refuses what is laid out otherwise", () => {
  const odd = [
    'permissions.read = [{ paths = ["/a", "/b"] }]',
    '\n[permissions]\nread = [{ paths = ["/a", "/b"] }]',
    '\n[[permissions."read"]]\npaths = ["/a", "/b"]',
  ];
  for (const text of odd) {
    const head = 'schema = 1\nplugin = { id = "a.b", version = "1.0.0", main = "main.ts" }\n';
    assertEquals(parseManifest(head + text, "plugin.toml").permissions.length, 1);
    assertThrows(
      () => editPermissions(head + text, "plugin.toml", { removed: [value("read /a")], added: [] }),
      CordonError,
      "not laid out as usual",
    );
  }
});

Deno.test("editPermissions() edits JSON with the indentation that it has", () => {
  const document = {
    schema: 1,
    plugin: { id: "a.b", version: "1.0.0", main: "main.ts" },
    permissions: { read: [{ paths: ["/a", "/b"], reason: "r" }], env: [{ names: ["LANG"] }] },
  };
  const text = `${JSON.stringify(document, undefined, "\t")}\n`;
  const change = { removed: [value("read /a"), value("env LANG")], added: [value("net a.test:1")] };
  const permissions = { read: [{ paths: ["/b"], reason: "r" }], net: [{ hosts: ["a.test:1"] }] };
  assertEquals(
    editPermissions(text, "plugin.json", change),
    `${JSON.stringify({ ...document, permissions }, undefined, "\t")}\n`,
  );
  assertEquals(
    editPermissions(JSON.stringify(document), "plugin.json", change),
    JSON.stringify({ ...document, permissions }),
  );
});

Deno.test("editPermissions() gives the intended manifest whatever is taken out and put in", () => {
  const all = ["read /a", "read /b", "read /c", "write /x", "write /y"];
  const more = ["read /d", "net a.test:1", "env LANG", "sys hostname", "write /z"];
  fc.assert(fc.property(fc.subarray(all), fc.subarray(more), (removed, added) => {
    const edited = parseManifest(HEAD + edit(BLOCKS, { removed, added }), "plugin.toml");
    const asked = edited.permissions.flatMap(({ kind, values }) => values.map((text) => `${kind} ${text}`));
    const expected = [...all.filter((text) => !removed.includes(text)), ...added];
    assertEquals(asked.toSorted(), expected.toSorted());
  }));
});
