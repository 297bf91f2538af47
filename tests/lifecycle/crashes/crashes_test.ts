import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import type { CrashReport, PluginHost } from "@cordon/cordon";
import { openRegistry } from "../../installer/package_registry.ts";
import { fixture, manifestText, openFixtures, writePlugin } from "../../fixtures/start_host.ts";

const MAIN = `
import { boom } from "./lib/boom.ts";
interface Options { readonly token: string }

export function activate(ctx: { log: { info(text: string): void } }) {
  ctx.log.info("began with token=s3cret-in-the-log");
  return {
    throwLater: () => void setTimeout(() => boom({ token: Deno.env.get("CRASH_TEST_VALUE")! } as Options), 1),
    rejectLater: () => void Promise.reject(new RangeError("nobody caught this")),
    exit: () => Deno.exit(3),
    hang: () => new Promise(() => setInterval(() => {}, 1_000)),
    spin: () => { for (;;); },
    grow: () => { const kept: unknown[] = []; setInterval(() => kept.push(new Uint8Array(8 << 20).fill(1)), 1); },
  };
}
`;
const BOOM = `type Options = { token: string };

export function boom({ token }: Options): never {
  console.log("calling with " + token);
  throw new TypeError("no good: " + token + " \\x1b[31mred", { cause: new Error("inner") });
}
`;

/** Waits until a plugin has crashed so often. */
async function untilCrashed(host: PluginHost, id: string, count = 1): Promise<CrashReport> {
  const signal = AbortSignal.timeout(30_000);
  for await (const { type, id: who, facts } of host.journal.follow({ from: 1, signal })) {
    if (type === "plugin.state" && who === id && facts.to === "failed" && --count === 0) break;
  }
  signal.throwIfAborted();
  return host.crashes(id)[0]!;
}

Deno.test("PluginHost.crashes() tells how a plugin ended that nobody stopped", async (test) => {
  Deno.env.set("CRASH_TEST_VALUE", "handed-over-value");
  await using plugin = await writePlugin({
    "plugin.toml": manifestText(
      "local.crashes",
      `[[permissions.env]]\nnames = ["CRASH_TEST_VALUE"]\n[limits]\nmemory = "128MiB"\ncall_timeout = "1s"\n[health]\nrestart = "never"\n`,
    ),
    "main.ts": MAIN,
    "lib/boom.ts": BOOM,
  });
  await using opened = await openFixtures([], { plugins: [plugin.dir], grant: "requested" });
  const { host } = opened;
  let count = 0;
  const crash = async (act: () => Promise<unknown>): Promise<CrashReport> => {
    await host.startPlugin("local.crashes");
    // Whether the call is answered before the end is up to the kind of it.
    await act().catch(() => {});
    return await untilCrashed(host, "local.crashes", ++count);
  };
  const call = (method: string) => () => host.call("local.crashes", method);

  await test.step("by an error in a timer: its stack, what it said, without secrets", async () => {
    const report = await crash(call("throwLater"));
    assertEquals([report.version, report.phase, report.exit?.code], ["1.0.0", "run", 1]);
    assertMatch(report.hash!, /^[0-9a-f]{64}$/);
    assert(report.uptimeMs > 0 && !Number.isNaN(Date.parse(report.time)));
    assertEquals(report.message, '"local.crashes" ended by itself with code 1');
    const { message, stack, at } = report.error!;
    assertEquals(message, "TypeError: no good: (secret) \ufffd[31mred");
    assertEquals(at, { file: "lib/boom.ts", line: 5, column: 9 });
    assertMatch(stack[0]!, /^at boom \(lib\/boom\.ts:5:9\)$/);
    assertMatch(stack[1]!, /\(main\.ts:8:45\)$/);
    assertStringIncludes(stack.join("\n"), "Caused by: Error: inner\nat boom (lib/boom.ts:5:");
    assertEquals(report.lines.slice(0, 2).map(({ source, text }) => `${source}: ${text}`), [
      "log: began with token=(secret)",
      "stdout: calling with (secret)",
    ]);
    const names = report.limits.map(({ limit }) => limit);
    assert(names.includes("memory") && names.includes("descriptors"), names.join());
    const text = JSON.stringify(report);
    const unwanted = ["s3cret", "handed-over", "\\u001b", "ext:", "file:"];
    assertEquals(unwanted.filter((part) => text.includes(part)), []);
  });

  await test.step("by a promise that nobody caught", async () => {
    const { error } = await crash(call("rejectLater"));
    assertEquals([error?.message, error?.at?.file, error?.at?.line], [
      "RangeError: nobody caught this",
      "main.ts",
      9,
    ]);
  });

  await test.step("by its own exit, with the calls it left", async () => {
    const { exit, calls, error } = await crash(call("exit"));
    assertEquals([exit?.code, exit?.rung, error], [3, undefined, undefined]);
    assertEquals(calls, { count: 1, methods: ["exit"] });
  });

  await test.step("by a signal from outside", async () => {
    const { exit, calls } = await crash(() => {
      const hanging = host.call("local.crashes", "hang", [], { timeoutMs: 20_000 });
      Deno.kill(host.info("local.crashes").pid!, "SIGKILL");
      return hanging;
    });
    assertEquals([exit?.signal, exit?.rung], ["SIGKILL", undefined]);
    assertEquals(calls, { count: 1, methods: ["hang"] });
  });

  await test.step("by an endless loop", async () => {
    const { breach, exit, message } = await crash(call("spin"));
    assertEquals(breach?.limit, "responsiveness");
    assert(exit?.rung !== undefined);
    assertStringIncludes(message, '"local.crashes" was stopped');
  });

  await test.step("by its memory", async () => {
    const { breach, limits } = await crash(call("grow"));
    assertEquals(breach?.limit, "memory");
    assertEquals(limits.find(({ limit }) => limit === "memory")?.allowed, 128 * 2 ** 20);
  });

  await test.step("and not when it was stopped", async () => {
    await host.startPlugin("local.crashes");
    await host.stopPlugin("local.crashes");
    assertEquals(host.crashes("local.crashes").length, count);
    assertEquals(host.crashes().length, count);
    assertEquals(host.crashes("no.body"), []);
  });
});

