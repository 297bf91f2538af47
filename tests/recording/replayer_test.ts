import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Message } from "../../src/rpc/message.ts";
import { LAST_PING, Replayer } from "../../src/recording/replayer.ts";
import type { ReplayReport } from "../../src/recording/replay_report.ts";
import { type Line, makeRecording } from "./make_recording.ts";
import { invoke, publish, result, START, startReplay as start } from "./replay_stage.ts";

Deno.test("Replayer starts the plugin where it is now, with everything else as recorded", async () => {
  const sent: Message[] = [];
  const replayer = new Replayer(makeRecording(START), {
    here: { vars: {}, places: { data: "/now/data" } },
    send: (head) => (sent.push(head as Message), JSON.stringify(head).length),
  });
  assertEquals(sent, [], "nothing before the place of the replay says where the plugin is");
  const loaded = replayer.request("load", [{ entry: "file:///here/main.ts" }]);
  assertEquals(sent.length, 1);
  const activated = replayer.request("activate", [{ data: "/here/data", id: "ignored" }]);
  assertEquals(sent.map((message) => (message as { params: unknown[] }).params), [
    [{ entry: "file:///here/main.ts" }],
    [{ id: "test.plain", data: "/here/data" }],
  ]);
  replayer.receive(result(0, { exports: [] }), 0);
  replayer.receive(result(1, { methods: ["query"] }), 0);
  assertEquals([await loaded, await activated], [{ exports: [] }, { methods: ["query"] }]);
  assertEquals(sent.at(-1), { type: "notify", method: "ping", params: [LAST_PING] });
  replayer.receive({ type: "notify", method: "pong", params: [LAST_PING] }, 0);
  assertEquals(await replayer.done, { ok: true, matched: 2, ignored: 0, sent: 2 });
});

Deno.test("Replayer sends each message once everything before it has come", async () => {
  const recording = makeRecording([
    ...START,
    invoke(2, "a"),
    ["<", publish(0, "t", 1)],
    [">", result(0, null)],
    ["<", result(2, "A")],
    invoke(3, "b"),
    ["<", result(3, "B")],
  ]);
  const { sent, say, report } = start(recording);
  assertEquals(sent().map(({ type }) => type), ["call"]);
  say(publish(7, "t", 1));
  assertEquals(sent(), [result(7, null)], "answered by the number that the call has now");
  say(result(2, "A"));
  assertEquals(sent().map((message) => (message as { id: number }).id), [3]);
  say(result(3, "B"));
  assertEquals((await report()).ok, true);
});

Deno.test("Replayer makes calls at once that were made at once, and takes their answers in any order", async () => {
  const recording = makeRecording([
    ...START,
    invoke(2, "a"),
    invoke(3, "b"),
    ["<", publish(0, "t", "a")],
    ["<", publish(1, "t", "b")],
    [">", result(0, "first")],
    [">", result(1, "second")],
    ["<", result(3, "B")],
    ["<", result(2, "A")],
  ]);
  const { sent, say, report } = start(recording);
  assertEquals(sent().map((message) => (message as { id: number }).id), [2, 3]);
  say(publish(0, "t", "b"), publish(1, "t", "a"));
  assertEquals(sent(), [result(1, "first"), result(0, "second")]);
  say(result(2, "A"), result(3, "B"));
  assertEquals((await report()).ok, true);
});

