import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { HealthChange, HostOptions, JournalEvent, PluginHost } from "@cordon/cordon";
import { eventually } from "../../faults/host_process.ts";
import { manifestText, openFixtures, writePlugin } from "../../fixtures/start_host.ts";

const ID = "acme.patient";
const HEALTH = '[health]\ninterval = "100ms"\ntimeout = "500ms"\nfailures = 2\nrestart = "never"\n';

/** A plugin whose health a test decides. */
const PATIENT = `let now = "ok";
export const activate = () => ({
  become: (next) => void (now = next),
  fail: () => { throw new Error("no"); },
  pass: () => {},
});
export const health = () => now;
`;

/** A host with one plugin, started. */
async function startWith(
  main: string,
  { manifest = HEALTH, ...options }: { manifest?: string } & Partial<HostOptions> = {},
): Promise<{ host: PluginHost } & AsyncDisposable> {
  const plugin = await writePlugin({ "plugin.toml": manifestText(ID, manifest), "main.ts": main });
  const opened = await openFixtures([plugin.dir], { grant: "requested", ...options });
  await opened.host.start();
  return {
    host: opened.host,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await plugin[Symbol.asyncDispose]();
    },
  };
}

function becomes(host: PluginHost, state: string): Promise<void> {
  return eventually(() => host.info(ID).state === state, `"${state}" of the plugin`);
}

function shorten({ source, status, reason }: HealthChange): string {
  return `${source} ${status}${reason === undefined ? "" : `: ${reason}`}`;
}

function told(host: PluginHost): readonly JournalEvent[] {
  return host.journal.list({ id: ID }).filter(({ type }) => type === "plugin.health");
}

Deno.test("A plugin is degraded by its own word and back, serves meanwhile, and its history says so", async () => {
  await using started = await startWith(PATIENT);
  const { host } = started;
  assertEquals([host.info(ID).state, host.health(ID).status], ["running", "ok"]);
  await host.call(ID, "become", [{ status: "degraded", reason: "the cache is cold", facts: { hits: 0 } }]);
  await becomes(host, "degraded");
  assertEquals(host.info(ID).message, `"${ID}" is degraded: it reports degraded: the cache is cold`);
  const { status, reasons, lastCheck } = host.health(ID);
  assertEquals([status, reasons], ["degraded", ["it reports degraded: the cache is cold"]]);
  assertEquals(lastCheck?.facts, { hits: 0 });
  await host.call(ID, "become", ["ok"]);
  await becomes(host, "running");
  assertEquals(host.health(ID).history.map(shorten), [
    "report degraded: it reports degraded: the cache is cold",
    "report ok",
  ]);
  assertEquals(told(host).map(({ facts }) => [facts.status, facts.source]), [["degraded", "report"], [
    "ok",
    "report",
  ]]);
});

Deno.test("A plugin that fails its checks in a row is ended with the reason, and starts well again", async () => {
  await using started = await startWith(PATIENT);
  const { host } = started;
  await host.call(ID, "become", [{ status: "failing", reason: "no database" }]);
  await becomes(host, "failed");
  assertEquals(
    host.info(ID).message,
    `"${ID}" was stopped: 2 health checks in a row failed: it reports failing: no database`,
  );
  assertEquals(host.health(ID).status, undefined);
  assertEquals(host.health(ID).history.map(({ status }) => status), ["failing"]);
  await host.startPlugin(ID);
  assertEquals([host.info(ID).state, host.health(ID).status], ["running", "ok"]);
  assertEquals(host.health(ID).history.length, 1);
});

Deno.test("A degraded plugin can be stopped, restarted, reloaded and listed", async () => {
  await using started = await startWith(PATIENT);
  const { host } = started;
  const sicken = async () => {
    await host.call(ID, "become", ["degraded"]);
    await becomes(host, "degraded");
  };
  await sicken();
  assertEquals(host.list().map(({ state, pid }) => [state, pid !== undefined]), [["degraded", true]]);
  await host.reload(ID);
  assertEquals(host.info(ID).state, "running");
  await sicken();
  await host.restartPlugin(ID);
  assertEquals(host.info(ID).state, "running");
  await sicken();
  await host.stopPlugin(ID);
  assertEquals([host.info(ID).state, host.health(ID).reasons], ["stopped", []]);
});

/** What `health()` may do, and what is told of it. */
const HOSTILE: Readonly<Record<string, readonly [answer: string, told: string]>> = {
  "never answers": ["new Promise(() => {})", "its health() did not answer within 0.5 s"],
  "throws": [`(() => { throw new RangeError("\\u001b[31mred"); })()`, "its health() failed: \ufffd[31mred"],
  "answers a number": ["42", "its health() answered a value of type number"],
  "answers another word": [`"fine"`, 'its health() answered "fine"'],
  "answers a list": ["[]", "its health() answered the status nothing"],
  "answers what cannot be carried": ["() => {}", "its health() failed: "],
  "answers a cycle": ["(() => { const a = {}; a.a = a; return a; })()", "its health() failed: "],
  "answers megabytes": [`{ status: "failing", reason: "x".repeat(2 ** 21) }`, `failing: ${"x".repeat(300)}…`],
  "answers more than there may be": [`"x".repeat(2 ** 25)`, "its health() failed: "],
};

