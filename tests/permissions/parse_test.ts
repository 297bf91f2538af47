import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  checkPermissionText,
  listVariables,
  parsePermission,
  type PermissionScope,
  PermissionValueError,
  SYS_NAMES,
} from "../../src/permissions/parse.ts";
import { PERMISSION_KINDS, type PermissionKind } from "../../src/permissions/permission_set.ts";

const SCOPE: PermissionScope = {
  pluginDir: "/plugins/maps",
  dataDir: "/data/maps",
  tmpDir: "/scratch/maps",
  vars: { maps: "/srv/maps", host: "api.test", port: "8080" },
  realPath: (path) => path,
};

function parse(kind: PermissionKind, text: string, scope: Partial<PermissionScope> = {}): string {
  return parsePermission(kind, text, { ...SCOPE, ...scope }).value;
}

function refuse(
  kind: PermissionKind,
  text: string,
  message = "",
  scope: Partial<PermissionScope> = {},
): void {
  const name = `${kind} ${JSON.stringify(text)}`;
  assertThrows(() => parse(kind, text, scope), PermissionValueError, message, name);
}

/** Any text of at most so many UTF-16 units, lone surrogates included. */
function anyText(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff }));
  return fc.array(unit, { maxLength }).map((units) => String.fromCharCode(...units));
}

Deno.test("parsePermission() brings hosts into one form", () => {
  const hosts = {
    "api.test:443": "api.test:443",
    "API.Test:443": "api.test:443",
    "localhost:1": "localhost:1",
    "a_b.c-d.test:65535": "a_b.c-d.test:65535",
    "xn--bcher-kva.test:80": "xn--bcher-kva.test:80",
    "127.0.0.1:80": "127.0.0.1:80",
    "[::1]:80": "[::1]:80",
    "[0:0:0:0:0:0:0:1]:80": "[::1]:80",
    "[2001:DB8::0]:80": "[2001:db8::]:80",
    "[::ffff:127.0.0.1]:80": "[::ffff:7f00:1]:80",
    "1.2.3.4.test:80": "1.2.3.4.test:80",
    "999:80": undefined,
  };
  for (const [text, host] of Object.entries(hosts)) {
    if (host === undefined) refuse("net", text);
    else assertStrictEquals(parse("net", text), host);
  }
});

Deno.test("parsePermission() refuses hosts that Deno would read as something else, or as more", () => {
  const noPort = ["api.test", "api.test:", "127.0.0.1", "[::1]", "::1", "", ":80"];
  const ports = ["a.test:0", "a.test:65536", "a.test:99999", "a.test:080", "a.test:00"];
  const otherPorts = [
    "a.test:+80",
    "a.test:-1",
    "a.test:8o",
    "a.test:80.0",
    "a.test:1e2",
    "a.test:80 81",
    "a.test:123456",
  ];
  const schemes = [
    "http://a:1",
    "https://a.test",
    "unix:/x",
    "vsock:1:2",
    "file:///x",
    "a.test:80/path",
    "u:p@a.test:80",
  ];
  // To Deno these two are kinds of socket; as a host they would take the sandbox's start with them.
  const sockets = ["unix:443", "UNIX:1", "vsock:80"];
  const ranges = [
    "10.0.0.0/8:80",
    "10.0.0.0/8",
    "*.example.org:443",
    "*:80",
    "127.0.0.*:80",
    "a.test:*",
    "a.test:80-90",
  ];
  const numbers = [
    "127.1:80",
    "0x7f.1:80",
    "2130706433:80",
    "0177.0.0.1:80",
    "127.0.0.1.:80",
    "1.2.3:80",
    "1.2.3.256:80",
    "01.2.3.4:80",
    "a.1:80",
    "a.0x1:80",
    "0x:80",
  ];
  const names = [
    "a.test.:80",
    ".a.test:80",
    "a..test:80",
    "-a.test:80",
    "a-.test:80",
    "bücher.test:80",
    "a b.test:80",
    "a%2e.test:80",
    "a\\b:80",
    `${"a".repeat(64)}.test:80`,
    `${"a.".repeat(127)}ab:80`,
  ];
  const addresses = [
    "[::1:80",
    "::1:80",
    "[::1]",
    "[]:80",
    "[:::1]:80",
    "[::1%eth0]:80",
    "[1.2.3.4]:80",
    "[::1]x:80",
    "[g::1]:80",
    "[[::1]]:80",
  ];
  for (
    const text of [noPort, ports, otherPorts, schemes, sockets, ranges, numbers, names, addresses].flat()
  ) refuse("net", text);
  refuse("net", "api.test", 'has no port: give "host:port"');
  refuse("net", "http://a:1", "without a scheme or path");
  refuse("net", "a.test:65536", "has no port from 1 to 65535");
  refuse("net", "127.1:80", "is no IPv4 address in its usual form");
  refuse("net", "unix:443", "Deno reads it as a kind of socket");
});

