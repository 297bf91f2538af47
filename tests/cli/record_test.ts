import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { copy } from "@std/fs";
import { fixture, writePlugin } from "../fixtures/start_host.ts";
import { createCordon, runCordon } from "./run_cordon.ts";

const ignore = Deno.build.os === "windows";
const PLUGINS = new URL("../../plugins", import.meta.url).pathname;
const GREETER = ["--dir", fixture("greeter")];

Deno.test("cordon record and cordon replay hold cordon.search to what it did", async () => {
  await using folder = await writePlugin({ "docs/a.md": "# Sandbox\n\nPlugins run in a sandbox.\n" });
  const file = `${folder.dir}/search.jsonl`;
  const options = [
    "--grant",
    "requested",
    "--var",
    `input=${folder.dir}/docs`,
    "--var",
    `output=${folder.dir}/site`,
  ];
  const recorded = await runCordon(
    ...[
      "record",
      "cordon.search",
      "--out",
      file,
      "--call",
      'query "sandbox" {"limit": 3}',
      "--call",
      "status",
    ],
    ...["--dir", PLUGINS, "--json", ...options],
  );
  assertEquals(recorded.code, 0, recorded.stderr + recorded.stdout);
  const { id, end, failures, messages } = recorded.json;
  assertEquals([id, end, failures, recorded.json.file], ["cordon.search", "asked", [], file]);
  assert(messages > 10);

  const same = await runCordon("replay", file, "--dir", PLUGINS, ...options);
  assertEquals(same.code, 0, same.stdout + same.stderr);
  assertStringIncludes(same.stdout, "cordon.search does what was recorded");

  const changed = `${folder.dir}/changed`;
  await copy(`${PLUGINS}/search`, changed);
  const index = await Deno.readTextFile(`${changed}/index.ts`);
  assertStringIncludes(index, "Math.round(score * 100) / 100");
  await Deno.writeTextFile(`${changed}/index.ts`, index.replace("Math.round(score * 100) / 100", "-score"));
  const other = await runCordon("replay", file, "--plugin", changed);
  assertEquals(other.code, 1, other.stderr);
  assertMatch(
    other.stdout,
    /line \d+, after \d+ ms: its answer to "query" differs at result\.value\.0\.score/,
  );
  assertMatch(other.stdout, /recorded {2}\d[\d.]*\n {4}now {7}-\d/);
  assertStringIncludes(other.stdout, "--ignore result.value.0.score");
  const ignored = await runCordon(
    "replay",
    file,
    "--plugin",
    changed,
    "--ignore",
    "query.value.*.score",
    "--json",
  );
  assertEquals([ignored.code, ignored.json.ok], [0, true], ignored.stdout);
});

Deno.test("cordon replay leaves the data folder alone, and takes what was granted there", async () => {
  await using folder = await writePlugin({
    "plugin/plugin.toml": 'schema = 1\n[plugin]\nid = "test.env"\nversion = "1.0.0"\nmain = "main.js"\n' +
      '[[permissions.env]]\nnames = ["LANG"]\n',
    "plugin/main.js": "export const activate = () => ({ n: () => 1 });",
  });
  const file = `${folder.dir}/a.jsonl`;
  const common = ["--dir", `${folder.dir}/plugin`, "--data", `${folder.dir}/data`];
  assertEquals((await runCordon("record", "test.env", "--out", file, "--call", "n", ...common)).code, 5);
  assertEquals(await Deno.stat(file).catch(() => "not there"), "not there");
  assertEquals((await runCordon("grant", "test.env", ...common)).code, 0);
  assertEquals((await runCordon("record", "test.env", "--out", file, "--call", "n", ...common)).code, 0);
  assertEquals((await runCordon("replay", file, ...common)).code, 0);
  const elsewhere = await runCordon("replay", file, "--dir", `${folder.dir}/plugin`, "--json");
  assertEquals([elsewhere.code, elsewhere.json.error.code], [5, "consent"]);
});

