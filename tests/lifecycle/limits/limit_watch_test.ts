import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { HostOptions, PluginHost } from "@cordon/cordon";
import { LimitWatch } from "../../../src/lifecycle/limits/limit_watch.ts";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { processStartTime } from "../../../src/internal/process_identity.ts";
import { manifestText, openFixtures, writePlugin } from "../../fixtures/start_host.ts";

/** What processes use is shown by Linux only. */
const ignore = Deno.build.os !== "linux";

/** Groups where they can be made, and none: everything has to come to the same. */
const METHODS = { "with control groups where there are any": true, "by looking alone": false };

interface Culprit {
  readonly main: string;
  readonly limits?: string;
  readonly permissions?: string;
}

const HOLD = "new Promise(() => {})";
const OWN_FOLDER = `[[permissions.read]]\npaths = ["$DATA"]\n[[permissions.write]]\npaths = ["$DATA"]\n`;

/** Plugins that use too much, by the limit that has to stop each. */
const CULPRITS: Readonly<Record<string, Culprit & { readonly limit: string }>> = {
  "fills-its-heap": {
    limit: "memory",
    limits: `memory = "96MiB"`,
    main: `const kept = []; for (;;) kept.push(new Array(10_000).fill(kept.length));`,
  },
  "fills-array-buffers": {
    limit: "memory",
    limits: `memory = "96MiB"`,
    main:
      `const kept = []; setInterval(() => kept.push(new Uint8Array(2 ** 22).fill(1)), 10); return ${HOLD};`,
  },
  "fills-wasm-memory": {
    limit: "memory",
    limits: `memory = "96MiB"`,
    main: `const memory = new WebAssembly.Memory({ initial: 1, maximum: 8_000 });
      setInterval(() => { memory.grow(64); new Uint8Array(memory.buffer).fill(1); }, 10); return ${HOLD};`,
  },
  "never-returns": { limit: "responsiveness", main: `for (;;);` },
  "logs-without-end": {
    limit: "log_rate",
    main:
      `for (;;) { for (let n = 0; n < 500; n++) ctx.log.info("x"); await new Promise((r) => setTimeout(r)); }`,
  },
  "prints-without-end": {
    limit: "log_rate",
    main:
      `for (;;) { for (let n = 0; n < 500; n++) console.log("x"); await new Promise((r) => setTimeout(r)); }`,
  },
  "opens-files": {
    limit: "descriptors",
    limits: `descriptors = 64`,
    permissions: OWN_FOLDER,
    // Slowly: at thousands Deno itself comes to an end, before anyone has looked.
    main: `const kept = []; Deno.writeTextFileSync(ctx.data + "/file", "");
      setInterval(() => kept.length < 500 && kept.push(Deno.openSync(ctx.data + "/file")), 5); return ${HOLD};`,
  },
  "starts-threads": {
    limit: "threads",
    limits: `threads = 20`,
    permissions: `[[permissions.read]]\npaths = ["\${fifo}"]\n`,
    // Each waits in a thread of its own for a writer that never comes.
    main: `for (let n = 0; n < 40; n++) Deno.open(ctx.vars.fifo).catch(() => {}); return ${HOLD};`,
  },
  "fills-its-folder": {
    limit: "storage",
    limits: `storage = "1MiB"`,
    permissions: OWN_FOLDER,
    main: `for (let n = 0; n < 100; n++) {
        Deno.writeFileSync(ctx.data + "/" + n, new Uint8Array(2 ** 16).fill(1));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return ${HOLD};`,
  },
  "writes-a-large-file": {
    limit: "file_size",
    limits: `file_size = "1MiB"`,
    permissions: OWN_FOLDER,
    main: `Deno.writeFileSync(ctx.data + "/file", new Uint8Array(2 ** 21).fill(1)); return ${HOLD};`,
  },
};

