import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { PermissionEntry } from "../../src/permissions/effective.ts";
import { parsePermission, type PermissionScope } from "../../src/permissions/parse.ts";
import { covers, createPermissionSet, type PermissionKind } from "../../src/permissions/permission_set.ts";
import type { PermissionUse } from "../../src/permissions/permission_use.ts";
import { type Proposal, proposePermissions } from "../../src/permissions/proposal.ts";

const SCOPE: PermissionScope = {
  pluginDir: "/plugins/weather",
  dataDir: "/cordon/plugins/weather/data",
  tmpDir: "/cordon/plugins/weather/scratch",
  vars: { input: "/srv/docs", deep: "/srv/docs/deep", port: "8080" },
  realPath: (path) => path.replace(/^\/link\b/, "/real"),
};

function entry(kind: PermissionKind, ...values: string[]): PermissionEntry {
  return { kind, values, optional: false };
}

/** `kind value` for each; denied. */
function uses(...texts: string[]): PermissionUse[] {
  return texts.map((text) => {
    const [, kind, value] = /^(\w+)(?: (.*))?$/.exec(text)!;
    return { kind: kind!, value, allowed: 0, denied: 1, because: "why not" };
  });
}

function propose(entries: readonly PermissionEntry[], ...texts: string[]): Proposal {
  return proposePermissions({
    entries,
    uses: uses(...texts),
    scope: SCOPE,
    codeDir: "/cordon/prepared/weather",
    isProtected: ({ value }) => value.startsWith("/cordon") && !value.startsWith("/cordon/plugins/weather"),
  });
}

/** `kind text: rule` of values. */
function show(values: Proposal["kept"]): string[] {
  return values.map(({ kind, text, rule }) => `${kind} ${text}: ${rule}`);
}

/** What is used of nothing declared, and what is proposed for it. */
const GENERALIZED:
  readonly (readonly [claim: string, uses: readonly string[], proposed: readonly string[]])[] = [
    ["one file stands for itself", ["read /etc/hosts"], ["read /etc/hosts: exact"]],
    ["two files of a folder stand for themselves", ["read /a/b/1", "read /a/b/2"], [
      "read /a/b/1: exact",
      "read /a/b/2: exact",
    ]],
    ["three files of a folder are the folder", ["read /a/b/1", "read /a/b/2", "read /a/b/3"], [
      "read /a/b: folder",
    ]],
    ["a folder that was listed is the folder", ["read /a/b", "read /a/b/1", "read /a/b/c/2"], [
      "read /a/b: exact",
    ]],
    ["a folder right beneath the root is too wide a guess", ["read /etc/a", "read /etc/b", "read /etc/c"], [
      "read /etc/a: exact",
      "read /etc/b: exact",
      "read /etc/c: exact",
    ]],
    ["reading and writing are two things", ["read /a/b/1", "read /a/b/2", "write /a/b/3"], [
      "read /a/b/1: exact",
      "read /a/b/2: exact",
      "write /a/b/3: exact",
    ]],
    ["what lies beneath a variable's value is the variable", ["read /srv/docs/x/y", "write /srv/docs"], [
      "read ${input}: variable",
      "write ${input}: variable",
    ]],
    ["the nearest variable stands for it", ["read /srv/docs/deep/y"], ["read ${deep}: variable"]],
    ["of two variables one may cover the other", ["read /srv/docs/deep/y", "read /srv/docs/z"], [
      "read ${input}: variable",
    ]],
    ["what begins as a variable's value is something else", ["read /srv/docs2"], ["read /srv/docs2: exact"]],
    ["the private folder is $DATA", ["write /cordon/plugins/weather/data/db"], ["write $DATA: place"]],
    ["the scratch folder is $TMP", ["write /cordon/plugins/weather/scratch/a"], ["write $TMP: place"]],
    ["a file of its own that it writes", ["write /plugins/weather/cache"], ["write $PLUGIN/cache: place"]],
    [
      "its own folder is read anyway",
      ["read /plugins/weather/a", "read /cordon/prepared/weather/main.ts"],
      [],
    ],
    ["hosts and names stand for themselves", ["net api.test:443", "env LANG", "sys hostname"], [
      "net api.test:443: exact",
      "env LANG: exact",
      "sys hostname: exact",
    ]],
  ];

