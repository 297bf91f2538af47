import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError } from "@cordon/cordon";
import { explainPlugin } from "../../../src/lifecycle/explain.ts";
import { PluginSupervision } from "../../../src/lifecycle/consent/plugin_supervision.ts";
import { createPermissionSet } from "../../../src/permissions/permission_set.ts";
import { BEST_TIER, manifestText, openFixtures, writePlugin } from "../../fixtures/start_host.ts";

const ignore = Deno.build.os === "windows";
const ID = "fixture.reads-input";

Deno.test({
  name: "A supervised plugin shows as such, and what it is denied is counted and noted",
  ignore,
  async fn() {
    await using input = await writePlugin({ "a.txt": "a" });
    await using opened = await openFixtures(["reads_input"], {
      grant: "requested",
      vars: { input: input.dir },
      policy: { supervise: [ID] },
    });
    const { host } = opened;
    assertEquals(host.list()[0]?.supervised, false, "nothing runs yet");
    await host.start();
    assertEquals(await host.call(ID, "read", ["a.txt"]), "a");
    await assertRejects(() => host.call(ID, "read", ["../b.txt"]), CordonError, "Requires read access");
    const info = host.info(ID);
    assertEquals([info.supervised, info.denials, info.tier], [true, 1, BEST_TIER]);
    const events = host.journal.list({ id: ID });
    const denied = events.filter(({ type }) => type === "permission.denied");
    assertEquals(denied.map(({ facts }) => facts), [{
      kind: "read",
      value: `${input.dir.replace(/\/[^/]+$/, "")}/b.txt`,
      reason: "it is not granted",
    }]);
    const { evidence } = explainPlugin({
      plugin: info,
      plugins: host.list(),
      edges: [],
      events,
      crashes: [],
    });
    assertStringIncludes(
      evidence.join("\n"),
      "is supervised; 1 checks were denied since it started, as read",
    );
    await host.stop();
    assertEquals([host.info(ID).supervised, host.info(ID).denials], [false, undefined]);
  },
});

/** A plugin that reads a folder, which it can do without. */
const READS = {
  "plugin.toml": manifestText(ID, '[[permissions.read]]\npaths = ["${input}"]\noptional = true\n'),
  "main.ts": "export const activate = (ctx) => " +
    "({ read: (name) => Deno.readTextFile(`${ctx.vars.input}/${name}`) });",
};

Deno.test({
  name:
    "Consents.revoke() takes a permission back from a supervised plugin at once, and says so in the journal",
  ignore,
  async fn() {
    await using input = await writePlugin({ "a.txt": "a" });
    await using plugin = await writePlugin(READS);
    await using opened = await openFixtures([], { plugins: [plugin.dir], vars: { input: input.dir } });
    const { host } = opened;
    await host.consents.grant(ID, { scope: "all", supervise: true });
    await host.start();
    const { pid, exposure, supervised } = host.info(ID);
    assertEquals(supervised, true);
    assertEquals(await host.call(ID, "read", ["a.txt"]), "a");
    await host.consents.revoke(ID, { only: [`read:${input.dir}`] });
    await assertRejects(() => host.call(ID, "read", ["a.txt"]), CordonError, "it was taken back: ");
    const info = host.info(ID);
    assertEquals([info.pid, info.permissions.length], [pid, 0]);
    assert(info.exposure! < exposure!);
    const narrowed = host.journal.list({ id: ID }).find(({ type }) => type === "permission.narrowed");
    assertEquals(narrowed?.facts.narrowed, [{ kind: "read", value: input.dir }]);
  },
});

Deno.test(
  "Consents.grant() restarts a plugin that runs to put it under supervision",
  { ignore },
  async () => {
    await using input = await writePlugin({ "a.txt": "a" });
    await using plugin = await writePlugin(READS);
    await using opened = await openFixtures([], { plugins: [plugin.dir], vars: { input: input.dir } });
    const { host } = opened;
    await host.consents.grant(ID, { scope: "all" });
    await host.start();
    const { pid, supervised } = host.info(ID);
    assertEquals(supervised, false);
    await host.consents.grant(ID, { scope: "all", supervise: true });
    const info = host.info(ID);
    assertEquals([info.supervised, info.pid === pid], [true, false]);
  },
);

Deno.test("A plugin that cannot be supervised is blocked by policy when policy demands it", async () => {
  await using plugin = await writePlugin({
    "plugin.toml": manifestText("test.runs", '[[permissions.run]]\nprograms = ["/bin/true"]\n'),
    "main.ts": "export const activate = () => {};",
  });
  await using opened = await openFixtures([], {
    plugins: [plugin.dir],
    grant: "requested",
    policy: { supervise: ["test.runs"] },
  });
  const [{ state, reason, message }] = opened.host.list() as [ReturnType<typeof opened.host.info>];
  assertEquals([state, reason], ["blocked", "policy"]);
  assertStringIncludes(message!, "leaves Deno's permissions");
});

Deno.test("PluginSupervision notes a bounded number of denials, made safe to show", () => {
  const noted: unknown[] = [];
  const supervision = new PluginSupervision(
    { permissions: createPermissionSet([]), codeDir: "/code", tmpDir: "/tmp" },
    (denial) => noted.push(denial),
  );
  const workingDir = () => undefined;
  for (let count = 0; count < 1_000; count++) {
    supervision.decide({ permission: "read", value: `/\u001b[31m${"x".repeat(1_000)}`, workingDir });
  }
  assertEquals([supervision.denials, noted.length], [1_000, 10]);
  const { value } = noted[0] as { value: string };
  assertEquals([value.length, value.includes("\u001b")], [256, false]);
});