/** A host with some of the plugins, and a healthy one. */
async function openWith(
  culprits: Readonly<Record<string, Culprit>>,
  options: Partial<HostOptions> = {},
): Promise<{ host: PluginHost } & AsyncDisposable> {
  const files: Record<string, string> = {};
  const add = (name: string, { main, limits = "", permissions = "" }: Culprit) => {
    files[`${name}/plugin.toml`] = manifestText(
      `acme.${name}`,
      `${permissions}[limits]\n${limits}\n[health]\nrestart = "never"\n`,
    );
    files[`${name}/main.ts`] =
      `const told = [];\nexport const activate = (ctx) => {\n  ctx.onLimit((event) => told.push(event));\n` +
      `  return { told: () => told, async misbehave() { ${main} } };\n};\n`;
  };
  for (const [name, culprit] of Object.entries(culprits)) add(name, culprit);
  add("healthy", { main: "" });
  const plugins = await writePlugin(files);
  const fifo = `${plugins.dir}.fifo`;
  await new Deno.Command("mkfifo", { args: [fifo] }).output();
  const opened = await openFixtures([plugins.dir], { grant: "requested", vars: { fifo }, ...options });
  await opened.host.start();
  return {
    host: opened.host,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await plugins[Symbol.asyncDispose]();
      await Deno.remove(fifo);
    },
  };
}

/** Waits for an event of a plugin. */
async function findEvent(
  host: PluginHost,
  id: string,
  isWanted: (type: string, facts: Readonly<Record<string, unknown>>) => boolean,
): Promise<Readonly<Record<string, unknown>>> {
  const signal = AbortSignal.timeout(40_000);
  for await (const event of host.journal.follow({ from: 0, signal })) {
    if (event.id === id && isWanted(event.type, event.facts)) return event.facts;
  }
  throw new Error(`Nothing was heard of "${id}"`);
}

for (const [how, useCgroups] of Object.entries(METHODS)) {
  Deno.test({
    name:
      `Plugins that use too much at once are each stopped for their own reason, and nobody else is, ${how}`,
    ignore,
    async fn(t) {
      await using opened = await openWith(CULPRITS, { policy: { useCgroups } });
      const { host } = opened;
      const attacks = Object.keys(CULPRITS).map((name) =>
        assertRejects(() => host.call(`acme.${name}`, "misbehave", [], { timeoutMs: 40_000 }))
      );
      const everyone = Promise.allSettled(attacks);
      let calls = 0;
      const working = (async () => {
        for (let isOver = false; !isOver; calls++) {
          void everyone.then(() => (isOver = true));
          assertEquals(await host.call("acme.healthy", "told", []), []);
        }
      })();
      for (const [name, { limit }] of Object.entries(CULPRITS)) {
        await t.step(name, async () => {
          const id = `acme.${name}`;
          await findEvent(host, id, (type, facts) => type === "plugin.state" && facts.to === "failed");
          const { state, message } = host.info(id);
          const hard = host.journal.list({ id }).find(({ facts }) => facts.stage === "hard");
          assertEquals([state, hard?.facts.limit], ["failed", limit], message);
          assertStringIncludes(message!, `"${id}" was stopped: `);
          assert(Number(hard!.facts.used) > 0);
        });
      }
      await everyone;
      await working;
      assert(calls > 10);
      assertEquals(host.info("acme.healthy").state, "running");
    },
  });

  Deno.test({
    name: `A process that a plugin started in a session of its own ends with it, ${how}`,
    ignore,
    async fn() {
      const main =
        `return new Deno.Command("/usr/bin/sleep", { args: ["600"], detached: true }).spawn().pid;`;
      const permissions = `[[permissions.run]]\nprograms = ["/usr/bin/sleep"]\n`;
      await using opened = await openWith({ parent: { main, permissions } }, { policy: { useCgroups } });
      const pid = await opened.host.call("acme.parent", "misbehave", []) as number;
      assert(processStartTime(pid) !== undefined);
      await opened.host.stopPlugin("acme.parent");
      assertEquals(processStartTime(pid), undefined);
      assertEquals(opened.host.info("acme.parent").state, "stopped");
    },
  });
}