for (const [claim, used, proposed] of GENERALIZED) {
  Deno.test(`proposePermissions(): ${claim}`, () => {
    const proposal = propose([], ...used);
    assertEquals(show(proposal.added), proposed);
    assertEquals(proposal.impossible, []);
  });
}

Deno.test("proposePermissions() keeps what is declared and used as it is written, and names what was not used", () => {
  const proposal = propose(
    [
      entry("read", "${input}", "/etc/hosts", "${nowhere}"),
      entry("run", "/bin/git", "/bin/sh"),
      entry("env", "LANG"),
    ],
    "read /srv/docs/a",
    "read /srv/docs/b",
    "env HOME",
    "run",
    "run /bin/git",
  );
  assertEquals(show(proposal.kept), [
    "read ${input}: declared",
    "read ${nowhere}: unjudged",
    "run /bin/git: declared",
  ]);
  assertEquals(proposal.kept[0]?.checks, 2);
  assertEquals(proposal.unused, [
    { kind: "read", text: "/etc/hosts" },
    { kind: "run", text: "/bin/sh" },
    { kind: "env", text: "LANG" },
  ]);
  assertEquals(show(proposal.added), ["env HOME: exact"]);
  assertEquals(proposal.impossible, []);
});

/** What cannot be had, and why. */
const IMPOSSIBLE: readonly (readonly [use: string, because: RegExp])[] = [
  ["env", /why not/],
  ["run", /why not/],
  ["run /bin/sh", /never proposed/],
  ["ffi", /why not/],
  ["ffi /lib/x.so", /never proposed/],
  ["import deno.land:443", /why not/],
  ["env LD_PRELOAD", /steers the runtime/],
  ["sys umask", /is none of/],
  ["net localhost:0", /no port/],
  ["net localhost", /no port/],
  ["read /a,b", /comma/],
  ["read /a*", /wildcard/],
  ["read /$x", /"\$"/],
  ["read /link/a", /the way there is a link/],
  ["read /cordon/cordon.db", /Cordon's own data/],
];

for (const [use, because] of IMPOSSIBLE) {
  Deno.test(`proposePermissions() says why nothing can be proposed for ${use}`, () => {
    const { added, impossible } = propose([], use);
    assertEquals(added, []);
    assertEquals(impossible.length, 1);
    assert(because.test(impossible[0]!.because), impossible[0]!.because);
  });
}

Deno.test("proposePermissions() covers whatever was used and can be had, with nothing that is not needed", () => {
  const name = fc.constantFrom("a", "b", "c", "d", "docs", "deep", "srv", "data");
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join("/")}`);
  const use = fc.oneof(
    fc.tuple(fc.constantFrom("read", "write"), path),
    fc.tuple(fc.constant("net"), name.map((host) => `${host}:443`)),
    fc.tuple(fc.constant("env"), name),
  ).map(([kind, value]) => `${kind} ${value}`);
  const declared = fc.subarray(["/a", "/a/b", "${input}", "/c/d"]);
  fc.assert(fc.property(fc.uniqueArray(use, { maxLength: 20 }), declared, (texts, values) => {
    const { kept, added, unused, impossible } = propose([entry("read", ...values)], ...texts);
    assertEquals(impossible, []);
    assertEquals(kept.length + unused.length, values.length);
    const parse = ({ kind, text }: { kind: PermissionKind; text: string }) =>
      parsePermission(kind, text, SCOPE);
    const proposed = [...kept, ...added].map(parse);
    const wanted = uses(...texts).map(({ kind, value }) => ({ kind: kind as PermissionKind, value: value! }));
    const all = createPermissionSet(proposed);
    for (const one of wanted) assert(covers(all, one), `${one.kind} ${one.value}`);
    const byManifest = createPermissionSet(kept.map(parse));
    for (const [index, value] of added.map(parse).entries()) {
      const set = createPermissionSet([value]);
      assert(wanted.some((one) => covers(set, one) && !covers(byManifest, one)), `${value.value} is needed`);
      assert(!added.some((other, at) => at !== index && covers(set, parse(other))), `${value.value} alone`);
    }
  }));
});
