import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { renderPermissionFlags, renderWorkerPermissions } from "../../src/permissions/deno_options.ts";
import {
  parsePermission,
  type PermissionScope,
  PermissionValueError,
  SYS_NAMES,
} from "../../src/permissions/parse.ts";
import {
  covers,
  createPermissionSet,
  listPermissions,
  NO_PERMISSIONS,
  type Permission,
  PERMISSION_KINDS,
  type PermissionKind,
  type PermissionSet,
} from "../../src/permissions/permission_set.ts";

const SCOPE: PermissionScope = {
  pluginDir: "/plugins/maps",
  dataDir: "/data/maps",
  tmpDir: "/scratch/maps",
  vars: { maps: "/srv/maps", port: "8080" },
  realPath: (path) => path,
};

/** Reads flags as Deno does: a list behind the first "=", its items between commas. */
function readFlags(flags: readonly string[]): Record<string, string[]> {
  return Object.fromEntries(flags.map((flag) => {
    const at = flag.indexOf("=");
    return at === -1 ? [flag, []] : [flag.slice(0, at), flag.slice(at + 1).split(",")];
  }));
}

function tryParse(kind: PermissionKind, text: string): Permission | undefined {
  try {
    return parsePermission(kind, text, SCOPE);
  } catch (error) {
    if (error instanceof PermissionValueError) return undefined;
    throw error;
  }
}

/** Any text of at most so many UTF-16 units, lone surrogates included. */
function anyText(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff }));
  return fc.array(unit, { maxLength }).map((units) => String.fromCharCode(...units));
}

Deno.test("renderPermissionFlags() gives no kind a flag that has no values", () => {
  assertEquals(renderPermissionFlags(NO_PERMISSIONS), ["--deny-import", "--deny-run", "--deny-ffi"]);
  const set = createPermissionSet([
    { kind: "net", value: "b.test:80" },
    { kind: "net", value: "a.test:80" },
    { kind: "read", value: "/a=b" },
    { kind: "run", value: "/usr/bin/git" },
  ]);
  assertEquals(renderPermissionFlags(set), [
    "--deny-import",
    "--allow-net=a.test:80,b.test:80",
    "--allow-read=/a=b",
    "--allow-run=/usr/bin/git",
    "--deny-ffi",
  ]);
});