Deno.test({
  name: "A plugin is told at four fifths of a limit, and goes on",
  ignore,
  async fn() {
    const main = `globalThis.kept = Array.from({ length: 17 }, () => new Uint8Array(2 ** 22).fill(1));`;
    await using opened = await openWith({ large: { main, limits: `memory = "96MiB"` } });
    const { host } = opened;
    const grow = async () => {
      await host.call("acme.large", "misbehave", []);
      return await findEvent(host, "acme.large", (type) => type === "plugin.limit");
    };
    const { limit, allowed, stage } = await grow();
    assertEquals([limit, allowed, stage], ["memory", 96 * 2 ** 20, "soft"]);
    const told = await host.call("acme.large", "told", []) as { limit: string; unit: string }[];
    assertEquals(told.map(({ limit, unit }) => [limit, unit]), [["memory", "bytes"]]);
    const memory = host.info("acme.large").limits.find(({ limit }) => limit === "memory");
    assert(memory!.used! > 0.7 * memory!.allowed);
  },
});

Deno.test({
  name: "A plugin that fills its memory while it starts fails with that reason",
  ignore,
  async fn() {
    await using plugin = await writePlugin({
      "plugin.toml": manifestText("acme.greedy", `[limits]\nmemory = "64MiB"\n`),
      "main.ts": `const kept = []; for (;;) { kept.push(new Uint8Array(2 ** 22).fill(1));
        await new Promise((resolve) => setTimeout(resolve, 10)); }\nexport const activate = () => kept;`,
    });
    await using opened = await openFixtures([plugin.dir]);
    await opened.host.start();
    const { state, message } = opened.host.info("acme.greedy");
    assertEquals(state, "failed");
    assertStringIncludes(message!, "(limits.memory)");
  },
});

Deno.test({
  name: "A plugin above its share of the processor is slowed down, and told",
  ignore,
  async fn() {
    const main = `for (;;) { const from = performance.now(); while (performance.now() - from < 20);
      await new Promise((resolve) => setTimeout(resolve)); }`;
    await using opened = await openWith({ busy: { main, limits: `cpu = "20%"` } }, {
      policy: { useCgroups: false },
    });
    const { host } = opened;
    const attack = assertRejects(() => host.call("acme.busy", "misbehave", [], { timeoutMs: 60_000 }));
    const { limit, stage } = await findEvent(host, "acme.busy", (type) => type === "plugin.limit");
    assertEquals([limit, stage, host.info("acme.busy").state], ["cpu", "soft", "running"]);
    // A plugin that pauses can be asked to stop all the same.
    await host.stopPlugin("acme.busy");
    assertEquals(host.info("acme.busy").state, "stopped");
    await attack;
  },
});

Deno.test("LimitWatch names limits that nothing enforces: in a worker, what its process would be held to", () => {
  const text = manifestText(
    "acme.inside",
    `[run]\nmode = "worker"\n[limits]\nmemory = "64MiB"\nstorage = "1MiB"\n`,
  );
  const manifest = parseManifest(text, "plugin.toml");
  const watch = new LimitWatch({ policy: { requireLimits: ["cpu", "threads"] } });
  const { demanded, named } = watch.findUnenforced(manifest);
  assertEquals(demanded.map(({ limit }) => limit), ["threads"]);
  assertEquals(named.map(({ limit, reason }) => [limit, reason]), [[
    "memory",
    "a worker shares the host's process",
  ]]);
});

Deno.test("A plugin does not start without the limits that policy demands; others are warned of", async () => {
  await using plugin = await writePlugin({
    "plugin.toml": manifestText("acme.inside", `[run]\nmode = "worker"\n[limits]\nmemory = "64MiB"\n`),
    "main.ts": "export const activate = () => ({ ok: () => true });",
  });
  const notices: string[] = [];
  const policy = { allowWorker: true };
  {
    await using opened = await openFixtures([plugin.dir], { policy, onNotice: (text) => notices.push(text) });
    await opened.host.start();
    assertEquals(opened.host.info("acme.inside").state, "running");
    const [event] = opened.host.journal.list().filter(({ type }) => type === "plugin.limit_unenforced");
    assertEquals(event?.facts.limit, "memory");
    assert(notices.some((text) => text.includes('Nothing enforces limits.memory of "acme.inside" here')));
  }
  await using opened = await openFixtures([plugin.dir], { policy: { ...policy, requireLimits: ["memory"] } });
  await opened.host.start();
  const { state, reason, message } = opened.host.info("acme.inside");
  assertEquals([state, reason], ["blocked", "policy"]);
  assertStringIncludes(message!, "policy demands limits.memory, and nothing enforces that here");
});
