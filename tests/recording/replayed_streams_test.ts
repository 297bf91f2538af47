import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { RecordedStream } from "../../src/recording/recorded_stream.ts";
import { STREAM_WINDOW_BYTES } from "../../src/rpc/incoming_stream.ts";
import type { Message } from "../../src/rpc/message.ts";
import { type Line, makeRecording } from "./make_recording.ts";
import { invoke, result, START, startReplay } from "./replay_stage.ts";

const stream = (id: number) => new RecordedStream(id);
const chunk = (stream: number, value: unknown): Message => ({ type: "chunk", stream, value });
const end = (stream: number): Message => ({ type: "end", stream });
const credit = (stream: number, bytes: number): Message => ({ type: "credit", stream, bytes });
const drop = (stream: number): Message => ({ type: "drop", stream, reason: "enough" });
const BIG = "x".repeat(100_000);

Deno.test("Replayer knows the plugin's streams by the numbers that they have now", async () => {
  const recording = makeRecording([
    ...START,
    invoke(2, "a"),
    invoke(3, "b"),
    ["<", result(2, { items: stream(0) })],
    ["<", result(3, { items: stream(1) })],
    ["<", chunk(0, "a1")],
    ["<", chunk(1, "b1")],
    [">", credit(1, 500)],
    ["<", chunk(0, "a2")],
    ["<", end(0)],
    [">", drop(1)],
  ]);
  const { sent, say, report } = startReplay(recording);
  say(result(3, { items: stream(0) }), chunk(0, "b1"), result(2, { items: stream(1) }), chunk(1, "a1"));
  assertEquals(sent().slice(2), [credit(0, 500)]);
  say(chunk(1, "a2"), end(1));
  assertEquals(sent().slice(0, 1), [drop(0)]);
  say(chunk(0, "made before it heard of that"));
  const { ok, difference } = await report();
  assertEquals([ok, difference], [true, undefined]);
});

Deno.test("Replayer tells streams apart by their values, in their order", async (test) => {
  const lines: readonly Line[] = [
    ...START,
    invoke(2),
    ["<", result(2, stream(0))],
    ["<", chunk(0, { n: 1 })],
    ["<", chunk(0, { n: 2 })],
    ["<", { type: "end", stream: 0, error: { name: "Error", message: "no more", stack: "then:1" } }],
  ];
  const failed = (message: string): Message => ({
    type: "end",
    stream: 4,
    error: { name: "Error", message, stack: "now:2" },
  });
  const cases: Record<string, [said: Message[], part: string]> = {
    "no stream": [
      [result(2, [])],
      'its answer to "query" differs at result.value: recorded "(stream)", now []',
    ],
    "another order": [
      [result(2, stream(4)), chunk(4, { n: 2 })],
      "differs at chunk.value.n: recorded 1, now 2",
    ],
    "another end": [
      [result(2, stream(4)), chunk(4, { n: 1 }), chunk(4, { n: 2 }), failed("odd")],
      "end.error.message",
    ],
    "more of it": [
      [result(2, stream(4)), chunk(4, { n: 1 }), chunk(4, { n: 2 }), chunk(4, { n: 3 })],
      "(end, and now chunk)",
    ],
    "less of it": [[result(2, stream(4)), chunk(4, { n: 1 }), end(4)], "(chunk, and now end)"],
  };
  for (const [name, [said, part]] of Object.entries(cases)) {
    await test.step(name, async () => {
      const { replayer, say } = startReplay(makeRecording(lines));
      say(...said);
      assertStringIncludes((await replayer.done).difference!.message, part);
    });
  }
  await test.step("nothing", async () => {
    const { say, report } = startReplay(makeRecording(lines));
    say(result(2, stream(4)), chunk(4, { n: 1 }), chunk(4, { n: 2 }), failed("no more"));
    assertEquals((await report()).ok, true);
  });
  await test.step("what a rule passes over, by the message that brought the stream", async () => {
    const { say, report } = startReplay(makeRecording(lines), { ignore: ["query.value.n"] });
    say(result(2, stream(4)), chunk(4, { n: 7 }), chunk(4, { n: 8 }), failed("no more"));
    assertEquals((await report()).ok, true);
  });
});