Deno.test("renderPermissionFlags() yields exactly the values that parsePermission() did not refuse", () => {
  const piece = fc.oneof(
    { weight: 2, arbitrary: anyText(4) },
    {
      weight: 5,
      arbitrary: fc.constantFrom(
        "/",
        "a",
        "=",
        "--allow-all",
        ".",
        "..",
        ",",
        "*",
        ":",
        "80",
        "[::1]",
        "$PLUGIN",
        "$DATA",
        "${maps}",
        "${port}",
        "${x=1}",
        "unix:/x",
        "vsock:1:2",
        " ",
        "\n",
        "\u2028",
        "\ud800",
        "~",
        "LANG",
        "uid",
        "C:\\",
        "10.0.0.0/8",
        "127.1",
        "xn--a",
      ),
    },
  );
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...PERMISSION_KINDS), text), { maxLength: 12 }),
      (asked) => {
        const set = createPermissionSet(asked.flatMap(([kind, text]) => tryParse(kind, text) ?? []));
        const flags = renderPermissionFlags(set);
        const read = readFlags(flags);
        for (const flag of flags) {
          assert(
            /^--allow-[a-z]+=./.test(flag) || /^--deny-(import|run|ffi)$/.test(flag),
            flag,
          );
        }
        for (const kind of PERMISSION_KINDS) {
          assertEquals(read[`--allow-${kind}`] ?? [], set[kind]);
          assertStrictEquals(`--deny-${kind}` in read && `--allow-${kind}` in read, false);
        }
        assert("--deny-import" in read);
        for (const flag of flags) assert(flag.isWellFormed() && !/\p{Cc}/u.test(flag));
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("renderPermissionFlags() refuses a value that never came through parsePermission()", () => {
  const hostile = ["", "a,b", "*", "a*", " a", "a ", "a\n", "a\u0000b", "a\u2028", "a\ud800"];
  for (const kind of PERMISSION_KINDS) {
    for (const value of hostile) {
      const set = { ...NO_PERMISSIONS, [kind]: [value] } as PermissionSet;
      assertThrows(() => renderPermissionFlags(set), RangeError, `Cannot render --allow-${kind}`);
    }
  }
});

/** One question to a child and whether its answer is "granted". */
interface Question {
  readonly descriptor: Deno.PermissionDescriptor;
  readonly isGranted: boolean;
}

function describe({ kind, value }: Permission): Deno.PermissionDescriptor {
  switch (kind) {
    case "net":
      return { name: "net", host: value };
    case "read":
    case "write":
    case "ffi":
      return { name: kind, path: value };
    case "run":
      return { name: "run", command: value };
    case "env":
      return { name: "env", variable: value };
    case "sys":
      return { name: "sys", kind: value as "hostname" };
  }
}

/** Things close to a permission that it does not allow. */
function neighbours({ kind, value }: Permission): Permission[] {
  const near = (...values: string[]) => values.map((value) => ({ kind, value }));
  switch (kind) {
    case "net": {
      const [, host, port] = /^(.*):(\d+)$/.exec(value)!;
      return near(
        `${host}:${Number(port) % 65_535 + 1}`,
        ...(host!.startsWith("[") ? [] : [`x.${host}:${port}`, `${host}x.test:${port}`]),
      );
    }
    case "read":
    case "write":
    case "ffi":
      return value === "/"
        ? []
        : near(`${value}x`, value.slice(0, value.lastIndexOf("/")) || "/", `${value}/../x`);
    case "run":
      return near(`${value}x`, "/bin/false");
    case "env":
      return near(`${value}X`, value.slice(0, -1) || "Y", "PATH_X");
    case "sys":
      return [...SYS_NAMES].slice(0, 3).map((value) => ({ kind, value }));
  }
}

function listQuestions(set: PermissionSet): Question[] {
  const members = [...listPermissions(set)];
  const questions: Question[] = members.map((member) => ({ descriptor: describe(member), isGranted: true }));
  for (const neighbour of members.flatMap(neighbours)) {
    const value = neighbour.value.replace(/\/[^/]*\/\.\.(?=\/)/, "");
    if (!covers(set, { ...neighbour, value })) {
      questions.push({ descriptor: describe(neighbour), isGranted: false });
    }
  }
  for (
    const path of members.filter(({ kind, value }) =>
      ["read", "write", "ffi"].includes(kind) && value !== "/"
    )
  ) {
    questions.push({ descriptor: describe({ ...path, value: `${path.value}/x/y` }), isGranted: true });
  }
  for (const { kind, value } of members.filter(({ kind }) => kind === "net")) {
    // The host with any port.
    questions.push({ descriptor: describe({ kind, value: value.replace(/:\d+$/, "") }), isGranted: false });
  }
  // Everything of a kind.
  for (const name of [...PERMISSION_KINDS, "import"] as const) {
    if (name in set && set[name as PermissionKind].includes("/")) continue;
    questions.push({ descriptor: { name } as Deno.PermissionDescriptor, isGranted: false });
  }
  return questions;
}

const SEGMENTS = [
  "a",
  "a b",
  "ü日本",
  "--allow-all",
  "a=b",
  "$x",
  "~",
  "%2e",
  "'\"",
  "a;b|c",
  "#?",
  "...",
  "\\",
  "{}",
  ":80",
];

/** Sets as a manifest can ask for them: each value has come through `parsePermission()`. */
const requestable: fc.Arbitrary<PermissionSet> = fc.record({
  net: fc.array(
    fc.tuple(
      fc.constantFrom(
        "a.test",
        "A_b.test",
        "127.0.0.1",
        "[::1]",
        "[2001:db8::1]",
        "[::ffff:10.0.0.1]",
        "localhost",
        "xn--bcher-kva.test",
        `${"a".repeat(63)}.test`,
        "_x.test",
        "1a.test",
        "tunnel",
        "a--b.test",
      ),
      fc.integer({ min: 1, max: 65_535 }),
    ).map(([host, port]) => `${host}:${port}`),
    { maxLength: 3 },
  ),
  read: fc.array(
    fc.array(fc.constantFrom(...SEGMENTS.filter((segment) => !segment.includes("$"))), {
      minLength: 1,
      maxLength: 3,
    }).map((segments) => `/${segments.join("/")}`),
    { maxLength: 3 },
  ),
  write: fc.array(fc.constantFrom("$DATA", "$TMP/x y", "/srv/out"), { maxLength: 2 }),
  ffi: fc.array(fc.constantFrom("$PLUGIN/lib.so", "/usr/lib/libz.so.1"), { maxLength: 1 }),
  env: fc.array(fc.constantFrom("LANG", "_", "a1", "PATHS"), { maxLength: 3 }),
  sys: fc.array(fc.constantFrom(...SYS_NAMES), { maxLength: 3 }),
  run: fc.array(fc.constantFrom(Deno.realPathSync("/bin/sh"), Deno.realPathSync("/bin/ls")), {
    maxLength: 2,
  }),
}).map((values) =>
  createPermissionSet(
    Object.entries(values).flatMap(([kind, texts]) =>
      texts.map((text) => parsePermission(kind as PermissionKind, text, SCOPE))
    ),
  )
);

const CHILD = `
for (const { descriptor, isGranted } of JSON.parse(Deno.args[0])) {
  let state;
  try { state = (await Deno.permissions.query(descriptor)).state; } catch (error) { state = String(error); }
  if ((state === "granted") !== isGranted) console.log(JSON.stringify(descriptor), state);
}
`;

Deno.test("renderPermissionFlags() makes Deno grant the members of a set, and none of their neighbours", async () => {
  const script = await Deno.makeTempFile({ suffix: ".js" });
  try {
    await Deno.writeTextFile(script, CHILD);
    const everything = createPermissionSet([...SYS_NAMES].map((value) => ({ kind: "sys", value })));
    // A fixed seed: each set costs a process.
    for (const set of [NO_PERMISSIONS, everything, ...fc.sample(requestable, { numRuns: 12, seed: 7 })]) {
      const flags = renderPermissionFlags(set);
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--no-prompt",
          "--no-config",
          "--no-lock",
          "--no-npm",
          "--no-remote",
          ...flags,
          script,
          JSON.stringify(listQuestions(set)),
        ],
        clearEnv: true,
        env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", HOME: Deno.env.get("HOME") ?? "/" },
      }).output();
      assertEquals(
        { success, wrong: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) },
        { success: true, wrong: "", stderr: "" },
        flags.join(" "),
      );
    }
  } finally {
    await Deno.remove(script);
  }
});

Deno.test("renderWorkerPermissions() gives every kind either its values or nothing at all", () => {
  const nothing = Object.fromEntries([...PERMISSION_KINDS, "import"].map((kind) => [kind, false]));
  assertEquals<unknown>(renderWorkerPermissions(NO_PERMISSIONS), nothing);
  const set = createPermissionSet([
    { kind: "net", value: "b.test:80" },
    { kind: "net", value: "a.test:80" },
    { kind: "read", value: "/a=b" },
  ]);
  assertEquals<unknown>(renderWorkerPermissions(set), {
    ...nothing,
    net: ["a.test:80", "b.test:80"],
    read: ["/a=b"],
  });
});

Deno.test("renderWorkerPermissions() refuses what the flags refuse", () => {
  for (const value of ["", "/a,/b", "/a*", "/a\n", " /a"]) {
    const set = { ...NO_PERMISSIONS, read: [value] };
    assertThrows(() => renderWorkerPermissions(set), RangeError);
    assertThrows(() => renderPermissionFlags(set), RangeError);
  }
});
