import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Permission } from "../../src/permissions/permission_set.ts";
import { type Confinement, planConfinement } from "../../src/sandbox/confinement.ts";
import type { ProcessBounds } from "../../src/sandbox/sandbox.ts";
import { createSpec } from "./open_plugin.ts";

/** A temporary folder with the folders of a plugin in it; gone with the block. */
async function openFolder(): Promise<{ dir: string } & AsyncDisposable> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-confinement-" }));
  for (const name of ["code", "data", "deno", "scratch", "maps"]) await Deno.mkdir(`${dir}/${name}`);
  return { dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

function plan(dir: string, permissions: readonly Permission[], bounds?: ProcessBounds): Confinement {
  const spec = createSpec(dir, { permissions, ...(bounds === undefined ? {} : { bounds }) });
  return planConfinement(spec, { argv: ["/deno", "run"], env: {}, bootstrap: `${dir}/boot.js` });
}

/** The rules about paths in the folder, shortened. */
function rulesOf(dir: string, { order }: Confinement): string[] {
  return order.rules.filter(({ path }) => path.startsWith(dir))
    .map(({ path, uses }) => `${path.slice(dir.length)} ${uses.join(" ")}`);
}

Deno.test("planConfinement() gives a plugin without grants its code, its cache and nothing of the network", async () => {
  await using folder = await openFolder();
  const { dir } = folder;
  const confinement = plan(dir, []);
  assertEquals(rulesOf(dir, confinement), ["/boot.js read", "/code read", "/deno read write"]);
  const { argv, cwd, connectPorts, bindPorts, calls, resolvesNames, limits } = confinement.order;
  assertEquals({ argv, cwd, connectPorts, bindPorts, calls, resolvesNames }, {
    argv: ["/deno", "run"],
    cwd: `${dir}/scratch`,
    connectPorts: [],
    bindPorts: [],
    calls: { internet: false, listens: false, asksNetwork: false, unix: true },
    resolvesNames: false,
  });
  assertEquals(limits, { descriptors: 256, fileBytes: undefined, dataBytes: undefined });
  assertEquals(confinement.notes, []);
});

Deno.test("planConfinement() opens what is there as it was granted", async () => {
  await using folder = await openFolder();
  const { dir } = folder;
  await Deno.writeTextFile(`${dir}/note.txt`, "");
  const confinement = plan(dir, [
    { kind: "read", value: `${dir}/maps` },
    { kind: "write", value: `${dir}/data` },
    { kind: "write", value: `${dir}/note.txt` },
  ]);
  assertEquals(rulesOf(dir, confinement).slice(3), ["/maps read", "/data write", "/note.txt write"]);
});

Deno.test("planConfinement() makes a granted folder that is not there, and opens no more than it says for a file", async () => {
  await using folder = await openFolder();
  const { dir } = folder;
  const confinement = plan(dir, [
    { kind: "write", value: `${dir}/site/pages` },
    { kind: "write", value: `${dir}/maps/index.json` },
    { kind: "write", value: `${dir}/none/index.json` },
    { kind: "write", value: `${dir}/data/cache` },
    { kind: "read", value: `${dir}/later` },
  ]);
  assertEquals(rulesOf(dir, confinement).slice(3).sort(), [
    "/data write",
    "/maps write",
    "/site/pages write",
  ]);
  assertEquals((await Deno.stat(`${dir}/site/pages`)).isDirectory, true);
  const [closed, ...others] = confinement.notes.toSorted();
  assertStringIncludes(closed!, `"${dir}/later" is not there: it stays closed`);
  assertStringIncludes(others[0]!, `the kernel holds its folder "${dir}/maps" open, Deno the file alone`);
  assertStringIncludes(others[1]!, "nor is its folder: it stays closed");
});

Deno.test("planConfinement() opens ports, and lets listen only where an address can be this machine's own", async () => {
  await using folder = await openFolder();
  const hosts = (...values: string[]) => plan(folder.dir, values.map((value) => ({ kind: "net", value })));
  const local = hosts("127.0.0.1:8080", "[::1]:8081", "0.0.0.0:80").order;
  assertEquals([local.connectPorts.toSorted(), local.bindPorts.toSorted()], [[80, 8080, 8081], [
    80,
    8080,
    8081,
  ]]);
  assertEquals([local.calls.internet, local.resolvesNames], [true, false]);
  const remote = hosts("api.example.org:443").order;
  assertEquals([remote.connectPorts, remote.bindPorts, remote.resolvesNames], [[443, 53], [], true]);
});

Deno.test("planConfinement() lets a granted program be executed, with the interpreter it names, and no other", async () => {
  await using folder = await openFolder();
  const { dir } = folder;
  await Deno.writeTextFile(`${dir}/tool`, `#!${dir}/interpreter -x\n`);
  await Deno.writeTextFile(`${dir}/interpreter`, "");
  const { order } = plan(dir, [{ kind: "run", value: `${dir}/tool` }]);
  const executed = order.rules.filter(({ uses }) => uses.includes("execute")).map(({ path }) => path);
  assertEquals(executed, [`${dir}/tool`, `${dir}/interpreter`]);
  assertEquals(order.calls.unix, false);
});

Deno.test("planConfinement() bounds the process, with room for Deno itself", async () => {
  await using folder = await openFolder();
  const MIB = 2 ** 20;
  const { order } = plan(folder.dir, [], { memoryBytes: 100 * MIB, descriptors: 64, fileBytes: 1 });
  assertEquals(order.limits, { descriptors: 64, fileBytes: 8 * MIB, dataBytes: 700 * MIB });
});

Deno.test("planConfinement() opens what answering a granted fact about the system reads", async () => {
  await using folder = await openFolder();
  const { order } = plan(folder.dir, [{ kind: "sys", value: "cpus" }, { kind: "sys", value: "hostname" }]);
  assertEquals(order.rules.map(({ path }) => path).filter((path) => /^\/(proc|sys)/.test(path)), [
    "/proc/cpuinfo",
    "/proc/stat",
    "/sys/devices/system/cpu",
  ]);
});
