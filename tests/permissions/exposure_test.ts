import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { type Exposure, type ExposureInput, scoreExposure } from "../../src/permissions/exposure.ts";
import { EXPOSURE_RULES } from "../../src/permissions/exposure_rules.ts";
import { parsePermission } from "../../src/permissions/parse.ts";
import {
  coversAll,
  createPermissionSet,
  type Permission,
  type PermissionKind,
  union,
} from "../../src/permissions/permission_set.ts";

const TIERS = ["os", "deno", "worker"] as const;

const SITE = {
  homeDir: "/home/ada",
  codeDir: "/srv/plugins/mine",
  privateDirs: ["/srv/.cordon/plugins/mine/data", "/srv/.cordon/plugins/mine/scratch"],
  executableDirs: ["/tools/bin", "/srv/plugins/mine", "/srv/plugins/other"],
} as const;

const WINDOWS = { ...SITE, homeDir: "C:\\Users\\ada", codeDir: "C:\\plugins\\mine" };

/** Scores permissions written as `kind value`; tier `os` with limits unless told otherwise. */
function score(permissions: readonly string[], input: Partial<ExposureInput> = {}): Exposure {
  return scoreExposure({
    ...SITE,
    tier: "os",
    limits: { memory: true, cpu: true },
    permissions: createPermissionSet(permissions.map(toPermission)),
    ...input,
  });
}

function toPermission(text: string): Permission {
  const space = text.indexOf(" ");
  return { kind: text.slice(0, space) as PermissionKind, value: text.slice(space + 1) };
}

const rulesOf = ({ reasons }: Exposure) => reasons.map(({ rule }) => rule).sort();

const CASES: readonly [permissions: string[], score: number, level: string, rules: string[]][] = [
  [[], 0, "none", []],
  [["read /srv/plugins/mine/assets", "read /srv/.cordon/plugins/mine/data"], 0, "none", []],
  [["write /srv/.cordon/plugins/mine/data"], 0.2, "low", ["write-private"]],
  [["sys cpus"], 0.2, "low", ["sys-facts"]],
  [["sys cpus", "sys hostname"], 0.4, "low", ["sys-identity"]],
  [["sys setPriority"], 0.5, "low", ["sys-priority"]],
  [["env LANG"], 0.2, "low", ["env-plain"]],
  [["read /srv/docs/site"], 1, "low", ["read-folder"]],
  [["read /etc/hosts", "read /etc/ssl/certs"], 1, "low", ["read-folder"]],
  [["read /srv"], 2, "low", ["read-wide"]],
  [["read /home/ada/project/docs"], 2.5, "low", ["read-personal"]],
  [["net 127.0.0.1:8080"], 1, "low", ["net-loopback"]],
  [["net api.weather.test:443"], 2, "low", ["net-public"]],
  [["net 0.0.0.0:80"], 1.5, "low", ["net-listen"]],
  [["net printer.local:631"], 2, "low", ["net-internal"]],
  [["write /srv/site/out"], 2, "low", ["write-folder"]],
  [["read /srv/docs/site", "write /srv/site/out"], 3, "low", ["read-folder", "write-folder"]],
  [["write /home/ada/project/out"], 3, "low", ["write-personal"]],
  [["env API_TOKEN"], 2.5, "low", ["env-secret"]],
  [["write /tmp"], 4, "medium", ["write-wide"]],
  [["net 10.0.0.7:80", "net a.test:443"], 5, "medium", ["bridge", "net-internal", "net-public"]],
  [
    ["read /srv/docs/site", "net a.test:443"],
    4.5,
    "medium",
    ["exfiltrate-data", "net-public", "read-folder"],
  ],
  [["read /srv/docs/site", "net 127.0.0.1:80"], 2, "low", ["net-loopback", "read-folder"]],
  [
    ["env GITHUB_TOKEN", "net api.github.com:443"],
    6,
    "medium",
    ["env-secret", "exfiltrate-data", "net-public"],
  ],
  [["write /srv/plugins/mine/cache"], 5, "medium", ["write-code"]],
  [["read /home/ada/.ssh"], 6, "medium", ["read-secrets"]],
  [["read /home/ada"], 6, "medium", ["read-secrets"]],
  [["read /home/bob/.ssh/id_ed25519"], 6, "medium", ["read-secrets"]],
  [["read /proc/self"], 6, "medium", ["read-secrets"]],
  [["read /etc"], 6, "medium", ["read-secrets"]],
  [["net 169.254.169.254:80"], 6, "medium", ["net-metadata"]],
  [["read /"], 8, "high", ["read-everything"]],
  [
    ["write /srv/plugins/mine", "net a.test:443"],
    8.5,
    "high",
    ["net-public", "plant-code", "write-code"],
  ],
  [["write /srv/plugins"], 9, "critical", ["write-executed"]],
  [["write /srv/plugins/other/main.ts"], 9, "critical", ["write-executed"]],
  [["write /tools/bin/git"], 9, "critical", ["write-executed"]],
  [["write /home/ada/.bashrc"], 9, "critical", ["write-executed"]],
  [["write /usr/local/bin"], 9, "critical", ["write-executed"]],
  [["write /home/ada"], 10, "critical", ["write-everything"]],
  [["write /home"], 10, "critical", ["write-everything"]],
  [["write /"], 10, "critical", ["write-everything"]],
  [
    ["read /home/ada/.ssh", "net a.test:443"],
    10,
    "critical",
    ["exfiltrate-secrets", "net-public", "read-secrets"],
  ],
  [
    ["net 169.254.169.254:80", "net a.test:443"],
    10,
    "critical",
    ["exfiltrate-secrets", "net-metadata", "net-public"],
  ],
  [["run /usr/bin/git"], 10, "critical", ["run"]],
  [["ffi /usr/lib/libz.so.1"], 10, "critical", ["ffi"]],
];

