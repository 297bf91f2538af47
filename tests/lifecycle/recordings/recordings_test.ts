import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError, type HostOptions } from "@cordon/cordon";
import { type PluginReplay, Replaying } from "../../../src/lifecycle/recordings/replaying.ts";
import type { RecordedCall } from "../../../src/lifecycle/recordings/recordings.ts";
import { readRecording } from "../../../src/recording/recording_file.ts";
import type { ReplayOptions } from "../../../src/recording/replayer.ts";
import { findWorkerObstacle } from "../../../src/sandbox/worker_support.ts";
import { fixture, manifestText, openFixtures, writePlugin } from "../../fixtures/start_host.ts";

const READER = manifestText("test.reader", '[[permissions.read]]\npaths = ["${input}"]\n');
const READER_MAIN = `export const activate = (ctx) => ({
  read: () => Deno.readTextFileSync(ctx.vars.input),
  where: () => [ctx.data, ctx.vars.input, import.meta.url],
  bytes: (value) => value.map((byte) => byte + 1),
});`;

/** Records calls of a plugin. */
async function recordCalls(
  id: string,
  calls: readonly RecordedCall[],
  { file, names, ...options }: { file: string; names: readonly string[] } & Partial<HostOptions>,
) {
  await using opened = await openFixtures(names, options);
  return await opened.host.record(id, { file, calls });
}

/** Replays a recording. */
async function replay(
  file: string,
  { names, compare, ...options }:
    & { names: readonly string[]; compare?: ReplayOptions }
    & Partial<HostOptions>,
): Promise<PluginReplay> {
  const replaying = new Replaying(await readRecording(file), compare);
  await using opened = await openFixtures(names, { ...options, replaying });
  return await opened.host.replay();
}

Deno.test("A recorded plugin does the same again, alone: calls, events, what it was answered", async () => {
  await using folder = await writePlugin({});
  const file = `${folder.dir}/polite.jsonl`;
  const summary = await recordCalls("fixture.polite", [
    { method: "greetTwice", args: ["Ada"] },
    { method: "heard", args: [] },
    { method: "unknownMethod", args: [] },
  ], { file, names: ["greeter", "polite"] });
  assertEquals([summary.end, summary.failures.length], ["asked", 1]);
  if (Deno.build.os !== "windows") assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
  const { head, frames } = await readRecording(file);
  assertEquals([head.plugin.id, head.uses], ["fixture.polite", {
    greet: { version: "^1", optional: false },
  }]);
  assertEquals(frames.length, summary.messages);
  assert(frames.some(({ message }) => message.type === "call" && message.method === "events"));

  const report = await replay(file, { names: ["polite"] });
  assertEquals([report.ok, report.difference, report.withheld], [true, undefined, []]);
  assertEquals(report.matched + report.sent, summary.messages);
});

Deno.test("A plugin that does something else is told apart, and keeps nothing of the recording's folders", async () => {
  await using plugin = await writePlugin({ "plugin.toml": READER, "main.ts": READER_MAIN });
  await using input = await writePlugin({ a: "one", b: "two" });
  const file = `${input.dir}/reader.jsonl`;
  const options = { grant: "requested", names: [plugin.dir] } as const;
  const calls = [
    { method: "where", args: [] },
    { method: "bytes", args: [new Uint8Array([1, 2])] },
    { method: "read", args: [] },
  ];
  await recordCalls("test.reader", calls, { ...options, file, vars: { input: `${input.dir}/a` } });

  await using moved = await writePlugin({ "plugin.toml": READER, "main.ts": READER_MAIN });
  const same = await replay(file, { ...options, names: [moved.dir], vars: { input: `${input.dir}/a` } });
  assertEquals(same.difference, undefined);
  const other = await replay(file, { ...options, vars: { input: `${input.dir}/b` } });
  assertEquals([other.difference!.path, other.difference!.expected, other.difference!.actual], [
    "result.value",
    "one",
    "two",
  ]);
  const ignored = await replay(file, {
    ...options,
    vars: { input: `${input.dir}/b` },
    compare: { ignore: ["read.value"] },
  });
  assertEquals(ignored.ok, true);

  await Deno.writeTextFile(`${moved.dir}/main.ts`, READER_MAIN.replace("byte + 1", "byte + 2"));
  const changed = await replay(file, { ...options, names: [moved.dir], vars: { input: `${input.dir}/a` } });
  assertEquals(changed.difference!.actual, new Uint8Array([3, 4]));
  assertStringIncludes(changed.difference!.message, 'its answer to "bytes" differs at result.value');
});

