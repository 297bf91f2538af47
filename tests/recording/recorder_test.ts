import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseRecording } from "../../src/recording/recording.ts";
import { Recorder, type RecordingSink } from "../../src/recording/recorder.ts";
import { makeHead } from "./make_recording.ts";

const CALL = '{"type":"call","id":0,"method":"invoke","params":["query",[]]}';
const RESULT = '{"type":"result","id":0,"value":1}';

/** A sink in memory. */
function openSink(): RecordingSink & { text: string; closed: number } {
  const decoder = new TextDecoder();
  return {
    text: "",
    closed: 0,
    write(bytes) {
      this.text += decoder.decode(bytes);
      return Promise.resolve();
    },
    close() {
      this.closed++;
    },
  };
}

Deno.test("Recorder writes frames both ways as they travel, without signs of life", async () => {
  const sink = openSink();
  const recorder = new Recorder(sink, { maxBytes: 10_000 });
  recorder.take("plugin", CALL, []);
  assert(!recorder.hasBegun);
  recorder.begin(makeHead(), []);
  recorder.take("plugin", CALL, []);
  recorder.take("plugin", '{"type":"notify","method":"ping","params":[1]}', []);
  recorder.take("host", '{"type":"notify","method":"pong","params":[1]}', []);
  recorder.take("host", '[{"type":"result","id":0,"value":null},[[["value"],3]]]', [
    new Uint8Array([1]),
    new Uint8Array([2, 3]),
  ]);
  const report = await recorder.end("exited", { code: 3 });
  recorder.take("plugin", CALL, []);
  assertEquals([report.messages, report.end, report.failure, sink.closed], [2, "exited", undefined, 1]);
  assertEquals(report.bytes, sink.text.length);
  const { head, frames, end } = parseRecording(sink.text, "x");
  assertEquals(head, makeHead());
  assertEquals(frames.map(({ to, message }) => [to, message.type]), [["plugin", "call"], ["host", "result"]]);
  assertEquals(frames[1]!.message, { type: "result", id: 0, value: new Uint8Array([1, 2, 3]) });
  assertEquals([end?.end, end?.code], ["exited", 3]);
});

Deno.test("Recorder stops where it would get too long, and says so in the file", async () => {
  const sink = openSink();
  const recorder = new Recorder(sink, { maxBytes: 2_000 });
  recorder.begin(makeHead(), []);
  for (let count = 0; count < 100; count++) recorder.take("plugin", CALL, []);
  await recorder.over;
  const report = await recorder.end("asked");
  assertEquals(report.end, "size");
  assert(report.bytes <= 2_000 && report.bytes > 1_500, `${report.bytes}`);
  assertEquals(parseRecording(sink.text, "x").end?.end, "size");
});

Deno.test("Recorder ends when the plugin has answered so many calls of its methods", async () => {
  const recorder = new Recorder(openSink(), { maxBytes: 10_000, maxAnswers: 1 });
  let isOver = false;
  void recorder.over.then(() => isOver = true);
  recorder.begin(makeHead(), []);
  recorder.take("plugin", '{"type":"call","id":9,"method":"load","params":[]}', []);
  recorder.take("host", '{"type":"result","id":9}', []);
  recorder.take("plugin", CALL, []);
  await Promise.resolve();
  assert(!isOver);
  recorder.take("host", RESULT, []);
  await recorder.over;
  await recorder.end("asked");
});

Deno.test("Recorder counts an answer once its streams have ended, or nobody reads them", async () => {
  const recorder = new Recorder(openSink(), { maxBytes: 10_000, maxAnswers: 1 });
  let isOver = false;
  void recorder.over.then(() => isOver = true);
  recorder.begin(makeHead(), []);
  recorder.take("plugin", CALL, []);
  const head = [{ type: "result", id: 0, value: [null, null] }, [], [[["value", 0], 0], [["value", 1], 1]]];
  recorder.take("host", JSON.stringify(head), []);
  recorder.take("host", '{"type":"end","stream":0}', []);
  recorder.take("host", '{"type":"end","stream":0}', []);
  await Promise.resolve();
  assert(!isOver);
  recorder.take("plugin", '{"type":"drop","stream":1}', []);
  await recorder.over;
  await recorder.end("asked");
});

Deno.test("Recorder lets no secret into the file, however it is told", async () => {
  const sink = openSink();
  const recorder = new Recorder(sink, { maxBytes: 10_000 });
  recorder.begin(makeHead(), ["hunter22"]);
  recorder.take("plugin", '{"type":"call","id":0,"method":"activate","params":[{"key":"hunter22"}]}', []);
  recorder.take("host", '{"type":"notify","method":"log","params":["info","I have \\u0068unter22!"]}', []);
  await recorder.end("asked");
  assert(!sink.text.includes("hunter22"), sink.text);
  const [activate, log] = parseRecording(sink.text, "x").frames.map(({ message }) => message);
  assertEquals((activate as { params: unknown[] }).params, [{ key: "(secret)" }]);
  assertEquals((log as { params: unknown[] }).params, ["info", "I have (secret)!"]);
});

Deno.test("Recorder is not led astray by what a plugin sends", async () => {
  const sink = openSink();
  const recorder = new Recorder(sink, { maxBytes: 10_000 });
  recorder.begin(makeHead(), []);
  recorder.take("host", '{"type":"result",\n"id":0,"value":\n1}', []);
  recorder.take("host", '{"type":"x"}}\n{"at":1,"end":"asked"}', []);
  for (const text of ["null", "{}", '{"type":"result","id":-1}', "[[]]"]) recorder.take("host", text, []);
  await recorder.end("asked");
  const lines = sink.text.trim().split("\n");
  assertEquals(lines.length, 3, sink.text);
  assertStringIncludes(lines[1]!, '{"type":"result","id":0,"value":1}');
  assertEquals(parseRecording(sink.text, "x").frames.length, 1);
});

Deno.test("Recorder ends at a message that is refused unread, and does not read it either", async () => {
  const recorder = new Recorder(openSink(), { maxBytes: 100_000_000 });
  recorder.begin(makeHead(), []);
  recorder.take("host", `{"type":"result","id":0,"value":[${"{},".repeat(1_000_000)}{}]}`, []);
  await recorder.over;
  assertEquals((await recorder.end("asked")).end, "size");
});

Deno.test("Recorder ends when it cannot write, and throws nothing at the plugin", async () => {
  const sink: RecordingSink = {
    write: () => Promise.reject(new Error("No space left on device (os error 28)")),
    close: () => {},
  };
  const recorder = new Recorder(sink, { maxBytes: 10_000 });
  recorder.begin(makeHead(), []);
  recorder.take("plugin", CALL, []);
  await recorder.over;
  recorder.take("host", RESULT, []);
  const report = await recorder.end("asked");
  assertEquals([report.end, report.failure], ["failed", "No space left on device (os error 28)"]);
});
