import { assert, assertEquals, assertThrows } from "@std/assert";
import { renderArguments } from "../../src/sandbox/command_line.ts";
import type { SandboxSpec } from "../../src/sandbox/sandbox.ts";
import { createSpec } from "./open_plugin.ts";

const FIXED = [
  "run",
  "--quiet",
  "--no-prompt",
  "--no-config",
  "--no-lock",
  "--no-npm",
  "--no-remote",
  "--cached-only",
  "--no-check",
  "--node-modules-dir=none",
  "--location=https://test.plugin.plugin.invalid/",
];

function render(spec: SandboxSpec, socket: string | undefined, tier: "os" | "deno" = "deno"): string[] {
  return renderArguments(spec, { bootstrap: "/b.js", socket, tier });
}

Deno.test("renderArguments() gives a plugin without grants its own folder and the channel, nothing else", () => {
  assertEquals(render(createSpec("/d"), "/s/1"), [
    ...FIXED,
    "--deny-import",
    "--allow-net=unix:/s/1",
    "--allow-read=/d/code,/s/1",
    "--allow-write=/s/1",
    "--deny-run",
    "--deny-ffi",
    "/b.js",
    "unix",
    "/s/1",
    "",
    "threads",
  ]);
});

Deno.test("renderArguments() opens no permission for a channel over stdio", () => {
  assertEquals(render(createSpec("/d"), undefined), [
    ...FIXED,
    "--deny-import",
    "--allow-read=/d/code",
    "--deny-run",
    "--deny-ffi",
    "/b.js",
    "stdio",
    "",
    "",
    "threads",
  ]);
});

Deno.test("renderArguments() renders each grant under its own kind, and bounds the heap", () => {
  const spec = createSpec("/d", {
    heapMib: 64,
    bounds: { memoryBytes: undefined, descriptors: 256, fileBytes: undefined },
    permissions: [
      { kind: "net", value: "127.0.0.1:80" },
      { kind: "net", value: "[::1]:80" },
      { kind: "read", value: "/maps" },
      { kind: "write", value: "/d/data" },
      { kind: "env", value: "LANG" },
      { kind: "sys", value: "hostname" },
      { kind: "run", value: "/usr/bin/git" },
      { kind: "ffi", value: "/usr/lib/libz.so.1" },
    ],
  });
  assertEquals(render(spec, "/s/1").slice(FIXED.length), [
    "--v8-flags=--max-old-space-size=64",
    "--deny-import",
    "--allow-net=127.0.0.1:80,[::1]:80,unix:/s/1",
    "--allow-read=/d/code,/maps,/s/1",
    "--allow-write=/d/data,/s/1",
    "--allow-env=LANG",
    "--allow-sys=hostname",
    "--allow-run=/usr/bin/git",
    "--allow-ffi=/usr/lib/libz.so.1",
    "/b.js",
    "unix",
    "/s/1",
    "",
    "threads,wasi",
  ]);
});

Deno.test("renderArguments() tells the bootstrap which permission of the channel a grant covers", () => {
  const permissions = [{ kind: "read", value: "/" }, { kind: "write", value: "/s" }] as const;
  const args = render(createSpec("/d", { permissions }), "/s/1");
  assertEquals(args.slice(-4), ["unix", "/s/1", "read,write", "threads,wasi"]);
});

Deno.test("renderArguments() has nothing of Node taken apart where the kernel confines", () => {
  const permissions = [{ kind: "write", value: "/s" }] as const;
  assertEquals(render(createSpec("/d", { permissions }), "/s/1", "os").at(-1), "");
});

Deno.test("renderArguments() never renders a bare permission or an unstable flag", () => {
  for (const socket of ["/s/1", undefined]) {
    for (const argument of render(createSpec("/d"), socket)) {
      assert(!/^--allow-[a-z]+$|^--allow-all|^-A$|^--unstable/.test(argument), argument);
    }
  }
});

Deno.test("renderArguments() refuses values that Deno would read as more than one", () => {
  for (const value of ["", "/a,/b", "*", "/a\n/b", " /a"]) {
    const permissions = [{ kind: "read", value }] as const;
    assertThrows(() => render(createSpec("/d", { permissions }), "/s/1"), RangeError);
  }
});