Deno.test("parsePermission() refuses in every kind what could be read as a list, a wildcard or nothing", () => {
  const anywhere: [string, string][] = [
    ["", "is empty"],
    [",", "holds a comma"],
    ["/a,/etc", "holds a comma"],
    ["*", "holds a wildcard"],
    ["/a*", "holds a wildcard"],
    ["LANG,HOME", "holds a comma"],
    ["A*", "holds a wildcard"],
    [" /a", "white space"],
    ["/a ", "white space"],
    ["/a\u00a0", "white space"],
    ["/a\u3000", "white space"],
    ["\ufeff/a", "white space"],
    ["/a\u0000", "control character"],
    ["/a\nb", "control character"],
    ["/a\tb", "control character"],
    ["/a\u001b[2J", "control character"],
    ["/a\u007f", "control character"],
    ["/a\u0085b", "control character"],
    ["/a\u2028b", "control character"],
    ["/a\u2029b", "control character"],
    ["/a\ud800", "well-formed"],
    ["/\udc00\ud800", "well-formed"],
    [`/${"a".repeat(4096)}`, "longer than 4,096"],
  ];
  for (const kind of PERMISSION_KINDS) for (const [text, message] of anywhere) refuse(kind, text, message);
});

Deno.test("parsePermission() brings paths into one form", () => {
  const paths = {
    "/": "/",
    "/a": "/a",
    "/a/": "/a",
    "//a//b///": "/a/b",
    "/a/./b/.": "/a/b",
    "/a b/ü/日本": "/a b/ü/日本",
    "/a=b/--allow-all": "/a=b/--allow-all",
    "/a..b/...": "/a..b/...",
    "/~": "/~",
    "/a\\b": "/a\\b",
    "$PLUGIN": "/plugins/maps",
    "$PLUGIN/": "/plugins/maps",
    "$PLUGIN/assets/x": "/plugins/maps/assets/x",
    "$DATA/cache": "/data/maps/cache",
    "$TMP": "/scratch/maps",
    "${maps}": "/srv/maps",
    "${maps}/eu": "/srv/maps/eu",
    "${other=/opt}/x": "/opt/x",
  };
  for (const kind of ["read", "write", "ffi"] as const) {
    for (const [text, path] of Object.entries(paths)) assertStrictEquals(parse(kind, text), path);
  }
});

Deno.test("parsePermission() refuses paths that are relative, climb, or begin with an unknown name", () => {
  const relative = [
    "a",
    "./a",
    "../a",
    "~",
    "~/x",
    "-",
    "file:///a",
    "\\a",
    "\\\\server\\share",
    "C:x",
    "C:\\x",
    "c:/x",
    "Z:\\",
  ];
  const climbing = [
    "/..",
    "/a/..",
    "/a/../b",
    "$PLUGIN/..",
    "$PLUGIN/../x",
    "$DATA/a/../../b",
    "/a\\..\\b",
    "${maps}/..",
  ];
  const names = [
    "$HOME",
    "$PLUGINX",
    "$PLUGIN_DIR",
    "$plugin",
    "$",
    "$$",
    "$PLUGIN$DATA",
    "/a/$PLUGIN",
    "/a/$b",
    "$PLUGIN\\x",
    "$(id)",
    "/`id`/$x",
  ];
  for (const kind of ["read", "write", "ffi"] as const) {
    for (const text of relative) refuse(kind, text, "is not absolute");
    for (const text of climbing) refuse(kind, text, 'holds ".."');
    for (const text of names) refuse(kind, text, "$");
  }
});

Deno.test("parsePermission() takes drives where the plugin's own folder is on one", () => {
  const scope = { pluginDir: "C:\\plugins\\maps", dataDir: "C:\\data", tmpDir: "C:\\tmp" };
  const paths = {
    "D:\\a": "D:\\a",
    "d:/a//b/": "d:\\a\\b",
    "$PLUGIN": "C:\\plugins\\maps",
    "$PLUGIN/x": "C:\\plugins\\maps\\x",
    "C:\\": "C:\\",
  };
  for (const [text, path] of Object.entries(paths)) assertStrictEquals(parse("read", text, scope), path);
  assertStrictEquals(parse("run", "C:\\bin\\git.exe", scope), "C:\\bin\\git.exe");
  for (const text of ["C:x", "C:\\a\\..\\b", "C:/../x"]) refuse("read", text, "", scope);
  refuse("run", "C:\\bin\\git.exe", "is no absolute program");
});

