import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { CordonError } from "../../src/errors.ts";
import { HostFolders, realPath } from "../../src/lifecycle/folders.ts";

/** A folder that is gone at the end of the test. */
async function makeDir(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-test-" }));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Has XDG_RUNTIME_DIR be something else for a while. */
function setRuntimeDir(path: string | undefined): Disposable {
  const get = Deno.env.get.bind(Deno.env);
  return stub(Deno.env, "get", (name) => name === "XDG_RUNTIME_DIR" ? path : get(name));
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

Deno.test("HostFolders.open() makes a data folder for its owner only, with a place for sockets that goes again", async () => {
  await using dir = await makeDir();
  const path = `${dir.path}/new/data`;
  {
    await using folders = await HostFolders.open(path);
    assertStrictEquals(folders.data, path);
    assertStrictEquals((await Deno.stat(path)).mode! & 0o777, 0o700);
    assert(folders.sockets.startsWith(`${path}/run-`));
    assertStrictEquals((await Deno.stat(folders.sockets)).mode! & 0o777, 0o700);
    assertEquals(folders.protected, [folders.data, folders.sockets]);
    assertEquals([folders.work, folders.bootstrap, folders.prepared], [
      `${path}/work`,
      `${path}/bootstrap`,
      `${path}/prepared`,
    ]);
  }
  assertEquals((await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort(), [
    "host.lock",
    "work",
  ]);
});

Deno.test("HostFolders.open() resolves links and relative paths, and turns a second host away by whatever path", async () => {
  await using dir = await makeDir();
  await Deno.mkdir(`${dir.path}/real`);
  await Deno.symlink(`${dir.path}/real`, `${dir.path}/link`);
  {
    await using first = await HostFolders.open(`${dir.path}/link/./data/`);
    assertStrictEquals(first.data, `${dir.path}/real/data`);
    const error = await assertRejects(() => HostFolders.open(`${dir.path}/real/data`), CordonError);
    assertEquals([error.code, error.facts.pid], ["data_in_use", Deno.pid]);
  }
  await using again = await HostFolders.open(`${dir.path}/real/data`);
  assertStrictEquals(again.data, `${dir.path}/real/data`);
});

Deno.test("HostFolders.open() clears away what a killed host left, and nothing else", async () => {
  await using dir = await makeDir();
  const [left, kept] = [[
    "work/a.ts",
    "run-old/socket",
    "prepared/making-x/f",
    "bootstrap/0123.js.01234567-89ab-cdef-0123-456789abcdef",
  ], [
    "prepared/0123/f",
    "bootstrap/0123.js",
    "plugins/a.b/data/f",
  ]];
  for (const file of [...left, ...kept]) {
    await Deno.mkdir(`${dir.path}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${dir.path}/${file}`, "");
  }
  await using _folders = await HostFolders.open(dir.path);
  for (const file of left) assert(!await exists(`${dir.path}/${file}`), file);
  for (const file of kept) assert(await exists(`${dir.path}/${file}`), file);
});

Deno.test("HostFolders.open() puts sockets elsewhere when the data folder's path is too long for them", async () => {
  await using dir = await makeDir();
  const long = `${dir.path}/${"x".repeat(100)}`;
  {
    using _runtime = setRuntimeDir(undefined);
    await using folders = await HostFolders.open(long);
    assert(!folders.sockets.startsWith(folders.data) && folders.sockets.length < 80, folders.sockets);
    assertEquals(folders.protected, [folders.data, folders.sockets]);
    // Short enough for a socket to be made there.
    using listener = Deno.listen({ transport: "unix", path: `${folders.sockets}/123456789012345678` });
    assertStrictEquals(listener.addr.transport, "unix");
  }
  {
    using _runtime = setRuntimeDir(dir.path);
    await using folders = await HostFolders.open(long);
    assert(folders.sockets.startsWith(`${dir.path}/run-`), folders.sockets);
  }
  {
    // A runtime folder that is not there is no reason to fail.
    using _runtime = setRuntimeDir(`${dir.path}/none`);
    await using folders = await HostFolders.open(long);
    assert(await exists(folders.sockets));
  }
});

Deno.test("HostFolders.open() says so when the folder cannot be used", async () => {
  await using dir = await makeDir();
  await Deno.writeTextFile(`${dir.path}/file`, "");
  for (const path of [`${dir.path}/file`, `${dir.path}/file/data`]) {
    const error = await assertRejects(() => HostFolders.open(path), CordonError);
    assertEquals([error.code, error.message.startsWith(`Cannot use the data folder "${path}": `)], [
      "not_writable",
      true,
    ]);
  }
});

Deno.test("HostFolders.makeForPlugin() keeps a plugin's data and empties its working folder", async () => {
  await using dir = await makeDir();
  await using folders = await HostFolders.open(dir.path);
  const made = await folders.makeForPlugin("acme.geo");
  assertEquals(made, folders.ofPlugin("acme.geo"));
  assertStrictEquals(made.data, `${dir.path}/plugins/acme.geo/data`);
  await Deno.writeTextFile(`${made.data}/kept`, "");
  await Deno.mkdir(`${made.scratch}/sub`);
  await Deno.writeTextFile(`${made.scratch}/sub/gone`, "");
  await folders.makeForPlugin("acme.geo");
  assertEquals([
    await exists(`${made.data}/kept`),
    await exists(`${made.scratch}/sub`),
    await exists(made.scratch),
  ], [true, false, true]);
});

Deno.test("realPath() resolves links as far as a path exists", async () => {
  await using dir = await makeDir();
  await Deno.mkdir(`${dir.path}/real/sub`, { recursive: true });
  await Deno.writeTextFile(`${dir.path}/real/file`, "");
  await Deno.symlink("real", `${dir.path}/link`);
  const paths = {
    "real": "real",
    "link": "real",
    "link/sub/": "real/sub",
    "link/file": "real/file",
    "link/none": "real/none",
    "link/none/deeper/../still": "real/none/still",
    "none/link": "none/link",
    "link/sub/../../none": "none",
  };
  for (const [path, real] of Object.entries(paths)) {
    assertStrictEquals(realPath(`${dir.path}/${path}`), `${dir.path}/${real}`, path);
  }
  assertStrictEquals(realPath("/none/at/all"), "/none/at/all");
  assertStrictEquals(realPath("."), Deno.cwd());
  assertStrictEquals(realPath("none"), `${Deno.cwd()}/none`);
  // What cannot be looked up stays as it is; whoever takes it as a permission refuses it.
  assertStrictEquals(realPath("/nul\u0000/x"), "/nul\u0000/x");
});