Deno.test("A replay needs consent, and gives a plugin no more than it had", async () => {
  await using plugin = await writePlugin({ "plugin.toml": READER, "main.ts": READER_MAIN });
  await using input = await writePlugin({ a: "one" });
  const file = `${input.dir}/reader.jsonl`;
  const vars = { input: `${input.dir}/a` };
  const options = { names: [plugin.dir], vars } as const;
  await recordCalls("test.reader", [{ method: "read", args: [] }], { ...options, grant: "requested", file });
  const refused = await assertRejects(() => replay(file, options), CordonError);
  assertEquals(refused.code, "consent");

  const [head, ...lines] = (await Deno.readTextFile(file)).split("\n");
  const narrow = `${input.dir}/narrow.jsonl`;
  await Deno.writeTextFile(
    narrow,
    [JSON.stringify({ ...JSON.parse(head!), permissions: [] }), ...lines].join("\n"),
  );
  const report = await replay(narrow, { ...options, grant: "requested" });
  assertEquals(report.withheld, [{ kind: "read", value: await Deno.realPath(vars.input) }]);
  assertStringIncludes(report.difference!.message, "(result, and now error)");
});

Deno.test("Recordings of a start that fails and of a crash are replayed to their end", async () => {
  await using folder = await writePlugin({});
  const failing = `${folder.dir}/failing.jsonl`;
  const error = await assertRejects(
    () => recordCalls("fixture.throws-at-import", [], { file: failing, names: ["throws_at_import"] }),
    CordonError,
  );
  assertEquals(error.code, "start_failed");
  assertEquals((await replay(failing, { names: ["throws_at_import"] })).difference, undefined);

  const crash = `${folder.dir}/crash.jsonl`;
  const summary = await recordCalls("fixture.crashes-on-demand", [{ method: "crash", args: [] }], {
    file: crash,
    names: ["crashes_on_demand"],
  });
  assertEquals([summary.end, summary.failures.length], ["exited", 1]);
  assertEquals((await replay(crash, { names: ["crashes_on_demand"] })).difference, undefined);
});

Deno.test("Checks of a plugin's health are recorded and made again, and no answer to them is a difference", async () => {
  await using plugin = await writePlugin({
    "plugin.toml": manifestText("test.ill", '[health]\ninterval = "100ms"\n'),
    "main.ts": `let asked = 0;
      export const health = () => ({ status: "degraded", reason: \`\${asked++} of \${Math.random()}\` });
      export const activate = () => ({
        // Until there was a check that only a host makes that runs it.
        checked: async () => { while (asked < 3) await new Promise((resolve) => setTimeout(resolve, 5)); },
      });`,
  });
  await using folder = await writePlugin({});
  const file = `${folder.dir}/ill.jsonl`;
  await recordCalls("test.ill", [{ method: "checked", args: [] }], { file, names: [plugin.dir] });
  const { frames } = await readRecording(file);
  const checks = frames.filter(({ message }) => message.type === "call" && message.method === "health");
  assert(checks.length >= 3);
  assertEquals((await replay(file, { names: [plugin.dir] })).difference, undefined);
});

