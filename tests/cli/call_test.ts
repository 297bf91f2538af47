import { assertEquals, assertStringIncludes } from "@std/assert";
import { LocalControl } from "../../src/control/local_control.ts";
import { controlPath, ControlServer } from "../../src/control/server.ts";
import { manifestText, openFixtures, writePlugin } from "../fixtures/start_host.ts";
import { runCordon } from "./run_cordon.ts";

const STREAMS = {
  "plugin.toml": manifestText(
    "test.streams",
    '[provides]\nstreams = { version = "1.0.0", methods = ["count", "nest", "wait"] }\n',
  ),
  "main.ts": `export function activate() {
    async function* count(to: number) {
      for (let n = 1; n <= to; n++) yield { n };
    }
    return { count, nest: () => ({ numbers: count(3) }), wait: () => new Promise(() => {}) };
  }`,
};

Deno.test("cordon call prints what a stream brings, from a host of its own and from one that runs", async () => {
  await using plugin = await writePlugin(STREAMS);
  const own = await runCordon("call", "streams", "count", "2", "--dir", plugin.dir, "--json");
  await using opened = await openFixtures([], { plugins: [plugin.dir] });
  const { host, data } = opened;
  await using _server = new ControlServer(controlPath(host.dataDir), new LocalControl(host));
  const [running, none, nested] = await Promise.all([
    runCordon("call", "streams", "count", "2", "--data", data, "--json"),
    runCordon("call", "streams", "count", "0", "--data", data),
    runCordon("call", "streams", "nest", "--data", data, "--json"),
  ]);
  for (const run of [own, running]) {
    assertEquals([run.code, run.stdout], [0, '{"item":{"n":1}}\n{"item":{"n":2}}\n'], run.stderr);
  }
  assertEquals([none.code, none.stdout], [0, ""]);
  assertEquals([nested.code, nested.json], [0, { result: { numbers: { stream: true } } }]);
});

Deno.test("cordon call names the plugin's method when its deadline passes", async () => {
  await using plugin = await writePlugin(STREAMS);
  await using opened = await openFixtures([], { plugins: [plugin.dir] });
  const { host, data } = opened;
  await using _server = new ControlServer(controlPath(host.dataDir), new LocalControl(host));
  await host.start();
  const run = await runCordon("call", "streams", "wait", "--timeout", "50", "--data", data, "--json");
  assertEquals([run.code, run.json.error.code], [1, "deadline_exceeded"]);
  assertStringIncludes(run.json.error.message, 'Cannot finish "wait"');
});

Deno.test("cordon tells where the help of the command is that was called wrongly", async () => {
  const [prefer, call, none] = await Promise.all([
    runCordon("prefer", "--json"),
    runCordon("call", "run", "--json"),
    runCordon("preffer", "--json"),
  ]);
  assertEquals([prefer.code, prefer.json.error.hint], [2, "See what there is: cordon prefer --help"]);
  assertEquals(call.json.error.hint, "See what there is: cordon call --help");
  assertEquals(none.json.error.hint, "See what there is: cordon --help");
});
