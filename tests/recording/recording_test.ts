import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CordonError } from "@cordon/cordon";
import fc from "fast-check";
import { parseRecording } from "../../src/recording/recording.ts";
import { makeHead, readLines } from "./make_recording.ts";

const HEAD = makeHead();
const CALL = { at: 1, to: "plugin", head: { type: "call", id: 0, method: "load", params: [] } };

Deno.test("parseRecording() reads frames with their bytes, and how it ended", () => {
  const withBytes = {
    at: 2.5,
    to: "host",
    head: [{ type: "result", id: 0, value: { data: null } }, [[["value", "data"], 3]]],
    tail: new Uint8Array([1, 2, 3]).toBase64(),
  };
  const { head, frames, end } = readLines([HEAD, CALL, withBytes, { at: 9, end: "exited", code: 3 }]);
  assertEquals(head, HEAD);
  assertEquals(frames.map(({ at, to, line }) => [at, to, line]), [[1, "plugin", 2], [2.5, "host", 3]]);
  assertEquals(frames[1]!.message, { type: "result", id: 0, value: { data: new Uint8Array([1, 2, 3]) } });
  assertEquals(end, { at: 9, end: "exited", code: 3 });
});

Deno.test("parseRecording() leaves out a last line that was cut", () => {
  const text = `${JSON.stringify(HEAD)}\n${JSON.stringify(CALL)}\n`;
  const { frames, end } = parseRecording(`${text}{"at":3,"to":"ho`, "cut.jsonl");
  assertEquals([frames.length, end], [1, undefined]);
  assertEquals(parseRecording(text, "no_end.jsonl").end, undefined);
});

Deno.test("parseRecording() refuses what is no recording, in words", async (test) => {
  const line = (value: unknown) => `${JSON.stringify(value)}\n`;
  const cases: Record<string, [text: string, part: string]> = {
    "nothing": ["", "it is empty"],
    "half a line": ["{", "its first line is cut"],
    "something else": ["hello\n", "it is none"],
    "another JSON": [line({ a: 1 }), "it is none (recording:"],
    "null": [line(null), "it is none"],
    "a newer format": [line({ ...HEAD, recording: 2 }), "its format is 2, and 1 is known here"],
    "a broken line within": [`${line(HEAD)}{"at":\n${line(CALL)}`, "line 2: "],
    "no message": [
      line(HEAD) + line({ ...CALL, head: { type: "call", id: -1 } }),
      "line 2: Cannot read a message",
    ],
    "a message of no type": [line(HEAD) + line({ ...CALL, head: null }), "line 2: Cannot read a message"],
    "an unknown receiver": [line(HEAD) + line({ ...CALL, to: "me" }), "line 2: to:"],
    "bytes that belong to nothing": [
      line(HEAD) + line({ ...CALL, tail: "AQID" }),
      "3 bytes belong to nothing",
    ],
    "bytes that are none": [line(HEAD) + line({ ...CALL, tail: "%%%" }), "line 2: tail:"],
    "lines after its end": [
      line(HEAD) + line({ at: 1, end: "asked" }) + line(CALL),
      "line 3: nothing may follow",
    ],
    "an end of no kind": [line(HEAD) + line({ at: 1, end: "sad" }), "line 2: end:"],
  };
  for (const [name, [text, part]] of Object.entries(cases)) {
    await test.step(name, () => {
      const error = assertThrows(() => parseRecording(text, "x.jsonl"), CordonError);
      assertEquals(error.code, "invalid_input");
      assertStringIncludes(error.message, 'Cannot read the recording "x.jsonl": ');
      assertStringIncludes(error.message, part);
    });
  }
});

Deno.test("parseRecording() takes the keys of prototypes as data", () => {
  const text = `${JSON.stringify(HEAD)}\n` +
    `{"at":1,"to":"host","head":{"type":"result","id":0,"value":{"__proto__":{"polluted":true}}}}\n`;
  const { frames } = parseRecording(text, "x.jsonl");
  const { value } = frames[0]!.message as { value: object };
  assertEquals(Object.getPrototypeOf(value), Object.prototype);
  assertEquals(({} as { polluted?: unknown }).polluted, undefined);
});

Deno.test("parseRecording() throws nothing but what says why, whatever the file holds", () => {
  const value = fc.oneof(fc.json(), fc.constantFrom(...'\u0000\u001b[2J{}[]"\\'), fc.string());
  const frame = fc.record({
    at: fc.oneof(fc.double(), fc.constant(1)),
    to: fc.constantFrom("plugin", "host", "nobody"),
    head: fc.oneof(
      fc.jsonValue(),
      fc.record({
        type: fc.constantFrom("call", "result", "chunk", "end", "credit", "drop"),
        id: fc.nat(),
        stream: fc.nat(),
      }),
      fc.constant([{ type: "call", id: 1, method: "m", params: [null] }, [], [[["params", 0], 5]]]),
    ),
    tail: fc.oneof(fc.base64String(), fc.string(), fc.constant(undefined)),
  });
  const line = fc.oneof(value, frame.map((one) => JSON.stringify(one)), fc.constant(JSON.stringify(CALL)));
  fc.assert(
    fc.property(fc.boolean(), fc.array(line, { maxLength: 5 }), (hasHead, lines) => {
      const text = [...(hasHead ? [JSON.stringify(HEAD)] : []), ...lines, ""].join("\n");
      try {
        parseRecording(text, "x");
      } catch (error) {
        if (!(error instanceof CordonError) || error.code !== "invalid_input") throw error;
      }
    }),
    { numRuns: 500 },
  );
});