Deno.test("scoreExposure() rates what permissions allow, alone and together", async (test) => {
  for (const [permissions, expected, level, rules] of CASES) {
    await test.step(permissions.join(", ") || "nothing", () => {
      const exposure = score(permissions);
      assertEquals([exposure.score, exposure.level], [expected, level]);
      assertEquals(rulesOf(exposure), rules);
    });
  }
});

Deno.test("scoreExposure() reaches every rule in these cases", () => {
  const reached = new Set(CASES.flatMap(([, , , rules]) => rules));
  const settings = EXPOSURE_RULES.filter(({ type }) => type === "setting").map(({ id }) => id);
  const missed = EXPOSURE_RULES.filter(({ id }) => !reached.has(id) && !settings.includes(id));
  assertEquals(missed.map(({ id }) => id), ["read-own"]);
  assertEquals(rulesOf(score([], { tier: "worker", limits: { memory: false, cpu: false } })), [
    "cpu-unlimited",
    "memory-unlimited",
    "tier-worker",
  ]);
});

Deno.test("scoreExposure() gives a plugin that asks for nothing in tier deno no more than 1", () => {
  const limits = { memory: false, cpu: false };
  assertEquals(TIERS.map((tier) => score([], { tier, limits }).score), [0.3, 1, 3.3]);
  assertEquals(TIERS.map((tier) => score([], { tier }).level), ["none", "low", "low"]);
});

Deno.test("scoreExposure() knows drives, homes and programs of Windows", () => {
  const cases: [string, string][] = [
    ["write C:\\", "write-everything"],
    ["write C:\\Users", "write-everything"],
    ["write C:\\Windows\\System32", "write-executed"],
    ["write C:\\Program Files\\Git", "write-executed"],
    ["write C:\\plugins\\mine\\out", "write-code"],
    ["read C:\\Users\\ada\\.ssh", "read-secrets"],
    ["read C:\\Users\\ada\\Documents", "read-personal"],
    ["read C:\\data", "read-wide"],
    ["read C:\\data\\docs", "read-folder"],
  ];
  for (const [permission, rule] of cases) assertEquals(rulesOf(score([permission], WINDOWS)), [rule]);
});

Deno.test("scoreExposure() names the values in its reasons, a few of many", () => {
  const hosts = ["a", "b", "c", "d", "e"].map((name) => `net ${name}.test:443`);
  const { reasons } = score([...hosts, "read /home/ada/.ssh"]);
  const texts = Object.fromEntries(reasons.map(({ rule, text }) => [rule, text]));
  assertStringIncludes(texts["net-public"]!, '"a.test:443", "b.test:443", "c.test:443" and 2 more');
  assertStringIncludes(texts["exfiltrate-secrets"]!, '"/home/ada/.ssh"');
});

Deno.test("scoreExposure() takes text of a value as it is", () => {
  const { reasons } = score(["read /srv/docs/$& {1}"]);
  assertEquals(reasons[0]!.text, 'reads "/srv/docs/$& {1}"');
});

Deno.test("EXPOSURE_RULES has unique ids, whole tenths, and combinations of rules that there are", () => {
  const ids = new Set(EXPOSURE_RULES.map(({ id }) => id));
  assertEquals(ids.size, EXPOSURE_RULES.length);
  for (const rule of EXPOSURE_RULES) {
    assert(rule.points >= 0 && rule.points <= 10);
    assertEquals(Math.round(rule.points * 10) / 10, rule.points);
    for (const id of rule.type === "combination" ? rule.all.flat() : []) assert(ids.has(id), id);
  }
});