Deno.test("Replayer names the first difference: where, what was recorded, and what came", async (test) => {
  const recording = makeRecording([
    ...START,
    invoke(2, "a"),
    ["<", publish(0, "t", { n: 1 })],
    [">", result(0, null)],
    ["<", result(2, { hits: [1, 2] })],
  ]);
  const cases: Record<
    string,
    [said: Message[], expected: Partial<ReplayReport["difference"]>, part: string]
  > = {
    "another value": [[publish(0, "t", { n: 1 }), result(2, { hits: [1, 3] })], {
      type: "differs",
      line: 9,
      path: "result.value.hits.1",
      expected: 2,
      actual: 3,
    }, 'its answer to "query" differs at result.value.hits.1: recorded 2, now 3'],
    "another parameter": [[publish(0, "t", { n: 2 })], {
      type: "differs",
      line: 7,
      path: "publish.params.1.n",
    }, 'its request "publish" "t" differs'],
    "another topic": [[publish(0, "u", { n: 1 })], { type: "unexpected", line: 7 }, '"u" was not recorded'],
    "an error": [[publish(0, "t", { n: 1 }), { type: "error", id: 2, error: { name: "E", message: "no" } }], {
      type: "differs",
      line: 9,
    }, "(result, and now error)"],
    "a request nobody made": [
      [{ type: "call", id: 0, method: "use", params: ["x"] }],
      { type: "unexpected" },
      "",
    ],
    "the same twice": [[publish(0, "t", { n: 1 }), publish(1, "t", { n: 1 })], { type: "unexpected" }, ""],
    "an answer that is not due": [[result(9, 1)], { type: "unexpected" }, ""],
  };
  for (const [name, [said, expected, part]] of Object.entries(cases)) {
    await test.step(name, async () => {
      const { replayer, say } = start(recording);
      say(...said);
      const { ok, difference } = await replayer.done;
      assertEquals(ok, false);
      for (const [key, value] of Object.entries(expected!)) {
        assertEquals(difference![key as keyof typeof difference], value, key);
      }
      assertStringIncludes(difference!.message, part);
    });
  }
});

Deno.test("Replayer says what does not come in time, and what a plugin that ended did not do", async () => {
  const recording = makeRecording([...START, invoke(2), ["<", result(2, 1)]]);
  const late = await start(recording, { timeoutMs: 1 }).replayer.done;
  assertEquals([late.difference!.type, late.difference!.line], ["missing", 7]);
  const { replayer } = start(recording);
  replayer.end();
  assertEquals((await replayer.done).difference!.type, "ended");
});

Deno.test("Replayer waits for the end of a plugin that ended, and for that only", async () => {
  const recording = makeRecording([...START, invoke(2)], { end: "exited" });
  const ended = start(recording);
  ended.replayer.end();
  assertEquals((await ended.replayer.done).ok, true);
  const alive = await start(recording, { timeoutMs: 1 }).replayer.done;
  assertStringIncludes(alive.difference!.message, "runs on now");
});

Deno.test("Replayer notices what the plugin does besides, unless the recording stopped in the midst of it", async () => {
  const lines: readonly Line[] = [...START, invoke(2), ["<", result(2, 1)]];
  const more = start(makeRecording(lines));
  more.say(result(2, 1), publish(0, "t", 1));
  assertEquals((await more.replayer.done).difference!.type, "unexpected");
  for (
    const recording of [makeRecording(lines, { end: "size" }), { ...makeRecording(lines), end: undefined }]
  ) {
    const cut = start(recording);
    cut.say(result(2, 1), publish(0, "t", 1));
    assertEquals((await cut.replayer.done).ok, true);
  }
  const busy = start(makeRecording([...START, invoke(2)]));
  assertEquals((await busy.replayer.done).ok, true);
});