Deno.test("parsePermission() follows links, and refuses one that leads out of the plugin's folders", () => {
  const links: Record<string, string> = {
    "/srv/current": "/srv/2026",
    "/plugins/maps/etc": "/etc",
    "/data/maps/in": "/data/maps/out",
  };
  const realPath = (path: string) => links[path] ?? path;
  assertStrictEquals(parse("read", "/srv/current", { realPath }), "/srv/2026");
  assertStrictEquals(parse("write", "$DATA/in", { realPath }), "/data/maps/out");
  assertStrictEquals(parse("read", "/plugins/maps/etc", { realPath }), "/etc");
  refuse("read", "$PLUGIN/etc", 'leads to "/etc", which is outside $PLUGIN', { realPath });
  // Beside the folder, not in it.
  refuse("read", "$PLUGIN/x", "outside $PLUGIN", { realPath: () => "/plugins/maps2/x" });
  refuse("read", "$PLUGIN/x", "outside $PLUGIN", { realPath: () => "/plugins/maps\\x" });
  for (const target of ["/a,/etc", "/a\nb", "/a*", "/a ", "/\ud800"]) {
    refuse("run", "/bin/x", "", { realPath: () => target });
  }
  for (const target of ["/a,/etc", "/a\nb", "/a*", "/a ", "/\ud800"]) {
    refuse("read", "/x", "", { realPath: () => target });
  }
});

Deno.test("parsePermission() takes whole absolute programs only", () => {
  assertStrictEquals(parse("run", "/usr/bin/git"), "/usr/bin/git");
  assertStrictEquals(parse("run", "/usr//bin/./git"), "/usr/bin/git");
  for (const text of ["git", "./git", "bin/git", "$PLUGIN/tool", "~/git"]) {
    refuse("run", text, "is no absolute program");
  }
  refuse("run", "/usr/../bin/git", 'holds ".."');
});

Deno.test("parsePermission() takes exact names of variables, and none that steers the runtime", () => {
  for (const name of ["LANG", "_", "a1", "PATH", "__proto__", "LD", "DENO", "NODE_OPTIONS_X"]) {
    assertStrictEquals(parse("env", name), name);
  }
  for (const text of ["A*", "A B", "A=B", "1A", "A-B", "Ä", "$A", "A.B", "A:B"]) refuse("env", text, "");
  const steering = [
    "LD_PRELOAD",
    "ld_preload",
    "LD_LIBRARY_PATH",
    "OTEL_X",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "DENO_DIR",
    "deno_auth_tokens",
    "DYLD_INSERT_LIBRARIES",
    "NODE_OPTIONS",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "NPM_CONFIG_REGISTRY",
    "V8_FLAGS",
  ];
  for (const name of steering) refuse("env", name, "is never granted");
});

Deno.test("parsePermission() takes the names of system facts that Deno knows", () => {
  for (const name of SYS_NAMES) assertStrictEquals(parse("sys", name), name);
  for (const text of ["host", "Hostname", "hostname ", "toString", "cpus|uid", "all"]) {
    refuse("sys", text, "");
  }
  refuse("sys", "unknown", "is none of cpus");
});

Deno.test("parsePermission() puts variables in, and says which has no value", () => {
  assertStrictEquals(parse("net", "${host}:${port}"), "api.test:8080");
  assertStrictEquals(parse("net", "127.0.0.1:${port=80}"), "127.0.0.1:8080");
  assertStrictEquals(parse("net", "127.0.0.1:${other=80}"), "127.0.0.1:80");
  for (const name of ["missing", "constructor", "tostring", "hasownproperty"]) {
    const error = assertThrows(() => parse("read", `\${${name}}`), PermissionValueError, "has no value");
    assertStrictEquals(error.variable, name);
  }
});

