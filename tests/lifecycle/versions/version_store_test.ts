import { assert, assertEquals, assertRejects } from "@std/assert";
import { stub } from "@std/testing/mock";
import { eventually } from "../../faults/host_process.ts";
import { ID, NEVER, openStore } from "./open_store.ts";

const VICTIM = new URL("copy_victim.ts", import.meta.url).pathname;
const CONFIG = new URL("../../../deno.json", import.meta.url).pathname;
const VERSIONS = `plugins/${ID}/versions`;

Deno.test("VersionStore.keep() copies what ran, whole, and find() finds it", async () => {
  await using site = await openStore();
  const source = await site.put("1.0.0", { "lib/a.ts": "export const a = 1;", ".git/HEAD": "ref" });
  assertEquals(await site.store.find(ID, source.hash), undefined);
  assertEquals(await site.store.keep(source, NEVER), "copied");
  const copy = (await site.store.find(ID, source.hash))!;
  assertEquals(copy, `${site.folders.data}/${VERSIONS}/${source.hash}`);
  assertEquals(site.names(`${VERSIONS}/${source.hash}`), ["lib", "main.ts", "plugin.toml"]);
  assertEquals(await Deno.readTextFile(`${copy}/lib/a.ts`), "export const a = 1;");
  assertEquals(site.names("work"), []);
  const [record, ...more] = site.registry.versions.list(ID);
  assertEquals([record!.version, record!.verdict, record!.bytes > 100, more], ["1.0.0", "trial", true, []]);

  // What runs from its copy is kept already.
  assertEquals(await site.store.keep({ ...source, dir: copy }, NEVER), "kept");
  assertEquals(site.registry.versions.list(ID).length, 1);
});

Deno.test("VersionStore.keep() makes no mixed copy: files that are not those that ran are left alone", async (test) => {
  await using site = await openStore();
  const source = await site.put("1.0.0");
  const refused = async () => {
    assertEquals(await site.store.keep(source, NEVER), "changed");
    assertEquals([site.names(VERSIONS), site.names("work")], [[], []]);
    assertEquals(site.registry.versions.list(ID), []);
  };
  await test.step("a save", async () => {
    await Deno.writeTextFile(`${site.dir}/main.ts`, "// saved");
    await refused();
  });
  await test.step("a link out", async () => {
    await Deno.remove(`${site.dir}/main.ts`);
    await Deno.symlink("/etc/hostname", `${site.dir}/main.ts`);
    await refused();
  });
  await test.step("a folder that went", async () => {
    await Deno.remove(site.dir, { recursive: true });
    await refused();
  });
  await test.step("a save in the middle of copying", async () => {
    const again = await site.put("1.0.0", { "z.txt": "before" });
    const { copyFile } = Deno;
    using _copying = stub(Deno, "copyFile", async (from, to) => {
      await copyFile(from, to);
      if (String(from).endsWith("/main.ts")) await Deno.writeTextFile(`${site.dir}/z.txt`, "after");
    });
    assertEquals(await site.store.keep(again, NEVER), "changed");
    assertEquals([site.names(VERSIONS), site.names("work")], [[], []]);
  });
});

Deno.test("VersionStore.keep() keeps nothing that is too large, and stops when it is told to", async () => {
  await using site = await openStore({ maxCopyBytes: 1_000 });
  const large = await site.put("1.0.0", { "a.bin": "x".repeat(1_000) });
  assertEquals(await site.store.keep(large, NEVER), "too_large");
  const small = await site.put("1.0.1", { "a.bin": "x" });
  await assertRejects(() => site.store.keep(small, AbortSignal.abort(new Error("over"))), Error, "over");
  assertEquals([site.names(VERSIONS), site.names("work")], [[], []]);
});

Deno.test("VersionStore.find() forgets a copy that is not what it was, and keep() makes it anew", async () => {
  await using site = await openStore();
  const source = await site.put("1.0.0");
  await site.store.keep(source, NEVER);
  await Deno.writeTextFile(`${site.folders.data}/${VERSIONS}/${source.hash}/more.ts`, "// slipped in");
  assertEquals(await site.store.find(ID, source.hash), undefined);
  assertEquals(site.registry.versions.list(ID), []);
  assertEquals(await site.store.keep(source, NEVER), "copied");
  assertEquals(site.names(`${VERSIONS}/${source.hash}`), ["main.ts", "plugin.toml"]);
});

Deno.test("VersionStore.keep() lets the oldest go: three good ones and two others stay beside what runs", async () => {
  await using site = await openStore();
  const { versions } = site.registry;
  const keep = async (version: string, isGood: boolean) => {
    const source = await site.put(version);
    await site.store.keep(source, NEVER);
    if (isGood) versions.markGood(ID, source.hash);
    return source;
  };
  const first = await keep("1.0.0", true);
  for (const minor of [1, 2, 3, 4]) await keep(`1.${minor}.0`, true);
  for (const minor of [5, 6, 7, 8]) await keep(`1.${minor}.0`, false);
  const left = () => versions.list(ID).map(({ version }) => version);
  assertEquals(left(), ["1.8.0", "1.7.0", "1.6.0", "1.4.0", "1.3.0", "1.2.0"]);
  assertEquals(site.names(VERSIONS), versions.list(ID).map(({ hash }) => hash).sort());
  assertEquals(await site.store.find(ID, first.hash), undefined);

  // One that runs again is the last that ran; a rejected one takes no place.
  const [, , , fourth] = versions.list(ID);
  await site.store.keep({ ...fourth!, dir: (await site.store.find(ID, fourth!.hash))! }, NEVER);
  versions.reject({ ...versions.list(ID)[1]!, reason: "it crashed", successor: fourth!.hash });
  await keep("1.9.0", false);
  assertEquals(left(), ["1.9.0", "1.8.0", "1.4.0", "1.7.0", "1.3.0", "1.2.0"]);
  assertEquals(site.names(VERSIONS).length, 5);
});

Deno.test("A host killed in the middle of copying leaves no copy, and nothing in its way", async () => {
  const base = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-test-" }));
  let round = 0;
  for (let tries = 0; round < 2; tries++) {
    const victim = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--config", CONFIG, VICTIM, base],
      stdout: "null",
      stderr: "null",
    }).spawn();
    await eventually(() => countCopied(base) > 100 * (round + 1), "the copy");
    victim.kill("SIGKILL");
    await victim.status;
    if (countCopied(base) === 0) {
      // It was done before it could be killed, as on a machine that had other things to do.
      assert(tries < 10, "it was always done already");
      await Deno.remove(base, { recursive: true });
      await Deno.mkdir(base);
      continue;
    }
    round++;
    await using site = await openStore({ base });
    assertEquals([site.names("work"), site.names(VERSIONS)], [[], []]);
    assertEquals(site.registry.versions.list(ID), []);
  }
  {
    await using site = await openStore({ base });
    const source = await site.put("1.0.0");
    assertEquals(await site.store.keep(source, NEVER), "copied");
    assertEquals(await site.store.find(ID, source.hash) !== undefined, true);
  }
  await Deno.remove(base, { recursive: true });
});

/** Files in a copy that is being made. */
function countCopied(base: string): number {
  const work = `${base}/data/work`;
  try {
    const [making] = [...Deno.readDirSync(work)];
    return making === undefined ? 0 : [...Deno.readDirSync(`${work}/${making.name}/assets`)].length;
  } catch {
    // Not there yet.
    return 0;
  }
}