Deno.test({
  name: "cordon record asks the running host, and Ctrl-C ends the recording and nothing else",
  ignore,
  async fn() {
    await using folder = await writePlugin({});
    const data = ["--data", `${folder.dir}/data`];
    await using host = spawn(["run", fixture("greeter"), ...data, "--json"], folder.dir);
    await host.reads(host.child.stdout, '"type":"start"');
    await using recording = spawn(["record", "fixture.greeter", ...data], folder.dir);
    const errors = recording.reads(recording.child.stderr, "Ctrl-C ends that");
    await errors;
    await host.reads(host.child.stdout, '"type":"recording.started"', '"to":"running"');
    const called = await runCordon("call", "greet", "hello", '"Ada"', ...data, "--json");
    assertEquals(called.json.result, "Hello Ada");
    recording.child.kill("SIGINT");
    assertEquals((await recording.child.status).code, 0);
    const file = `${folder.dir}/fixture.greeter.recording.jsonl`;
    assertStringIncludes(await Deno.readTextFile(file), '"Hello Ada"');

    // The host runs on; a replay needs neither it nor its folder.
    const replayed = await runCordon("replay", file, ...GREETER, ...data, "--json");
    assertEquals([replayed.code, replayed.json.ok], [0, true], replayed.stdout + replayed.stderr);
    assertEquals((await runCordon("call", "greet", "hello", '"Bo"', ...data)).code, 0);
    host.child.kill("SIGTERM");
    assertEquals((await host.child.status).code, 0);
  },
});

Deno.test("cordon record and cordon replay say what they cannot read", async (test) => {
  await using folder = await writePlugin({
    "newer.jsonl": '{"recording": 9}\n',
    "red.jsonl": "no \x1b[31mred\n",
    "empty.jsonl": "",
  });
  const file = `${folder.dir}/a.jsonl`;
  await runCordon("record", "fixture.greeter", "--out", file, "--call", 'hello "Ada"', ...GREETER);
  const [head] = (await Deno.readTextFile(file)).split("\n");
  await Deno.writeTextFile(`${folder.dir}/start.jsonl`, `${head}\n`);
  const replay = (
    name: string,
    ...more: string[]
  ) => ["replay", `${folder.dir}/${name}`, ...GREETER, ...more];
  const record = (
    ...more: string[]
  ) => ["record", "fixture.greeter", ...GREETER, "--out", `${folder.dir}/b`, ...more];
  const cases: Record<string, [args: string[], code: number, error: string]> = {
    "no file": [replay("none.jsonl"), 3, "not_found"],
    "a folder": [replay(""), 3, "invalid_input"],
    "a newer format": [replay("newer.jsonl"), 3, "invalid_input"],
    "an empty file": [replay("empty.jsonl"), 3, "invalid_input"],
    "a start and nothing more": [replay("start.jsonl"), 3, "invalid_input"],
    "a rule that names nothing": [replay("a.jsonl", "--ignore", "*"), 3, "invalid_input"],
    "a time that is none": [replay("a.jsonl", "--timeout", "soon"), 2, "usage"],
    "another plugin's folder": [replay("a.jsonl", "--plugin", fixture("polite")), 3, "not_found"],
    "no such plugin": [["record", "no.body", ...GREETER], 3, "not_found"],
    "a file that is there": [["record", "fixture.greeter", ...GREETER, "--out", file], 3, "invalid_input"],
    "a size that is none": [record("--max-size", "big"), 2, "usage"],
    "a count that is none": [record("--count", "0"), 2, "usage"],
    "a call that is none": [record("--call", "hello {"), 2, "usage"],
  };
  for (const [name, [args, code, error]] of Object.entries(cases)) {
    await test.step(name, async () => {
      const run = await runCordon(...args, "--json");
      assertEquals([run.code, run.json.error?.code], [code, error], run.stdout);
    });
  }
  const red = await runCordon(...replay("red.jsonl"));
  assertEquals(red.code, 3);
  assert(!red.stderr.includes("\x1b[31m"), red.stderr);
});

/** A command that goes on; it is ended with the block. */
function spawn(args: readonly string[], cwd: string) {
  const child = createCordon(args, cwd).spawn();
  const decoder = new TextDecoder();
  let seen = "";
  const readers = new Map<ReadableStream<Uint8Array>, ReadableStreamDefaultReader<Uint8Array>>();
  return {
    child,
    /** Reads until some texts have come, one after the other. */
    async reads(stream: ReadableStream<Uint8Array>, ...texts: string[]) {
      const reader = readers.get(stream) ?? stream.getReader();
      readers.set(stream, reader);
      for (const text of texts) {
        while (!seen.includes(text)) {
          const { value, done } = await reader.read();
          if (done) throw new Error(`"${text}" does not come: ${seen}`);
          seen += decoder.decode(value);
        }
        seen = seen.slice(seen.indexOf(text) + text.length);
      }
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      await child.status;
      for (const stream of [child.stdout, child.stderr]) {
        await (readers.get(stream)?.cancel() ?? stream.cancel());
      }
    },
  };
}