Deno.test("PluginHost.crashes() tells of starts that failed, and why", async () => {
  await using broken = await writePlugin({
    "plugin.toml": manifestText("local.broken"),
    "main.ts":
      `export function activate() {\n  throw new Error("password: 'hunter2'", { cause: new RangeError("deep") });\n}`,
  });
  await using opened = await openFixtures(["exits_early", "greeter"], {
    plugins: [broken.dir, fixture("exits_early"), fixture("greeter")],
  });
  const { host } = opened;
  await host.start();
  const [report] = host.crashes("local.broken");
  assertEquals([report!.phase, report!.exit], ["start", undefined]);
  assertEquals(report!.error?.message, "Error: password: '(secret)'");
  assertEquals(report!.error?.at, { file: "main.ts", line: 2, column: 9 });
  assertStringIncludes(
    report!.error!.stack.join("\n"),
    "Caused by: RangeError: deep\nat Module.activate (main.ts:2:",
  );
  assertEquals(/hunter2/.test(JSON.stringify(host.crashes())), false);
  const [early] = host.crashes("fixture.exits-early");
  assertEquals([early!.phase, typeof early!.exit?.code], ["start", "number"]);
  assertEquals(host.crashes().length, 2);
  await assertRejects(() => host.startPlugin("local.broken"));
  assertEquals(host.crashes("local.broken").length, 2);
});

Deno.test("PluginHost.crashes() finds the sources of a plugin that was bundled with its packages", async () => {
  await using _registry = await openRegistry({
    picky: { "index.js": `module.exports = (value) => { throw new TypeError("not " + value); };` },
  });
  await using plugin = await writePlugin({
    "plugin.toml": manifestText("local.bundled", `[health]\nrestart = "never"\n`),
    "main.ts": `import { check } from "./lib/check.ts";\n\nexport function activate() {\n` +
      `  return { later: () => void setTimeout(() => check("this"), 1) };\n}\n`,
    "lib/check.ts": `import picky from "npm:@hostile/picky";\ntype Value = string;\n\n` +
      `export function check(value: Value): void {\n  picky(value as unknown);\n}\n`,
  });
  await using opened = await openFixtures([], { plugins: [plugin.dir] });
  const { host } = opened;
  await host.startPlugin("local.bundled");
  const [bundling] = host.journal.list().filter(({ type }) => type === "plugin.bundling");
  assertEquals(bundling?.facts.message, "bundles npm:@hostile/picky");
  await host.call("local.bundled", "later");
  const { error } = await untilCrashed(host, "local.bundled");
  assertEquals(error?.message, "TypeError: not this");
  const frames = error!.stack.map((frame) => /\(?([^ (]+?)\)?$/.exec(frame)![1]);
  assertEquals(frames.slice(0, 3), ["npm:@hostile/picky@1.0.0/index.js", "lib/check.ts", "main.ts:4"]);
});
