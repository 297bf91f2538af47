import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError, type HostOptions, openHost, type PluginHost } from "@cordon/cordon";
import { eventually } from "../../faults/host_process.ts";
import { manifestText, writePlugin } from "../../fixtures/start_host.ts";

const ID = "acme.weather";

/** One plugin's folder, and hosts on it. */
interface Site extends AsyncDisposable {
  readonly dir: string;
  /** What the hosts said. */
  readonly notices: string[];
  /** Writes another version into the folder. */
  put(version: string, more?: string, extra?: string): Promise<void>;
  /** Opens and starts a host, in place of the one before; it is closed with the site. */
  start(options?: Partial<HostOptions>): Promise<PluginHost>;
  /** Opens a host for looking, in place of the one before. */
  look(): Promise<PluginHost>;
}

async function openSite(): Promise<Site> {
  const folder = await writePlugin({});
  const notices: string[] = [];
  let host: PluginHost | undefined;
  const dir = `${folder.dir}/plugins/weather`;
  const open = async (options: Partial<HostOptions>) => {
    await host?.[Symbol.asyncDispose]();
    return host = await openHost({
      plugins: [`${folder.dir}/plugins`],
      data: `${folder.dir}/data`,
      grant: "requested",
      onNotice: (message) => notices.push(message),
      ...options,
    });
  };
  return {
    dir,
    notices,
    async put(version, more = "", extra = "") {
      await Deno.mkdir(dir, { recursive: true });
      const manifest = manifestText(ID, more).replace("1.0.0", version);
      await Deno.writeTextFile(`${dir}/plugin.toml`, manifest);
      await Deno.writeTextFile(
        `${dir}/main.ts`,
        `${extra}\nexport const activate = () => ({ answer: () => "${version}", where: () => import.meta.url });`,
      );
    },
    async start(options = {}) {
      await open(options);
      await host!.start();
      return host!;
    },
    look: () => open({ lookOnly: true }),
    async [Symbol.asyncDispose]() {
      await host?.[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Waits until the version that runs is kept. */
async function kept(host: PluginHost): Promise<void> {
  await eventually(() => host.versions(ID).some(({ isCurrent }) => isCurrent), "a copy of what runs");
}

/** Lets versions take over one after the other; each is kept. */
async function runThrough(site: Site, host: PluginHost, ...versions: string[]): Promise<void> {
  for (const version of versions) {
    await site.put(version);
    await host.reload(ID);
    await kept(host);
  }
}

/** Has the process that runs die. */
function crash(host: PluginHost): void {
  Deno.kill(host.info(ID).pid!, "SIGKILL");
}

async function answers(host: PluginHost, version: string): Promise<void> {
  await eventually(
    () => host.info(ID).state === "running" && host.info(ID).version === version,
    `${ID} ${version}`,
  );
  assertEquals(await host.call(ID, "answer"), version);
}

Deno.test("A version that crashes within its trial goes back to the one before, and stays away until its files change", async (test) => {
  await using site = await openSite();
  await site.put("1.0.0");
  const first = await site.start();
  await kept(first);
  await runThrough(site, first, "1.1.0");

  await test.step("the one before runs from its copy", async () => {
    crash(first);
    await answers(first, "1.0.0");
    const { rolledBack, dir, state } = first.info(ID);
    assertEquals([rolledBack?.version, dir, state], ["1.1.0", site.dir, "running"]);
    assertStringIncludes(rolledBack!.reason, "signal SIGKILL");
    assertStringIncludes(String(await first.call(ID, "where")), `/data/plugins/${ID}/versions/`);
    assert(site.notices.some((notice) => notice.includes(`was rolled back from 1.1.0 to 1.0.0`)));
    const event = first.journal.list().find(({ type }) => type === "plugin.rolled_back");
    assertEquals([event?.id, event?.facts.from, event?.facts.to], [ID, "1.1.0", "1.0.0"]);
    assertEquals(
      first.versions(ID).map(({ version, verdict, isCurrent }) => [version, verdict, isCurrent]).sort(),
      [["1.0.0", "trial", true], ["1.1.0", "rejected", false]],
    );
  });

  await test.step("a reload does not let the rejected files take over, awake or not", async () => {
    const error = await assertRejects(() => first.reload(ID), CordonError);
    assertEquals(error.code, "rejected");
    assertStringIncludes(error.message, "1.1.0 was rolled back from on");
    assertStringIncludes(error.message, "(1.0.0 runs on)");
    assertStringIncludes(error.hint!, `cordon reload ${ID} --force`);
    await first.stopPlugin(ID);
    assertEquals((await assertRejects(() => first.reload(ID), CordonError)).code, "rejected");
    await first.startPlugin(ID);
    await answers(first, "1.0.0");
  });

  await test.step("whoever only looks sees what the folder holds", async () => {
    const { version, state, rolledBack } = (await site.look()).info(ID);
    assertEquals([version, state, rolledBack], ["1.1.0", "ready", undefined]);
  });

  const second = await site.start();

  await test.step("the next host starts the copy, and says so", async () => {
    await answers(second, "1.0.0");
    assertEquals(second.info(ID).rolledBack?.version, "1.1.0");
    assertStringIncludes(
      site.notices.at(-1)!,
      `"${ID}" starts as 1.0.0, since its folder holds what was rejected: 1.1.0 was`,
    );
    assertStringIncludes(site.notices.at(-1)!, `cordon reload ${ID} --force`);
  });

  await test.step("changed files are tried again", async () => {
    await site.put("1.1.0", "", "// better");
    const plugin = await second.reload(ID);
    assertEquals([plugin.version, plugin.rolledBack, plugin.pending], ["1.1.0", undefined, undefined]);
    await answers(second, "1.1.0");
    assert(!String(await second.call(ID, "where")).includes("/versions/"));
  });
});

Deno.test("PluginHost.reload() by force takes what was rolled back from, and puts it on trial again", async () => {
  await using site = await openSite();
  await site.put("1.0.0");
  const host = await site.start();
  await kept(host);
  await runThrough(site, host, "1.1.0");
  crash(host);
  await answers(host, "1.0.0");
  assertEquals((await host.reload(ID, { force: true })).version, "1.1.0");
  await answers(host, "1.1.0");
  assertEquals(host.info(ID).rolledBack, undefined);
  await kept(host);
  crash(host);
  await answers(host, "1.0.0");
});

Deno.test("A version that has run through its trial is not rolled back from", async () => {
  await using site = await openSite();
  await site.put("1.0.0");
  const host = await site.start();
  await kept(host);
  await site.put("1.1.0", '[reload]\ntrial = "1ms"\n[health]\nrestart = "never"\n');
  await host.reload(ID);
  await eventually(() => host.versions(ID)[0]?.verdict === "good", "the end of the trial");
  crash(host);
  await eventually(() => host.info(ID).state === "failed", "the end of the plugin");
  assertEquals([host.info(ID).version, host.info(ID).rolledBack], ["1.1.0", undefined]);
});

Deno.test("A crash that the manifest allows rolls nothing back, the next one does", async () => {
  await using site = await openSite();
  await site.put("1.0.0");
  const host = await site.start();
  await kept(host);
  await site.put("1.1.0", '[reload]\ntrial_crashes = 1\n[health]\nbackoff = ["10ms", "1s"]\n');
  const { pid } = await host.reload(ID);
  crash(host);
  await eventually(() => ![pid, undefined].includes(host.info(ID).pid), "another process");
  await answers(host, "1.1.0");
  crash(host);
  await answers(host, "1.0.0");
});

Deno.test("The first version of a plugin crashes without anything to go back to", async () => {
  await using site = await openSite();
  await site.put("1.0.0", '[health]\nrestart = "never"\n');
  const host = await site.start();
  await kept(host);
  crash(host);
  await eventually(() => host.info(ID).state === "failed", "the end of the plugin");
  assertEquals(host.versions(ID).map(({ verdict }) => verdict), ["trial"]);
});

Deno.test("PluginHost.rollback() goes to the version before, or to the one that is named", async (test) => {
  await using site = await openSite();
  await site.put("1.0.0");
  const host = await site.start();
  await kept(host);
  await runThrough(site, host, "1.1.0", "1.2.0");
  const [, , oldest] = host.versions(ID);

  await test.step("not to one that is not kept, nor to the one that runs", async () => {
    for (const to of ["3.0.0", "1.2.0", oldest!.hash.slice(0, 4)]) {
      const error = await assertRejects(() => host.rollback(ID, { to }), CordonError);
      assertEquals(error.code, "not_found");
      assertStringIncludes(error.hint!, `cordon rollback ${ID} --list`);
    }
    await answers(host, "1.2.0");
  });
  await test.step("by a hash", async () => {
    const plugin = await host.rollback(ID, { to: oldest!.hash.slice(0, 12) });
    assertEquals([plugin.version, plugin.rolledBack?.version], ["1.0.0", "1.2.0"]);
    await answers(host, "1.0.0");
  });
  await test.step("the next host starts the one that was named, not the latest", async () => {
    const next = await site.start();
    await answers(next, "1.0.0");
    const error = await assertRejects(() => next.rollback(ID, { to: "1.2.0" }), CordonError);
    assertEquals(error.code, "rejected");
    assertEquals((await next.rollback(ID)).version, "1.1.0");
    const last = await assertRejects(() => next.rollback(ID), CordonError);
    assertEquals(last.code, "not_found");
    await answers(next, "1.1.0");
  });
});

Deno.test("A copy that is not what it was is passed over; without one a rejected version does not start", async () => {
  await using site = await openSite();
  await site.put("1.0.0");
  const host = await site.start();
  await kept(host);
  await runThrough(site, host, "1.1.0", "1.2.0");
  const [, newer, older] = host.versions(ID);
  const copies = `${host.dataDir}/plugins/${ID}/versions`;
  await Deno.writeTextFile(`${copies}/${newer!.hash}/main.ts`, "// spoilt");
  assertEquals((await host.rollback(ID)).version, "1.0.0");
  await answers(host, "1.0.0");

  await Deno.remove(`${copies}/${older!.hash}/main.ts`);
  const next = await site.start();
  const { state, reason, message, hint } = next.info(ID);
  assertEquals([state, reason], ["blocked", "rejected"]);
  assertStringIncludes(message!, "1.2.0 was rolled back from on");
  assertStringIncludes(hint!, `cordon reload ${ID} --force`);
  assertEquals((await assertRejects(() => next.startPlugin(ID), CordonError)).code, "rejected");
  await next.reload(ID, { force: true });
  await answers(next, "1.2.0");
});

Deno.test("A version that runs from its copy reads its own assets there, with the permissions it was granted", async () => {
  await using site = await openSite();
  const reads =
    '[[permissions.read]]\npaths = ["$PLUGIN/assets"]\n[[permissions.write]]\npaths = ["$DATA"]\n';
  const extra = 'const text = Deno.readTextFileSync(new URL("assets/a.txt", import.meta.url));';
  await site.put("1.0.0", reads, extra);
  await Deno.mkdir(`${site.dir}/assets`);
  await Deno.writeTextFile(`${site.dir}/assets/a.txt`, "one");
  const host = await site.start({ grant: "stored" });
  await host.consents.grant(ID);
  await answers(host, "1.0.0");
  await kept(host);
  await site.put("1.1.0", reads, extra);
  await host.reload(ID);
  await host.rollback(ID);
  await answers(host, "1.0.0");
  const read = host.info(ID).permissions.filter(({ kind }) => kind === "read");
  assert(read.every(({ value }) => value.includes("/data/plugins/")), JSON.stringify(read));
});

Deno.test("A host that watches keeps to what was rolled back to until the files change", async () => {
  await using site = await openSite();
  await site.put("1.0.0");
  const host = await site.start({ watch: true });
  await kept(host);
  await site.put("1.1.0");
  await answers(host, "1.1.0");
  await kept(host);
  crash(host);
  await answers(host, "1.0.0");

  // Nothing came or went: the copy is no folder of its own, and what was rejected is no news.
  const { length } = host.journal.list();
  await Deno.writeTextFile(`${site.dir}/main.ts`, await Deno.readTextFile(`${site.dir}/main.ts`));
  assertEquals((await host.rescan()).map(({ id, version, state }) => [id, version, state]), [
    [ID, "1.0.0", "running"],
  ]);
  assertEquals(host.journal.list().length, length);

  await site.put("1.2.0");
  await answers(host, "1.2.0");
  assertEquals(host.info(ID).rolledBack, undefined);

  // What was rejected once stays so, also when it comes back.
  await kept(host);
  await site.put("1.1.0");
  await eventually(() => host.info(ID).pending?.reason === "rejected", "the refusal");
  assertStringIncludes(host.info(ID).pending!.hint, "--force");
  assertEquals(await host.call(ID, "answer"), "1.2.0");
});
