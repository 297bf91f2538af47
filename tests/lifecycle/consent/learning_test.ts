import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { CordonError, type HostOptions, openHost } from "@cordon/cordon";
import { type Learned, Learning, type LearningOptions } from "../../../src/lifecycle/consent/learning.ts";
import { createPermissionSet } from "../../../src/permissions/permission_set.ts";
import { manifestText, writePlugin } from "../../fixtures/start_host.ts";

const ignore = Deno.build.os === "windows";
const ID = "test.learner";

/** Reads each of the paths, and tells which it could. */
const READER = `export const activate = () => ({
  read: (...paths) => paths.map((path) => { try { return Deno.readTextFileSync(path); } catch (e) { return e.name; } }),
  env: (name) => Deno.env.get(name),
  run: () => new Deno.Command("/bin/true").outputSync().code,
  all: () => Deno.env.toObject(),
});`;

/** Runs a plugin that is learned about, in a folder with some files. */
async function learnAbout(
  permissions: string,
  use: (call: (method: string, ...args: unknown[]) => Promise<unknown>, dir: string) => Promise<void>,
  options: Partial<LearningOptions> & Pick<HostOptions, "policy"> = {},
): Promise<Learned> {
  await using plugin = await writePlugin({
    "plugin.toml": manifestText(ID, permissions),
    "main.js": READER,
    "main.ts": 'export { activate } from "./main.js";',
  });
  await using files = await writePlugin({ "a.txt": "a", "b.txt": "b", "sub/c.txt": "c" });
  const data = await Deno.makeTempDir({ prefix: "cordon-test-" });
  try {
    const { policy, within = [], ...rest } = options;
    const learning = new Learning({
      id: ID,
      ceiling: policy?.ceiling,
      within: within.map(({ kind, text }) => ({ kind, text: text.replace("$FILES", files.dir) })),
      ...rest,
    });
    {
      const host = await openHost({
        plugins: [plugin.dir],
        data,
        vars: { files: files.dir },
        grant: "requested",
        policy,
        learning,
      });
      await using _host = host;
      await host.startPlugin(ID);
      await use((method, ...args) => host.call(ID, method, args), files.dir);
    }
    return learning.propose()!;
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

Deno.test({
  name: "Learning denies what the manifest does not name, and proposes it all the same",
  ignore,
  async fn() {
    const learned = await learnAbout('[[permissions.read]]\npaths = ["/never"]\n', async (call, dir) => {
      assertEquals(await call("read", `${dir}/a.txt`), ["NotCapable"]);
      await assertRejects(() => call("env", "HOME"), CordonError);
      await assertRejects(() => call("run"), CordonError);
      await assertRejects(() => call("all"), CordonError);
    });
    assertEquals(learned.unused, [{ kind: "read", text: "/never" }]);
    assertEquals(learned.added.map(({ kind, rule }) => [kind, rule]), [["read", "exact"], ["env", "exact"]]);
    assertEquals(learned.impossible.map(({ kind, value }) => [kind, value]).toSorted(), [
      ["env", undefined],
      ["run", "/bin/true"],
    ]);
    assertEquals([learned.isExact, learned.isCut], [false, false]);
    assertEquals(learned.uses.filter(({ allowed, kind }) => allowed > 0 && kind !== "read"), []);
  },
});

Deno.test({
  name:
    "Learning lets a plugin try what it was told to, within the ceiling, and never a program or our own data",
  ignore,
  async fn() {
    const within = [{ kind: "read", text: "$FILES/sub" }, { kind: "env", text: "PATH" }] as const;
    const learned = await learnAbout("", async (call, dir) => {
      assertEquals(await call("read", `${dir}/sub/c.txt`, `${dir}/a.txt`), ["c", "NotCapable"]);
      assertEquals(await call("env", "PATH"), Deno.env.get("PATH"));
    }, { within });
    assertEquals(learned.added.map(({ kind, checks }) => [kind, checks]), [["read", 1], ["read", 1], [
      "env",
      1,
    ]]);

    const ceiling = createPermissionSet([
      { kind: "read", value: "/" },
      { kind: "run", value: "/bin/true" },
    ]);
    await learnAbout("", async (call, dir) => {
      assertEquals(await call("read", `${dir}/a.txt`), ["a"]);
      await assertRejects(() => call("run"), CordonError);
      await assertRejects(() => call("env", "PATH"), CordonError);
    }, { allowUndeclared: true, policy: { ceiling } });
    await learnAbout("", async (call, dir) => {
      assertEquals(await call("read", `${dir}/a.txt`), ["NotCapable"]);
    }, { within: [{ kind: "read", text: "$FILES" }], policy: { ceiling: createPermissionSet([]) } });
  },
});

Deno.test({
  name: "Learning keeps Cordon's own data closed, whatever the ceiling allows",
  ignore,
  async fn() {
    await using plugin = await writePlugin({ "plugin.toml": manifestText(ID), "main.ts": READER });
    const data = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-test-" }));
    const ceiling = createPermissionSet([{ kind: "read", value: "/" }]);
    const learning = new Learning({ id: ID, ceiling, allowUndeclared: true });
    {
      await using host = await openHost({ plugins: [plugin.dir], data, policy: { ceiling }, learning });
      assertEquals(await host.call(ID, "read", [`${data}/cordon.db`]), ["NotCapable"]);
    }
    const { added, impossible } = learning.propose()!;
    assertEquals([added, impossible.map(({ because }) => because)], [[], [
      "it would open Cordon's own data",
    ]]);
    await Deno.remove(data, { recursive: true });
  },
});

Deno.test("Learning refuses to let a plugin try everything where no ceiling bounds that", () => {
  const error = assertThrows(
    () => new Learning({ id: ID, ceiling: undefined, allowUndeclared: true }),
    CordonError,
  );
  assertEquals(error.code, "policy");
});

Deno.test("Learning refuses a worker, and a bound that stands for nothing", async () => {
  await using worker = await writePlugin({
    "plugin.toml": manifestText(ID, '[run]\nmode = "worker"\n'),
    "main.ts": READER,
  });
  const start = async (dir: string, options: Partial<LearningOptions>) => {
    const data = await Deno.makeTempDir({ prefix: "cordon-test-" });
    try {
      const learning = new Learning({ id: ID, ceiling: undefined, ...options });
      await using host = await openHost({ plugins: [dir], data, policy: { allowWorker: true }, learning });
      await host.startPlugin(ID);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  };
  assertStringIncludes(
    (await assertRejects(() => start(worker.dir, {}), CordonError)).message,
    "as a worker",
  );
  await using plain = await writePlugin({ "plugin.toml": manifestText(ID), "main.ts": READER });
  const within = [{ kind: "read", text: "relative" }] as const;
  await assertRejects(() => start(plain.dir, { within }), CordonError, "is not absolute");
});

Deno.test("Learning.settle() ends when its signal aborts", async () => {
  const learning = new Learning({ id: ID, ceiling: undefined });
  await learning.settle({ signal: AbortSignal.abort() });
  const soon = new AbortController();
  const settled = learning.settle({ signal: soon.signal });
  soon.abort();
  await settled;
  assertEquals(learning.propose(), undefined);
});