Deno.test("Replayer delivers events, and calls off as late as then what was called off", async () => {
  const event: Message = { type: "call", id: 2, method: "event", params: [0, { n: 1 }, { topic: "t" }] };
  const recording = makeRecording([
    ...START,
    [">", event, 4],
    ["<", result(2, null), 5],
    [">", { type: "call", id: 3, method: "invoke", params: ["query", []] }, 6],
    [">", { type: "cancel", id: 3, reason: "deadline exceeded" }, 36],
    ["<", { type: "error", id: 3, error: { name: "AbortError", message: "off", stack: "here:1" } }, 37],
  ]);
  const { replayer, sent, say, report } = start(recording);
  assertEquals(sent(), [event]);
  say(result(2, null));
  assertEquals(sent().map(({ type }) => type), ["call"]);
  const began = performance.now();
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const poll = setInterval(() => {
    if (sent().some(({ type }) => type === "cancel")) resolve();
  }, 1);
  await cancelled;
  clearInterval(poll);
  assertEquals(performance.now() - began >= 25, true);
  say({ type: "error", id: 3, error: { name: "AbortError", message: "off", stack: "there:2" } });
  assertEquals((await report()).ok, true, "stacks are not compared");
  assertEquals((await replayer.done).matched, 4);
});

Deno.test("Replayer knows the calls that the plugin called off, whatever their number is now", async () => {
  const recording = makeRecording([
    ...START,
    ["<", publish(0, "t", 1)],
    ["<", { type: "cancel", id: 0, reason: "cancelled" }],
    [">", { type: "error", id: 0, error: { name: "AbortError", message: "off" } }],
  ]);
  const { sent, say, report } = start(recording);
  say(publish(5, "t", 1), { type: "cancel", id: 5, reason: "whatever" });
  assertEquals(sent().slice(0, 1).map((message) => (message as { id: number }).id), [5]);
  assertEquals((await report()).ok, true);
});

Deno.test("Replayer does not compare what rules name, and answers it all the same", async () => {
  const recording = makeRecording([
    ...START,
    ["<", { type: "notify", method: "log", params: ["info", "then", null] }],
    ["<", publish(0, "t", 1)],
    [">", result(0, "recorded")],
    invoke(2),
    ["<", result(2, { took: 1, hits: [] })],
  ], { head: { ignore: ["result.value.took"] } });
  const lenient = start(recording, { ignore: ["publish"] });
  assertEquals(lenient.sent().map(({ type }) => type), ["call"], "nobody waits for what is not compared");
  lenient.say(publish(0, "other", 9), publish(1, "t", 2));
  const [answer, refusal] = lenient.sent();
  assertEquals(answer, result(0, "recorded"));
  assertEquals((refusal as { error: { code: string } }).error.code, "not_recorded");
  lenient.say(
    { type: "notify", method: "log", params: ["info", "now", null] },
    result(2, { took: 2, hits: [] }),
  );
  assertEquals(await lenient.report(), { ok: true, matched: 3, ignored: 3, sent: 4 });

  const strict = start(recording, { logs: true });
  strict.say({ type: "notify", method: "log", params: ["info", "now", null] });
  assertEquals((await strict.replayer.done).difference!.path, "log.params.1");
});

Deno.test("Replayer compares folders and variables by what they stand for", async () => {
  const recording = makeRecording([
    ...START,
    invoke(2, "/then/data/in"),
    ["<", result(2, "wrote /then/data/out")],
  ]);
  const { sent, say, report } = start(recording);
  assertEquals((sent()[0] as { params: unknown[] }).params, ["query", ["/now/data/in"]]);
  say(result(2, "wrote /now/data/out"));
  assertEquals((await report()).ok, true);
});

Deno.test("Replayer is not led astray by what a plugin sends", async () => {
  const recording = makeRecording([...START, invoke(2), ["<", result(2, 1)]]);
  const odd = JSON.parse('{"toString":1,"valueOf":1,"toJSON":1,"__proto__":1}');
  const messages: Message[] = [
    { type: "call", id: 0, method: "call", params: [odd, odd] },
    { type: "call", id: 0, method: "publish", params: [odd] },
    { type: "notify", method: "constructor", params: [odd] },
    { type: "result", id: 2, value: odd },
    { type: "cancel", id: 99 },
  ];
  for (const message of messages) {
    const { replayer, say } = start(recording);
    say(message);
    const { difference } = await replayer.done;
    assertEquals(typeof difference!.message, "string", JSON.stringify(message));
  }
});
