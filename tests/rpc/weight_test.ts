import { assert, assertEquals, assertThrows } from "@std/assert";
import { FrameError } from "../../src/rpc/frame.ts";
import { decodeMessage, type Message, receiveMessage } from "../../src/rpc/message.ts";
import { isTooHeavy, MAX_MESSAGE_WEIGHT, weigh } from "../../src/rpc/weight.ts";

function receive(value: unknown): number {
  const head = JSON.stringify({ type: "result", id: 1, value });
  return receiveMessage({ head, tail: new Uint8Array(0) }).weight;
}

Deno.test("weigh() counts what a value takes in memory, not the length of its text", () => {
  const objects = Array.from({ length: 100_000 }, () => ({}));
  assert(weigh(objects) > 20 * JSON.stringify(objects).length);
  assert(weigh("x".repeat(1_000_000)) < 2_100_000);
  assert(weigh(new Uint8Array(1_000_000)) < 1_000_100);
  assert(weigh({ ["k".repeat(1_000_000)]: 1 }) > 2_000_000);
  assert(weigh([new ReadableStream()]) > 4_000);
});

Deno.test("weigh() looks no further than the bound, into whatever order it is nested", () => {
  const heavy = "x".repeat(MAX_MESSAGE_WEIGHT / 4);
  const trap = () => {
    throw new Error("looked at");
  };
  const trapped = Object.defineProperty([], 0, { get: trap, enumerable: true });
  const object = Object.defineProperty({}, "x", { get: trap, enumerable: true });
  assert(weigh([heavy, heavy, heavy, trapped, object]) > MAX_MESSAGE_WEIGHT);
  assert(weigh({ a: heavy, b: [heavy, heavy], c: trapped }) > MAX_MESSAGE_WEIGHT);
});

Deno.test("A message weighs what is in it, a short one as much as it could", () => {
  assert(receive([]) < 2_000);
  assert(receive(Array(1_000).fill({})) > 70_000);
  assert(receive("x".repeat(1_000)) < 3_000);
  const { weight, hasStreams } = receiveMessage({
    head: JSON.stringify([{ type: "result", id: 1, value: [null, null] }, [], [
      [["value", 0], 1],
      [["value", 1], 2],
    ]]),
    tail: new Uint8Array(0),
  }, () => "a stream");
  assertEquals([weight > 8_000, hasStreams], [true, true]);
});

Deno.test("decodeMessage() refuses what is nested too deep, beside whatever else there is", () => {
  const deep = `${"[".repeat(80)}${"]".repeat(80)}`;
  for (const value of [deep, `{"a":{},"b":${deep}}`, `[1,"x",${deep}]`]) {
    const head = `{"type":"result","id":1,"value":${value}}`;
    assertThrows(() => decodeMessage({ head, tail: new Uint8Array(0) }), FrameError, "nested deeper");
  }
});

const BOMB = `[${"{},".repeat(1_000_000)}{}]`;

Deno.test("isTooHeavy() tells from the text alone, whatever stands in its texts", () => {
  assert(isTooHeavy(BOMB));
  assert(isTooHeavy(`{"a":${BOMB}}`));
  assert(!isTooHeavy(JSON.stringify(BOMB)));
  assert(!isTooHeavy(JSON.stringify([BOMB, `\\"${BOMB}`, "\\"])));
  assert(isTooHeavy(`["\\\\",${BOMB}]`));
  assert(!isTooHeavy(`"${"x".repeat(3_000_000)}`));
  assert(!isTooHeavy(JSON.stringify(Array(400_000).fill({ id: 1, name: "row" }))));
});

Deno.test("A message that is too heavy is not read further than what it takes to refuse it", () => {
  const receiveText = (head: string) => receiveMessage({ head, tail: new Uint8Array(0) });
  const cases: [Message, string][] = [
    [
      { type: "call", id: 7, method: "a.b", params: [] },
      `{"type":"call","id":7,"method":"a.b","params":${BOMB}}`,
    ],
    [{ type: "result", id: 8 }, `[{"type":"result","id":8,"value":${BOMB}},[],[[["value"],3]]]`],
    [{ type: "notify", method: "log", params: [] }, `{"type":"notify","method":"log","params":${BOMB}}`],
  ];
  for (const [message, head] of cases) {
    assertEquals(receiveText(head), { message, weight: Infinity, hasStreams: false });
  }
  for (
    const head of [BOMB, `{"id":7,"type":"call","params":${BOMB}}`, `{"type":"error","id":1,"error":${BOMB}}`]
  ) {
    assertThrows(() => receiveText(head), FrameError, "takes more than");
  }
});
