import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatGrants, readGrants } from "../../../src/lifecycle/consent/grants_file.ts";
import type { Grants } from "../../../src/permissions/grants.ts";
import { createPermissionSet } from "../../../src/permissions/permission_set.ts";

const GRANTS: Grants = {
  grants: [{
    plugin: "acme.geo",
    version: "2.0.0-rc.1",
    granted: "2026-01-31T12:00:00.000Z",
    supervised: true,
    permissions: createPermissionSet([]),
  }, {
    plugin: "acme.weather",
    version: "1.4.2",
    granted: "2026-01-31T12:00:00Z",
    supervised: false,
    permissions: createPermissionSet([
      { kind: "net", value: "api.test:443" },
      { kind: "read", value: '/srv/a "quoted\\ path' },
      { kind: "read", value: "$PLUGIN/assets" },
      { kind: "write", value: "$DATA" },
    ]),
  }],
  refusals: [{ plugin: "acme.weather", version: "1.5.0", refused: "2026-02-01T00:00:00Z" }],
};

const GOOD = formatGrants(GRANTS);

function problemsOf(text: string): string[] {
  const reading = readGrants(text);
  assert(reading.type === "refused", text);
  return reading.problems.map(({ line, path, message }) => `${line ?? "-"} ${path ?? "-"} ${message}`);
}

Deno.test("formatGrants() and readGrants() agree", () => {
  assertEquals(readGrants(GOOD), { type: "read", data: GRANTS });
  assertEquals(formatGrants({ ...GRANTS, grants: GRANTS.grants.toReversed() }), GOOD);
  assertEquals(readGrants("schema = 1\n"), { type: "read", data: { grants: [], refusals: [] } });
  assert(GOOD.startsWith("# "));
});

Deno.test("readGrants() takes values as Cordon would have written them", () => {
  const reading = readGrants(`schema = 1
[[grants]]
plugin = "acme.weather"
version = "1.0.0"
granted = "2026-01-31T12:00:00+01:00"
permissions.net = ["API.test:443"]
permissions.read = ["/srv//maps/", "$PLUGIN//assets/./x/"]
`);
  assert(reading.type === "read", JSON.stringify(reading));
  const { net, read } = reading.data.grants[0]!.permissions;
  assertEquals([net, read], [["api.test:443"], ["$PLUGIN/assets/x", "/srv/maps"]]);
});

Deno.test("readGrants() tells every problem at once, each with its line", () => {
  const problems = problemsOf(`schema = 1
surprise = true

[[grants]]
plugin = "Weather"
version = "new"
granted = 2026-01-31
[grants.permissions]
net = ["a.test"]
read = ["\${maps=/etc}", "../x"]
import = ["https://a.test"]

[[refusals]]
plugin = "acme.weather"
version = "1.0.0"
`);
  assertEquals(problems.map((text) => text.split(" ").slice(0, 2).join(" ")).sort(), [
    "10 grants[0].permissions.read[0]",
    "10 grants[0].permissions.read[1]",
    "11 grants[0].permissions.import",
    "13 refusals[0].refused",
    "2 surprise",
    "5 grants[0].plugin",
    "6 grants[0].version",
    "7 grants[0].granted",
    "9 grants[0].permissions.net[0]",
  ]);
});

Deno.test("readGrants() refuses two grants to one plugin", () => {
  const block = GOOD.slice(GOOD.indexOf("[[grants]]"), GOOD.indexOf("[[refusals]]"));
  const [problem] = problemsOf(`${GOOD}\n${block}`);
  assert(problem?.includes("has a grant already"), problem);
});

Deno.test("readGrants() refuses wildcards, lists and whatever else Deno could read as more", () => {
  for (const value of ["*", "a.test:80,b.test:80", "10.0.0.0/8:80", "", "a.test:80 "]) {
    assertEquals(problemsOf(GOOD.replace("api.test:443", value)).length, 1, value);
  }
  for (const value of ["$DATA/../../x", "$HOME/x", "relative", "/a,/b"]) {
    assertEquals(problemsOf(GOOD.replace("$PLUGIN/assets", value)).length, 1, value);
  }
});

Deno.test("readGrants() never throws, whatever the text", () => {
  fc.assert(fc.property(fc.string({ maxLength: 400 }), (text) => {
    readGrants(text);
    readGrants(`schema = 1\n${text}`);
  }));
});

Deno.test("readGrants() of a damaged good text never makes a list, a wildcard or a variable of a value", () => {
  const known = new Set(
    GRANTS.grants.flatMap(({ permissions }) => Object.values(permissions).flat()),
  );
  fc.assert(
    fc.property(fc.nat(GOOD.length), fc.nat(40), (at, count) => {
      const reading = readGrants(GOOD.slice(0, at) + GOOD.slice(at + count));
      if (reading.type === "refused") return;
      for (const { permissions } of reading.data.grants) {
        for (const value of Object.values(permissions).flat()) {
          // What is left of a value may be a shorter one; it is never a list, a wildcard or a variable.
          assert(known.has(value) || !/[*,]|\$\{/.test(value), value);
        }
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("readGrants() takes back whatever formatGrants() writes", () => {
  const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}\.[a-z][a-z0-9-]{0,8}$/);
  const path = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }), {
    minLength: 1,
    maxLength: 3,
  })
    .map((parts) => `/${parts.map((part) => part.replaceAll(/[/\\,*$\p{C}\p{Z}]/gu, "_")).join("/")}`)
    .filter((text) => !/(^|\/)\.{1,2}(\/|$)/.test(text));
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(id, path), { selector: ([name]) => name }), (plugins) => {
    const grants: Grants = {
      grants: plugins.map(([plugin, value]) => ({
        plugin,
        version: "1.0.0",
        granted: "2026-01-31T12:00:00Z",
        supervised: false,
        permissions: createPermissionSet([{ kind: "read", value }]),
      })).sort((a, b) => (a.plugin < b.plugin ? -1 : 1)),
      refusals: [],
    };
    assertEquals(readGrants(formatGrants(grants)), { type: "read", data: grants });
  }));
});
