import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CordonError, replayRecording } from "@cordon/cordon/sdk/testing";
import { Replaying } from "../../src/lifecycle/recordings/replaying.ts";
import { readRecording } from "../../src/recording/recording_file.ts";
import type { ReplayReport } from "../../src/recording/replay_report.ts";
import type { TestableModule } from "../../src/sdk/testing/testable_module.ts";
import { manifestText, openFixtures, writePlugin } from "../fixtures/start_host.ts";

const SOURCE = `
  const stopped = Promise.withResolvers();
  export const activate = () => ({
    async *numbers(end) {
      try { for (let n = 0; n < end; n++) yield { n }; }
      finally { stopped.resolve("numbers"); }
    },
    stopped: () => stopped.promise,
  });`;

/** Tries every way of a stream: out, in, from another plugin, through, and given up. */
const STREAMER = `
  export const activate = (ctx) => ({
    async *bytes(chunks, size) { for (let n = 0; n < chunks; n++) yield new Uint8Array(size).fill(n + FIRST); },
    async *fails() { yield "one"; throw new RangeError("no more"); },
    async sum(stream) {
      let sum = 0;
      for await (const chunk of stream) sum += chunk.byteLength ?? chunk;
      return sum;
    },
    async ofOther(end) {
      let sum = 0;
      for await (const { n } of await ctx.call("source", "numbers", [end])) sum += n;
      return sum;
    },
    async first() {
      for await (const { n } of await ctx.call("source", "numbers", [1e9])) return n;
    },
    passed: (end) => ctx.call("source", "numbers", [end]),
    both: async () => {
      const [a, b] = await Promise.all([ctx.call("source", "numbers", [2]), ctx.call("source", "numbers", [3])]);
      const slow = (async function* () { for await (const { n } of a) yield \`a\${n}\`; })();
      const fast = (async function* () { for await (const { n } of b) yield \`b\${n}\`; })();
      return { slow, fast };
    },
  });`;

const METHODS = ["bytes", "fails", "sum", "ofOther", "first", "passed", "both"];
const MANIFEST = manifestText(
  "test.streamer",
  `[provides]\nstreamer = { version = "1.0.0", methods = ${JSON.stringify(METHODS)} }\n` +
    `[uses]\nsource = "^1"\n`,
);
const SOURCE_MANIFEST = manifestText(
  "test.source",
  `[provides]\nsource = { version = "1.0.0", methods = ["numbers", "stopped"] }\n`,
);
const CHUNKS = () => ReadableStream.from([new Uint8Array(400_000), new Uint8Array(400_000)]);

async function writePlugins(streamer = STREAMER) {
  return await writePlugin({
    "source/plugin.toml": SOURCE_MANIFEST,
    "source/main.ts": SOURCE,
    "streamer/plugin.toml": MANIFEST,
    "streamer/main.ts": streamer.replace("FIRST", "0"),
  });
}

async function replay(file: string, plugin: string): Promise<ReplayReport> {
  const replaying = new Replaying(await readRecording(file), { timeoutMs: 3_000 });
  await using opened = await openFixtures([plugin], { replaying });
  return await opened.host.replay();
}

Deno.test("Streams are recorded and replayed: of the plugin, to it, from another plugin, given up midway", async (test) => {
  await using plugins = await writePlugins();
  const file = `${plugins.dir}/streams.jsonl`;
  await using opened = await openFixtures([`${plugins.dir}/source`, `${plugins.dir}/streamer`]);
  const summary = await opened.host.record("test.streamer", {
    file,
    calls: [
      { method: "bytes", args: [10, 100_000] },
      { method: "fails", args: [] },
      { method: "sum", args: [CHUNKS()] },
      { method: "ofOther", args: [3_500] },
      { method: "first", args: [] },
      { method: "passed", args: [5] },
      { method: "both", args: [] },
    ],
  });
  assertEquals(summary.failures, ["fails: no more"]);
  const { frames } = await readRecording(file);
  for (const type of ["chunk", "end", "credit", "drop"]) {
    assert(frames.some(({ message }) => message.type === type), type);
  }

  await test.step("in its sandbox", async () => {
    assertEquals((await replay(file, `${plugins.dir}/streamer`)).difference, undefined);
  });
  await test.step("in memory", async () => {
    const module: TestableModule = await import(`file://${plugins.dir}/streamer/main.ts`);
    const report = await replayRecording(module, file, { timeoutMs: 3_000 });
    assert(report.matched >= 40, `${report.matched}`);
  });
  const changes: Record<string, [from: string, to: string, part: string]> = {
    "another value": ["fill(n + FIRST)", "fill(n + 1)", "a value of its stream differs at chunk.value"],
    "other pieces": ["n < chunks", "n < chunks - 1", "the end of its stream differs (chunk, and now end)"],
    "another error": ["no more", "enough", "the end of its stream differs at end.error.message"],
    "no stream": ["async ofOther(end) {", "async ofOther(end) { return 1;", ""],
    "one that is not read": ["of stream) sum", "of []) sum", 'its answer to "sum"'],
  };
  for (const [name, [from, to, part]] of Object.entries(changes)) {
    await test.step(name, async () => {
      await using changed = await writePlugins(STREAMER.replace(from, to));
      const module: TestableModule = await import(`file://${changed.dir}/streamer/main.ts`);
      const error = await assertRejects(
        () => replayRecording(module, file, { timeoutMs: 3_000 }),
        CordonError,
      );
      assertStringIncludes(error.message, part);
    });
  }
});

Deno.test("A stream whose reader gave up is replayed as far as it was read, one that went on as far as it was recorded", async () => {
  await using plugins = await writePlugins();
  const source = `${plugins.dir}/source`;
  const file = `${plugins.dir}/dropped.jsonl`;
  await using opened = await openFixtures([source]);
  const { host } = opened;
  const ending = new AbortController();
  const recording = host.record("test.source", { file, signal: ending.signal });
  for await (const { type, facts } of host.journal.follow()) {
    if (type === "plugin.state" && facts.to === "running") break;
  }
  const numbers = await host.call("source", "numbers", [1e9]) as ReadableStream<{ n: number }>;
  for await (const { n } of numbers) if (n === 3_500) break;
  assertEquals(await host.call("source", "stopped"), "numbers");
  ending.abort();
  await recording;
  assertEquals((await replay(file, source)).difference, undefined);

  const open = `${plugins.dir}/open.jsonl`;
  const endless = [{ method: "numbers", args: [1e9] }];
  const { end } = await host.record("test.source", { file: open, calls: endless, forMs: 20 });
  assertEquals(end, "asked");
  assertEquals((await replay(open, source)).difference, undefined);
});