const path = fc.array(
  fc.constantFrom(
    "home",
    "ada",
    "bob",
    ".ssh",
    "bin",
    "etc",
    "hosts",
    "ssl",
    "certs",
    "srv",
    "plugins",
    "mine",
    "a",
  ),
  { maxLength: 5 },
).map((names) => `/${names.join("/")}`);
const place = fc.oneof(
  path,
  fc.constantFrom(
    ...[
      "/srv/plugins",
      "/srv/plugins/mine",
      "/srv/plugins/other/x",
      "/srv/.cordon/plugins/mine/data",
      "/srv/.cordon",
    ],
    ...[
      "/home/ada/.config/a",
      "/home/ada/.local",
      "/var",
      "/var/spool/cron/x",
      "/usr/local",
      "/tools",
      "/proc/1",
    ],
    ...["/root", "/root/a", "/tmp", "/tmp/a/b", "/Users/x/Library/y", "/etc/ssl/certs/a", "/private/etc"],
  ),
);
const VALUES: Readonly<Record<PermissionKind, fc.Arbitrary<string>>> = {
  net: fc.constantFrom(
    "a.test:80",
    "127.0.0.1:80",
    "[::1]:1",
    "10.1.2.3:4",
    "169.254.169.254:80",
    "0.0.0.0:1",
  ),
  read: place,
  write: place,
  ffi: place,
  run: fc.constantFrom("/bin/sh", "/bin/git"),
  env: fc.constantFrom("LANG", "API_KEY", "HOME"),
  sys: fc.constantFrom("hostname", "cpus", "setPriority"),
};
const KINDS: readonly PermissionKind[] = ["net", "read", "read", "write", "write", "env", "sys"];
const permission: fc.Arbitrary<Permission> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom(...KINDS).chain((kind) => VALUES[kind].map((value) => ({ kind, value }))),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("run" as const, "ffi" as const)
      .chain((kind) => VALUES[kind].map((value) => ({ kind, value }))),
  },
);
const set = fc.array(permission, { maxLength: 6 }).map(createPermissionSet);
const setting = fc.record({
  tier: fc.constantFrom(...TIERS),
  limits: fc.record({ memory: fc.boolean(), cpu: fc.boolean() }),
});

Deno.test("scoreExposure() never falls when a permission is added or widened", () => {
  fc.assert(
    fc.property(set, set, setting, (fewer, added, setting) => {
      const more = union(fewer, added);
      assert(coversAll(more, fewer));
      const before = scoreExposure({ ...SITE, ...setting, permissions: fewer });
      const after = scoreExposure({ ...SITE, ...setting, permissions: more });
      assert(after.score >= before.score, `${JSON.stringify(before)} ${JSON.stringify(after)}`);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("scoreExposure() never rises with a stronger tier or a limit", () => {
  fc.assert(
    fc.property(set, setting, (permissions, { tier, limits }) => {
      const rate = (more: Partial<ExposureInput>) =>
        scoreExposure({ ...SITE, tier, limits, permissions, ...more }).score;
      const [os, deno, worker] = TIERS.map((tier) => rate({ tier }));
      assert(os! <= deno! && deno! <= worker!);
      assert(rate({ limits: { memory: true, cpu: limits.cpu } }) <= rate({}));
      assert(rate({ limits: { memory: limits.memory, cpu: true } }) <= rate({}));
    }),
  );
});

Deno.test("scoreExposure() is the sum of its reasons, the heaviest first, up to 10", () => {
  fc.assert(
    fc.property(set, setting, (permissions, setting) => {
      const { score, level, reasons } = scoreExposure({ ...SITE, ...setting, permissions });
      const sum = reasons.reduce((total, { points }) => total + points, 0);
      assertEquals(score, Math.min(10, Math.round(sum * 10) / 10));
      assertEquals(
        reasons.map(({ points }) => points),
        reasons.map(({ points }) => points).sort((a, b) => b - a),
      );
      assert(reasons.every(({ text, points }) => points > 0 && !/\{\d\}/.test(text)));
      assertEquals(level === "none", score === 0);
    }),
  );
});

Deno.test("scoreExposure() rates each way to write an address alike", () => {
  const scope = { pluginDir: "/p", dataDir: "/d", tmpDir: "/t", vars: {}, realPath: (path: string) => path };
  const cases: [string, string][] = [
    ["[0:0::1]:80", "net-loopback"],
    ["[::ffff:169.254.169.254]:80", "net-metadata"],
    ["[64:ff9b::a00:1]:80", "net-internal"],
    ["LOCALHOST:80", "net-loopback"],
    ["[FE80::1]:80", "net-internal"],
    ["[::]:80", "net-listen"],
    ["[2001:db8::1]:80", "net-public"],
    ["Metadata.Google.Internal:80", "net-metadata"],
    ["192.168.1.1:80", "net-internal"],
    ["172.32.0.1:80", "net-public"],
    ["database:5432", "net-internal"],
  ];
  for (const [text, rule] of cases) {
    const permissions = createPermissionSet([parsePermission("net", text, scope)]);
    assertEquals(rulesOf(score([], { permissions })), [rule], text);
  }
});

Deno.test("scoreExposure() tells secrets among variables by their names", () => {
  const secrets = [
    "AWS_SECRET_ACCESS_KEY",
    "githubToken",
    "DB_PASSWORD",
    "DATABASE_URL",
    "SSH_AUTH_SOCK",
    "PGPASS_KEY",
  ];
  for (const name of secrets) assertEquals(rulesOf(score([`env ${name}`])), ["env-secret"], name);
  for (const name of ["PATH", "PWD", "AUTHOR", "KEYBOARD", "LANG", "HOMEPAGE_URL"]) {
    assertEquals(rulesOf(score([`env ${name}`])), ["env-plain"], name);
  }
});
