import { assertEquals } from "@std/assert";
import type { DenoRequest } from "../../src/permissions/deno_request.ts";
import {
  createPermissionSet,
  NO_PERMISSIONS,
  type Permission,
} from "../../src/permissions/permission_set.ts";
import { findSupervisionObstacle, Supervision } from "../../src/permissions/supervision.ts";

const GRANTED: readonly Permission[] = [
  { kind: "read", value: "/data" },
  { kind: "write", value: "/data/out" },
  { kind: "write", value: "/scratch" },
  { kind: "net", value: "api.test:443" },
  { kind: "net", value: "[::1]:80" },
  { kind: "env", value: "LANG" },
  { kind: "sys", value: "hostname" },
  { kind: "run", value: "/bin/git" },
  { kind: "ffi", value: "/lib/x" },
];

function supervise(permissions: readonly Permission[] = GRANTED): Supervision {
  return new Supervision({
    permissions: createPermissionSet(permissions),
    codeDir: "/code",
    tmpDir: "/scratch",
  });
}

function request(permission: string, value: string | null, workingDir?: string): DenoRequest {
  return { permission, value, workingDir: () => workingDir };
}

/** Checks, each with its verdict; relative paths stand for files in /data. */
const CHECKS: readonly (readonly [permission: string, value: string | null, allowed: boolean])[] = [
  ["read", "/code", true],
  ["read", "/code/main.ts", true],
  ["write", "/code/main.ts", false],
  ["read", "/codes", false],
  ["read", "/data", true],
  ["read", "/data/x/../y", true],
  ["read", "/data/../etc/passwd", false],
  ["read", "/data/./x//y", true],
  ["read", "/", false],
  ["read", null, false],
  ["read", "", false],
  ["read", "note.txt", true],
  ["read", "../data/note.txt", true],
  ["read", "../etc/passwd", false],
  ["read", "/data/\ufffd", false],
  ["read", "/data/\0", false],
  ["read", "<TMP>", false],
  ["write", "<TMP>", false],
  ["write", "<exec_path>", false],
  ["write", "/data/out/x", true],
  ["write", "/data/x", false],
  ["write", null, false],
  ["net", "api.test:443", true],
  ["net", "api.test:80", false],
  ["net", "api.test", false],
  ["net", "[0:0:0:0:0:0:0:1]:80", true],
  ["net", "unix:/data/socket", false],
  ["net", "vsock:2:5", false],
  ["net", null, false],
  ["env", "LANG", true],
  ["env", "LANGUAGE", false],
  ["env", null, false],
  ["sys", "hostname", true],
  ["sys", "umask", false],
  ["sys", null, false],
  ["run", null, false],
  ["run", "/bin/sh", false],
  ["run", "/bin/git", true],
  ["run", "/bin/../bin/git", false],
  ["run", "git", false],
  ["run", "./git", false],
  ["ffi", null, true],
  ["ffi", "/lib/x/y.so", true],
  ["ffi", "/lib/y.so", false],
  ["import", "deno.land:443", false],
  ["import", null, false],
  ["all", null, false],
  ["__proto__", "x", false],
];

for (const [permission, value, allowed] of CHECKS) {
  const what = `${permission} ${JSON.stringify(value)}`;
  Deno.test(`Supervision ${allowed ? "allows" : "denies"} ${what}`, () => {
    const verdict = supervise().decide(request(permission, value, "/data"));
    assertEquals([verdict.allowed, verdict.kind], [allowed, permission]);
    if (!allowed) assertEquals(typeof verdict.because, "string");
  });
}

Deno.test("Supervision denies a relative path when the working folder is not known", () => {
  assertEquals(supervise().decide(request("read", "note.txt")).allowed, false);
  assertEquals(supervise().decide(request("read", "note.txt", "(unreachable)/data")).allowed, false);
});

Deno.test("Supervision allows temporary files only where both meanings of <TMP> are granted, and TMPDIR is not", () => {
  const check = request("write", "<TMP>", "/data/out");
  assertEquals(supervise().decide(check).allowed, true);
  assertEquals(supervise([...GRANTED, { kind: "env", value: "TMPDIR" }]).decide(check).allowed, false);
  assertEquals(supervise([{ kind: "write", value: "/data/out" }]).decide(check).allowed, false);
  const tried = new Supervision({
    permissions: createPermissionSet(GRANTED),
    codeDir: "/code",
    tmpDir: "/scratch",
    allowsBesides: ({ value }) => value === "TMPDIR",
  });
  assertEquals(tried.decide(check).allowed, false);
});

Deno.test("Supervision.narrow() holds at once, never widens, and is told to the plugin", () => {
  const supervision = supervise();
  const narrower = createPermissionSet([
    { kind: "read", value: "/data/x" },
    { kind: "read", value: "/etc" },
    { kind: "write", value: "/data/out" },
  ]);
  supervision.narrow(narrower, "no need");
  assertEquals(
    supervision.permissions,
    createPermissionSet([
      { kind: "read", value: "/data/x" },
      { kind: "write", value: "/data/out" },
    ]),
  );
  assertEquals(supervision.decide(request("read", "/data/x/1")).allowed, true);
  assertEquals(supervision.decide(request("read", "/code/main.ts")).allowed, true, "its own folder stays");
  assertEquals(supervision.decide(request("read", "/data/y")), {
    allowed: false,
    kind: "read",
    value: "/data/y",
    because: "it was taken back: no need",
    message: 'Requires read access to "/data/y": it was taken back: no need',
  });
  assertEquals(supervision.decide(request("read", "/etc")).because, "it is not granted");
  supervision.narrow(NO_PERMISSIONS, "done");
  assertEquals(supervision.decide(request("read", "/data/y")).because, "it was taken back: no need");
  assertEquals(supervision.decide(request("write", "/data/out")).because, "it was taken back: done");
});

Deno.test("Supervision.decide() allows besides what it was told to, and nothing that cannot be told for sure", () => {
  const asked: Permission[] = [];
  const supervision = new Supervision({
    permissions: NO_PERMISSIONS,
    codeDir: "/code",
    tmpDir: "/scratch",
    allowsBesides: (permission) => asked.push(permission) > 0,
  });
  assertEquals(supervision.decide(request("read", "/x/../y")).allowed, true);
  assertEquals(supervision.decide(request("run", "sh")).allowed, false);
  assertEquals(supervision.decide(request("ffi", null)).allowed, false);
  assertEquals(supervision.decide(request("read", null)).allowed, false);
  assertEquals(asked.at(-1), { kind: "read", value: "/y" });
});

Deno.test("findSupervisionObstacle() names what cannot be supervised", () => {
  const plain = {
    mode: "process",
    permissions: createPermissionSet(GRANTED.slice(0, -2)),
    os: "linux",
  } as const;
  assertEquals(findSupervisionObstacle(plain), undefined);
  const obstacles = [
    findSupervisionObstacle({ ...plain, mode: "worker" }),
    findSupervisionObstacle({ ...plain, os: "windows" }),
    findSupervisionObstacle({
      ...plain,
      permissions: createPermissionSet([{ kind: "run", value: "/bin/sh" }]),
    }),
    findSupervisionObstacle({ ...plain, permissions: createPermissionSet([{ kind: "ffi", value: "/lib" }]) }),
  ];
  assertEquals(obstacles.map((obstacle) => obstacle?.split(",")[0]), [
    "it runs as a worker",
    "this system has no Unix sockets that Deno would ask over",
    'it may use run "/bin/sh"',
    'it may use ffi "/lib"',
  ]);
});