Deno.test("Replayer sends no further than the plugin lets it, and says who does not read", async () => {
  const recording = makeRecording([
    ...START,
    invoke(2, stream(0)),
    ...[1, 2, 3, 4].map((n): Line => [">", chunk(0, `${n}${BIG}`)]),
    [">", end(0)],
    ["<", credit(0, 200_000)],
    ["<", result(2, "read")],
  ]);
  const sentNumbers = (messages: Message[]) =>
    messages.map((message) => message.type === "chunk" ? (message.value as string)[0] : message.type);
  const { sent, say, report } = startReplay(recording);
  // The head is an array: a message with streams.
  assertEquals(sentNumbers(sent().slice(1)), ["1", "2", "3"]);
  say(credit(0, 200_000));
  assertEquals(sentNumbers(sent()), ["4", "end"]);
  say(result(2, "read"));
  assertEquals((await report()).ok, true);

  const { replayer } = startReplay(recording, { timeoutMs: 1 });
  assertStringIncludes((await replayer.done).difference!.message, "its reading of a stream does not come");
});

Deno.test("Replayer does not ask how far the plugin read ahead, but whether it gave up", async () => {
  const lines: readonly Line[] = [...START, invoke(2, stream(0)), [">", chunk(0, 1)]];
  const gaveUp = makeRecording([...lines, ["<", drop(0)], [">", chunk(0, 2)], ["<", result(2, 1)]]);
  const same = startReplay(gaveUp);
  same.say(drop(0), result(2, 1));
  assertEquals((await same.report()).ok, true);
  assertEquals(same.sent().some((message) => message.type === "chunk" && message.value === 2), false);
  const reads = startReplay(gaveUp, { timeoutMs: 1 });
  reads.say(result(2, 1));
  assertStringIncludes((await reads.replayer.done).difference!.message, "its cancellation of a stream");

  const ended = makeRecording([...lines, [">", end(0)], ["<", result(2, 1)]]);
  const early = startReplay(ended);
  early.say(drop(0), result(2, 1));
  assertEquals((await early.report()).ok, true, "then it had the end before it gave up");
  const late = startReplay(makeRecording([...lines, [">", end(0)], ["<", drop(0)], ["<", result(2, 1)]]));
  late.say(result(2, 1));
  assertEquals((await late.report()).ok, true, "now it has");
});

Deno.test("Replayer lets values be longer than they were, by their numbers or what is not compared", async () => {
  const made = Math.ceil(STREAM_WINDOW_BYTES / 100);
  const text = (n: number) => "x".repeat(60 + n);
  const recording = makeRecording([
    ...START,
    invoke(2),
    ["<", result(2, stream(0))],
    ...Array.from({ length: made }, (): Line => ["<", chunk(0, text(0))]),
    ["<", end(0)],
  ], { head: { ignore: ["chunk.value"] } });
  const { sent, say, report } = startReplay(recording);
  say(result(2, stream(7)));
  let [room, granted] = [STREAM_WINDOW_BYTES, 0];
  for (let n = 0; n < made; n++) {
    const message = chunk(7, text(10));
    room -= JSON.stringify(message).length;
    say(message);
    for (const { type, bytes } of sent() as { type: string; bytes: number }[]) {
      if (type === "credit") granted += bytes;
    }
    assert(room + granted > 0, `value ${n} could not be sent`);
  }
  say(end(7));
  assertEquals((await report()).ok, true);
});

Deno.test("Replayer stops streams that nobody read, and waits for none that went on", async () => {
  const recording = makeRecording([...START, invoke(2), ["<", result(2, stream(0))], ["<", chunk(0, 1)]]);
  const more = startReplay(recording);
  more.say(result(2, stream(3)), chunk(3, 1), chunk(3, 2));
  assertEquals((await more.replayer.done).ok, true);
  const lines: readonly Line[] = [invoke(2), ["<", result(2, stream(0))], ["<", chunk(0, 1)], ["<", end(0)]];
  const two = makeRecording([...START, ...lines, invoke(3), ["<", result(3, "over")]]);
  const ignored = startReplay(two, { ignore: ["query.value"] });
  ignored.sent();
  ignored.say(result(2, [stream(3), stream(4)]));
  assertEquals(ignored.sent().map((message) => message.type === "drop" && message.stream), [3, 4, false]);
  ignored.say(chunk(3, "made before it heard of that"), result(3, "whatever"));
  assertEquals((await ignored.report()).ok, true);
});

Deno.test("Replayer takes what a plugin says of streams that are none", async () => {
  const recording = makeRecording([...START, invoke(2), ["<", result(2, 1)]]);
  const { say, report } = startReplay(recording);
  say(chunk(9, 1), end(9), credit(9, 1e9));
  say(result(2, 1));
  assertEquals((await report()).ok, true);
});