Deno.test("parsePermission() checks what variables bring as strictly as what stands in the manifest", () => {
  const hostile = [
    "",
    "/a,/etc",
    "/a*",
    "/a/../b",
    "/a/..",
    "..",
    "relative",
    "/a\nb",
    " /a",
    "/a\u0000",
    "$HOME",
    "~",
    "${maps}",
    "/a/${maps}",
  ];
  for (const value of hostile) refuse("read", "${x}", "", { vars: { x: value } });
  for (const value of ["", "80,evil.test:80", "*", "80 ", "0", "+1", "80/x"]) {
    refuse("net", "a.test:${x}", "", { vars: { x: value } });
  }
  for (const value of ["a.test:80,b.test", "*", "http://a", "10.0.0.0/8", "unix", "a.test:1"]) {
    refuse("net", "${x}:80", "", { vars: { x: value } });
  }
  refuse("env", "${x}", "", { vars: { x: "LD_PRELOAD" } });
  refuse("read", "$${x}/..", "", { vars: { x: "PLUGIN" } });
  refuse("read", "${x}/../..", "", { vars: { x: "$PLUGIN" } });
  refuse("read", "${x", "");
  refuse("read", "/a/${maps=${port}}", "");
  refuse("net", "${host=${port}}:80", "");
  // A replacement pattern of String.replace() is a text like any other.
  refuse("read", "${x}", "$", { vars: { x: "/a/$&$1$`" } });
});

Deno.test("checkPermissionText() refuses beforehand what no variable can mend", () => {
  for (
    const text of [
      "${maps}",
      "${maps}/eu",
      "/a/${name}",
      "${maps=/srv}",
      "$PLUGIN/${name=x}",
      "C:\\maps",
      "${maps=C:\\maps}",
    ]
  ) {
    checkPermissionText("read", text);
  }
  for (const text of ["${host}:80", "127.0.0.1:${port}", "${host=a.test}:${port=80}"]) {
    checkPermissionText("net", text);
  }
  const wrong: [PermissionKind, string][] = [
    ["read", "${Maps}"],
    ["read", "${}"],
    ["read", "${1a}"],
    ["read", "${a-b}"],
    ["read", "${a=${b}}"],
    ["read", "${maps"],
    ["read", "a/${maps}"],
    ["read", "${maps}/.."],
    ["read", "${maps=,}"],
    ["read", "$HOME/${maps}"],
    ["net", "127.0.0.1:${port=0}"],
    ["net", "${host=*}:80"],
    ["net", "${host=a.test}"],
    ["env", "${name=LD_PRELOAD}"],
    ["sys", "${name=everything}"],
    ["run", "git"],
  ];
  for (const [kind, text] of wrong) {
    assertThrows(() => checkPermissionText(kind, text), PermissionValueError, "", `${kind} ${text}`);
  }
});

Deno.test("checkPermissionText() accepts whatever parsePermission() accepts", () => {
  const text = fc.array(
    fc.constantFrom(
      "/",
      "a",
      "b.test",
      ":",
      "80",
      "$PLUGIN",
      "$DATA",
      "${v}",
      "${w=/d}",
      "..",
      ".",
      "LANG",
      "uid",
      "[::1]",
      "C:\\",
      "$",
      "{",
    ),
    { maxLength: 5 },
  ).map((parts) => parts.join(""));
  fc.assert(
    fc.property(
      fc.constantFrom(...PERMISSION_KINDS),
      text,
      fc.constantFrom("v", "1", "b.test"),
      (kind, text, value) => {
        // Variables in paths are absolute, whatever was given.
        const v = ["read", "write", "ffi"].includes(kind) ? `/${value}` : value;
        try {
          parsePermission(kind, text, { ...SCOPE, vars: { v } });
        } catch {
          return;
        }
        // Not so for run, where what is left of a variable is part of a name.
        if (kind !== "run") checkPermissionText(kind, text);
      },
    ),
    { numRuns: 2_000 },
  );
});

Deno.test("listVariables() finds names and defaults", () => {
  assertEquals(listVariables("${a}/x/${b=1 2}${c=}"), [
    { name: "a", fallback: undefined },
    { name: "b", fallback: "1 2" },
    { name: "c", fallback: "" },
  ]);
  assertEquals(listVariables("$a ${A} ${} $PLUGIN"), []);
});

Deno.test("parsePermission() throws nothing but PermissionValueError, and what it makes it takes again", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "/",
      "a",
      ".",
      "..",
      ":",
      "80",
      "[::1]",
      "$PLUGIN",
      "${maps}",
      "${port=1}",
      "*",
      ",",
      " ",
      "C:\\",
      "\u2028",
      "é",
      "unix",
      "LANG",
      "uid",
    ),
    anyText(3),
  );
  const text = fc.oneof(
    anyText(12),
    fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(fc.constantFrom(...PERMISSION_KINDS), text, (kind, text) => {
      let value: string;
      try {
        value = parse(kind, text);
      } catch (error) {
        assert(error instanceof PermissionValueError, String(error));
        return;
      }
      if (!value.includes("$")) assertStrictEquals(parse(kind, value), value);
    }),
    { numRuns: 2_000 },
  );
});