Deno.test("A plugin that runs is started again to be recorded, and runs on when that ends", async () => {
  await using opened = await openFixtures(["greeter", "polite"]);
  await using folder = await writePlugin({ taken: "mine" });
  const { host } = opened;
  await host.start();
  const { pid } = host.info("fixture.greeter");
  const ending = new AbortController();
  const recording = host.record("fixture.greeter", { file: `${folder.dir}/a.jsonl`, signal: ending.signal });
  for await (const event of host.journal.follow()) {
    const isRunning = event.type === "plugin.state" && event.facts.to === "running";
    if (isRunning && event.id === "fixture.polite") break;
  }
  const again = await assertRejects(
    () => host.record("fixture.greeter", { file: `${folder.dir}/b.jsonl` }),
    CordonError,
  );
  assertEquals(again.code, "already_recorded");
  assertEquals(await host.call("polite", "greetTwice", ["Bo"]), ["Hello Bo", "Hello Bo"]);
  ending.abort();
  const { end, messages } = await recording;
  assertEquals(end, "asked");
  assert(host.info("fixture.greeter").pid !== pid);
  assertEquals(await host.call("greet", "hello", ["Cy"]), "Hello Cy");
  assertEquals((await readRecording(`${folder.dir}/a.jsonl`)).frames.length, messages);

  const taken = await assertRejects(
    () => host.record("fixture.greeter", { file: `${folder.dir}/taken` }),
    CordonError,
  );
  assertEquals([taken.code, await Deno.readTextFile(`${folder.dir}/taken`)], ["invalid_input", "mine"]);
  const missing = await assertRejects(
    () => host.record("fixture.greeter", { file: `${folder.dir}/no/such/x` }),
    CordonError,
  );
  assertEquals(missing.code, "not_writable");
});

Deno.test("A recording ends by time, by answers, and where it gets too long", async () => {
  await using opened = await openFixtures(["greeter"]);
  await using folder = await writePlugin({});
  const { host } = opened;
  const byTime = await host.record("fixture.greeter", { file: `${folder.dir}/time`, forMs: 20 });
  assertEquals([byTime.end, byTime.messages], ["asked", 4]);
  const calls = [{ method: "hello", args: ["Ada"] }, { method: "echo", args: ["x".repeat(10_000)] }];
  const byAnswers = await host.record("fixture.greeter", {
    file: `${folder.dir}/count`,
    maxAnswers: 1,
    calls,
  });
  assertEquals(byAnswers.end, "asked");
  const bySize = await host.record("fixture.greeter", { file: `${folder.dir}/size`, maxBytes: 5_000, calls });
  assertEquals(bySize.end, "size");
  assert(bySize.bytes <= 5_000);
  assertEquals(await host.call("greet", "hello", ["Bo"]), "Hello Bo", "the plugin does not mind");
  assertEquals((await replay(`${folder.dir}/size`, { names: ["greeter"] })).difference, undefined);
});

Deno.test({
  name: "A plugin in a worker is recorded and replayed as well",
  ignore: (await findWorkerObstacle())?.hint?.includes("--no-prompt") ?? false,
  async fn() {
    await using input = await writePlugin({ note: "here" });
    const options = {
      vars: { input: `${input.dir}/note` },
      grant: "requested",
      policy: { allowWorker: true },
    } as const;
    const file = `${input.dir}/worker.jsonl`;
    const calls = [{ method: "hello", args: ["Ada"] }];
    await recordCalls("fixture.in-worker", calls, { ...options, file, names: ["greeter", "in_worker"] });
    assertEquals((await replay(file, { ...options, names: ["in_worker"] })).difference, undefined);
  },
});

Deno.test("A replay refuses what names no message, and recordings of nothing", async () => {
  await using folder = await writePlugin({});
  const file = `${folder.dir}/a`;
  await recordCalls("fixture.greeter", [{ method: "hello", args: ["Ada"] }], { file, names: ["greeter"] });
  const recording = await readRecording(file);
  for (
    const make of [
      () => new Replaying(recording, { ignore: ["*"] }),
      () => new Replaying({ ...recording, frames: [] }),
    ]
  ) {
    const error = await assertRejects(async () => await Promise.resolve(make()), CordonError);
    assertEquals(error.code, "invalid_input");
  }
  const other = await assertRejects(() => replay(file, { names: [fixture("polite")] }), CordonError);
  assertEquals(other.code, "not_found");
});
