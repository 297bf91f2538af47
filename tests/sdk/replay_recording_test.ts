import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { PluginContext } from "@cordon/cordon/sdk";
import { CordonError, replayRecording } from "@cordon/cordon/sdk/testing";
import { fixture, openFixtures, writePlugin } from "../fixtures/start_host.ts";
import * as greeter from "../fixtures/greeter/main.ts";
import * as polite from "../fixtures/polite/main.ts";

/** Records a fixture with a call of each kind. */
async function record(name: string, names: readonly string[], calls: readonly [string, ...unknown[]][]) {
  const folder = await writePlugin({});
  const file = `${folder.dir}/${name}.jsonl`;
  await using opened = await openFixtures(names);
  await opened.host.record(`fixture.${name}`, {
    file,
    calls: calls.map(([method, ...args]) => ({ method, args })),
  });
  return { file, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

Deno.test("replayRecording() runs a module in memory as it ran in its sandbox", async () => {
  await using recorded = await record("polite", ["greeter", "polite"], [["greetTwice", "Ada"], ["heard"]]);
  const report = await replayRecording(polite, recorded.file);
  assertEquals([report.ok, report.ignored], [true, 0]);
});

Deno.test("replayRecording() compares bytes and errors, and throws the first difference", async () => {
  await using recorded = await record("greeter", ["greeter"], [
    ["echo", new Uint8Array([1, 2])],
    ["fail"],
    ["hello", "Ada"],
  ]);
  await replayRecording(greeter, new URL(`file://${recorded.file}`));
  const changed = {
    activate: (ctx: PluginContext) => ({
      ...greeter.activate(ctx),
      fail: () => Promise.reject(new TypeError("no")),
    }),
  };
  const error = await assertRejects(() => replayRecording(changed, recorded.file), CordonError);
  assertEquals([error.code, error.facts.path], ["replay_differs", "error.error.message"]);
  assertStringIncludes(error.message, 'its answer to "fail" differs at error.error.message');
  assertStringIncludes(error.message, 'recorded "no such greeting", now "no"');
  await replayRecording(changed, recorded.file, { ignore: ["fail"] });
});

Deno.test("replayRecording() ends what it started, and does not wait for what cannot end", async () => {
  await using recorded = await record("greeter", ["greeter"], [["hello", "Ada"]]);
  const ended: string[] = [];
  const module = {
    activate(ctx: PluginContext) {
      const timer = setInterval(() => {}, 1_000);
      ctx.signal.addEventListener("abort", () => clearInterval(timer));
      return greeter.activate(ctx);
    },
    deactivate: () => void ended.push("deactivate"),
  };
  await replayRecording(module, recorded.file);
  assertEquals(ended, ["deactivate"]);
  const silent = { activate: () => ({ hello: () => new Promise(() => {}) }) };
  await assertRejects(() => replayRecording(silent, recorded.file, { timeoutMs: 10 }), CordonError);
});

Deno.test("replayRecording() says what it cannot read", async () => {
  const missing = await assertRejects(() => replayRecording(greeter, "/no/such/file"), CordonError);
  assertEquals(missing.code, "not_found");
  const other = await assertRejects(() => replayRecording(greeter, fixture("greeter/main.ts")), CordonError);
  assertEquals(other.code, "invalid_input");
});