for (const [what, [answer, words]] of Object.entries(HOSTILE)) {
  Deno.test(`A health() that ${what} is failing, and says why`, async () => {
    const main = `let asked = 0;\nexport const activate = () => ({});\n` +
      // Ready at first: what comes later is what counts here.
      `export const health = () => asked++ === 0 ? "ok" : (${answer});`;
    await using started = await startWith(main);
    const { host } = started;
    await becomes(host, "failed");
    const { message } = host.info(ID);
    assertStringIncludes(message!, "2 health checks in a row failed: it");
    assertStringIncludes(message!, words);
    assert(message!.length < 500, `${message!.length}`);
    assert(JSON.stringify(told(host)).length < 4_000);
  });
}

Deno.test("A plugin with an endless loop below its limit is degraded for its lag, and back", {
  // What processes use is shown by Linux only.
  ignore: Deno.build.os !== "linux",
}, async () => {
  const main = `export const activate = () => ({
    spin(ms) { for (const end = performance.now() + ms; performance.now() < end;); },
  });`;
  const manifest = `[limits]\ncall_timeout = "30s"\n[health]\ninterval = "100ms"\nlag = "300ms"\n`;
  await using started = await startWith(main, { manifest });
  const { host } = started;
  const spinning = host.call(ID, "spin", [6_000]);
  await becomes(host, "degraded");
  assertEquals(host.health(ID).history.map(({ source }) => source), ["lag"]);
  assertStringIncludes(host.info(ID).message!, "ms behind, and 300 ms are allowed (health.lag)");
  await spinning;
  await becomes(host, "running");
});

Deno.test("A plugin is degraded while many of its calls fail", async () => {
  await using started = await startWith(PATIENT);
  const { host } = started;
  for (let n = 0; n < 6; n++) await assertRejects(() => host.call(ID, "fail"));
  for (let n = 0; n < 3; n++) await host.call(ID, "pass");
  // Nine calls say nothing yet; ten do.
  await host.call(ID, "pass");
  await becomes(host, "degraded");
  assertStringIncludes(host.info(ID).message!, "calls failed, and 50 % may (health.error_rate)");
  for (let n = 0; n < 30; n++) await host.call(ID, "pass");
  await becomes(host, "running");
});

Deno.test("A plugin close to its memory limit is degraded until it gives some back", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const main = `let kept = [];
export const activate = () => ({
  take(mib) { for (let n = 0; n < mib; n++) kept.push(new Uint8Array(2 ** 20).fill(1)); },
  // Freed now, and not when garbage is collected.
  give() { for (const { buffer } of kept) buffer.transfer(0); kept = []; },
});`;
  const manifest = `[limits]\nmemory = "300MiB"\n[health]\ninterval = "100ms"\n`;
  await using started = await startWith(main, { manifest });
  const { host } = started;
  const used = () => host.metrics()[0]!.memoryBytes;
  await eventually(() => used() !== undefined, "a figure of its memory");
  await host.call(ID, "take", [Math.round(0.88 * 300 - used()! / 2 ** 20)]);
  await becomes(host, "degraded");
  assertStringIncludes(host.info(ID).message!, "of memory and may use 300 MiB (limits.memory)");
  await host.call(ID, "give");
  await becomes(host, "running");
});

Deno.test("A plugin that is failing at first does not run before it is well, and what needs it waits", async () => {
  const provider = `[provides]\nsource = { version = "1.0.0", methods = ["asked"] }\n`;
  await using plugins = await writePlugin({
    "provider/plugin.toml": manifestText("acme.provider", provider),
    "provider/main.ts": `let asked = 0;
      export const activate = () => ({ asked: () => asked });
      export const health = () => ++asked < 4 ? "failing" : "ok";`,
    "consumer/plugin.toml": manifestText("acme.consumer", '[uses]\nsource = "^1"\n'),
    "consumer/main.ts": `export const activate = async (ctx) => {
      const asked = await ctx.call("source", "asked");
      return { asked: () => asked };
    };`,
  });
  await using opened = await openFixtures([plugins.dir], { grant: "requested" });
  await opened.host.start();
  assertEquals(await opened.host.call("acme.consumer", "asked"), 4);
});

Deno.test("A plugin that stays failing does not start, with its reason, and holds back what needs it", async () => {
  const more =
    `[provides]\nsource = { version = "1.0.0", methods = ["any"] }\n[limits]\nstart_timeout = "2s"\n`;
  await using plugins = await writePlugin({
    "provider/plugin.toml": manifestText("acme.provider", more),
    "provider/main.ts": `export const activate = () => ({ any: () => {} });
      export const health = () => ({ status: "failing", reason: "no database" });`,
    "consumer/plugin.toml": manifestText("acme.consumer", '[uses]\nsource = "^1"\n'),
    "consumer/main.ts": `export const activate = () => {};`,
  });
  await using opened = await openFixtures([plugins.dir], { grant: "requested" });
  const { host } = opened;
  await host.start();
  assertEquals(host.list().map(({ id, state }) => [id, state]), [
    ["acme.consumer", "blocked"],
    ["acme.provider", "failed"],
  ]);
  assertEquals(
    host.info("acme.provider").message,
    'Cannot start "acme.provider": it was not ready within 2 s (limits.start_timeout): it reports failing: no database',
  );
  assertEquals(host.health("acme.provider").status, undefined);
});
