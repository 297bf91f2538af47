import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { isCarriable, MAX_ATTACHMENTS, MAX_DEPTH } from "../../src/rpc/carried_value.ts";
import { encodeFrame, type Frame, FrameDecoder, FrameError } from "../../src/rpc/frame.ts";
import { decodeMessage, type Message } from "../../src/rpc/message.ts";
import { encodeMessage } from "./encode_message.ts";

const AWKWARD_KEYS = [
  "__proto__",
  "constructor",
  "toString",
  "length",
  "0",
  "",
  "a.b",
  "then",
  "\u2028",
  "é",
];

const bytes = fc.uint8Array({ maxLength: 12 });
const key = fc.oneof(fc.constantFrom(...AWKWARD_KEYS), fc.string({ maxLength: 4 }));
/** JSON values, with bytes anywhere and keys that could be mistaken for something else. */
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    anyText(10),
    bytes,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

/** Any text of at most so many UTF-16 units, lone surrogates included. */
function anyText(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff }));
  return fc.array(unit, { maxLength }).map((units) => String.fromCharCode(...units));
}

/** Reads the frame that the chunks are. */
function toFrame(chunks: readonly Uint8Array[]): Frame {
  const decoder = new FrameDecoder();
  const found: Frame[] = [];
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const space = decoder.space();
      const piece = chunk.subarray(at, at + space.length);
      space.set(piece);
      found.push(...decoder.commit(piece.length));
      at += piece.length;
    }
  }
  assertStrictEquals(found.length, 1);
  return found[0]!;
}

function carry(value: unknown): unknown {
  const message = decodeMessage(toFrame(encodeMessage({ type: "result", id: 0, value })));
  assert(message.type === "result");
  return message.value;
}

/** A text that is equal for equal values only: own keys in order, bytes told from arrays, `-0` from `0` not. */
function show(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes(${value.toHex()})`;
  if (Array.isArray(value)) return `[${value.map(show).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  assertStrictEquals(Object.getPrototypeOf(value), Object.prototype);
  return `{${
    Object.getOwnPropertyNames(value).map((name) =>
      `${JSON.stringify(name)}:${show(Reflect.getOwnPropertyDescriptor(value, name)!.value)}`
    ).join()
  }}`;
}

function nest(depth: number, innermost: unknown = 0): unknown {
  let value = innermost;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { next: value };
  return value;
}

Deno.test("decodeMessage() gives back what encodeMessage() was given, bytes anywhere", () => {
  fc.assert(fc.property(anyValue, (value) => assertStrictEquals(show(carry(value)), show(value))), {
    numRuns: 500,
  });
});

Deno.test("encodeMessage() leaves the value it carries as it is", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const before = show(value);
      encodeMessage({ type: "notify", method: "log", params: [value] });
      assertStrictEquals(show(value), before);
    }),
  );
});

Deno.test("encodeMessage() carries bytes raw, empty ones and those of a subclass too", () => {
  const inside = new Uint8Array([0, 1, 2, 3, 4, 5]).subarray(2, 4);
  assertEquals(carry([inside, new Uint8Array(0), [[inside]]]), [
    Uint8Array.of(2, 3),
    new Uint8Array(0),
    [[Uint8Array.of(2, 3)]],
  ]);
  class Kind extends Uint8Array {}
  assertEquals(carry(Kind.of(1)), Uint8Array.of(1));
  const [head] = encodeMessage({ type: "result", id: 0, value: new Uint8Array(1_000).fill(0x41) });
  assert(!new TextDecoder().decode(head).includes("AAAA"));
});

Deno.test("encodeMessage() carries an own key __proto__ without touching a prototype", () => {
  const value = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": null}}');
  value["a"] = Uint8Array.of(1);
  const carried = carry(value) as Record<string, unknown>;
  assertEquals(Object.keys(carried), ["__proto__", "constructor", "a"]);
  assertStrictEquals(carried.polluted, undefined);
  assertStrictEquals(({} as Record<string, unknown>).polluted, undefined);
});

Deno.test("encodeMessage() follows JSON where a value is no JSON: dates, NaN, what is undefined", () => {
  const date = new Date(0);
  assertEquals(carry({ date, not: NaN, none: undefined, list: [undefined] }), {
    date: date.toJSON(),
    not: null,
    list: [null],
  });
  assertStrictEquals(carry(undefined), undefined);
});

Deno.test("encodeMessage() refuses what cannot be carried", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const refused: [string, unknown, string][] = [
    ["a function", () => 1, "Cannot carry a function"],
    ["a function inside", { a: [() => 1] }, "Cannot carry a function"],
    ["a bigint", 1n, "Cannot carry a bigint"],
    ["a symbol", Symbol("s"), "Cannot carry a symbol"],
    ["a map", new Map(), "Cannot carry a Map"],
    ["a set", [new Set()], "Cannot carry a Set"],
    ["floats", new Float64Array(1), "Cannot carry a Float64Array"],
    ["a view", new DataView(new ArrayBuffer(1)), "Cannot carry a DataView"],
    ["a buffer", new ArrayBuffer(1), "Cannot carry a ArrayBuffer"],
    ["a cycle", cycle, "nested deeper than"],
    ["a cycle beside bytes", [Uint8Array.of(1), cycle], "nested deeper than"],
    ["a value too deep", nest(MAX_DEPTH), "nested deeper than"],
    ["more byte arrays than fit", Array(MAX_ATTACHMENTS + 1).fill(Uint8Array.of(1)), "1024 byte arrays"],
  ];
  for (const [name, value, message] of refused) {
    assertThrows(() => encodeMessage({ type: "result", id: 1, value }), TypeError, message, name);
  }
});

Deno.test("encodeMessage() carries the deepest value allowed, with bytes at its bottom", () => {
  // The message itself is the first level.
  const value = nest(MAX_DEPTH - 1, Uint8Array.of(5));
  assertStrictEquals(show(carry(value)), show(value));
  assertEquals((carry(Array(MAX_ATTACHMENTS).fill(Uint8Array.of(1))) as unknown[]).length, MAX_ATTACHMENTS);
});

Deno.test("encodeMessage() refuses a message above the bound", () => {
  const message: Message = { type: "result", id: 1, value: new Uint8Array(200) };
  assertThrows(() => encodeMessage(message, 200), FrameError, "the bound is 200");
  assertThrows(() => encodeMessage({ ...message, value: "x".repeat(200) }, 200), FrameError);
});

Deno.test("isCarriable() says beforehand what encodeMessage() would refuse", () => {
  assert(isCarriable({ a: [1, "x", null, Uint8Array.of(1)] }, 3));
  assert(!isCarriable({ a: () => 1 }, 3));
  assert(isCarriable(nest(MAX_DEPTH - 3), 3));
  assert(!isCarriable(nest(MAX_DEPTH - 2), 3));
  const hostile = Object.defineProperty({}, "x", {
    enumerable: true,
    get() {
      throw new Error("mine");
    },
  });
  assert(!isCarriable(hostile, 0));
});

/** A frame as a hostile sandbox may write it. */
function frame(head: unknown, tail: Uint8Array = new Uint8Array(0)): Frame {
  return toFrame(encodeFrame(typeof head === "string" ? head : JSON.stringify(head), [tail]));
}

Deno.test("decodeMessage() refuses attachments that do not fit into the message's own nulls", () => {
  const result = (value: unknown) => ({ type: "result", id: 1, value });
  const two = Uint8Array.of(1, 2);
  const hostile: [string, unknown, Uint8Array?][] = [
    ["a path into a prototype", [result({}), [[["value", "__proto__"], 2]]], two],
    ["a path through a prototype", [result({}), [[["value", "__proto__", "x"], 2]]], two],
    [
      "a path to the null above all prototypes",
      [result({}), [[["value", "__proto__", "__proto__"], 2]]],
      two,
    ],
    ["a path through a constructor", [result({}), [[["value", "constructor", "prototype"], 2]]], two],
    ["a path to a method", [result([]), [[["value", "push"], 2]]], two],
    ["a path to the length of an array", [result([]), [[["value", "length"], 2]]], two],
    ["a path behind an array", [result([]), [[["value", 0], 2]]], two],
    ["a path to something that is not null", [result({ a: 1 }), [[["value", "a"], 2]]], two],
    ["a path to a text", [result("ab"), [[["value", "0"], 2]]], two],
    ["a path to nothing", [result({}), [[["value", "a"], 2]]], two],
    ["a path through null", [result(null), [[["value", "a"], 2]]], two],
    ["a path through bytes", [result([null]), [[["value", 0], 1], [["value", 0, 0], 1]]], two],
    [
      "a path through the buffer of bytes",
      [result([null]), [[["value", 0], 1], [["value", 0, "buffer"], 1]]],
      two,
    ],
    ["one place twice", [result([null]), [[["value", 0], 1], [["value", 0], 1]]], two],
    ["a key that is an object", [result([null]), [[["value", { toString: "0" }], 2]]], two],
    ["a key that is null", [result({ null: null }), [[["value", null], 2]]], two],
    ["an empty path", [result(null), [[[], 2]]], two],
    ["a path that is a text", [result(null), [["value", 2]]], two],
    ["a path too long", [result(null), [[Array(MAX_DEPTH + 1).fill("value"), 2]]], two],
    ["a placement that is no pair", [result(null), [null]], two],
    ["placements that are an object", [result(null), { length: 1 }], two],
    ["placements that are missing", [result(null)], two],
    ["too many placements", [result([]), Array(MAX_ATTACHMENTS + 1).fill([["value", 0], 0])], two],
    ["lengths that overlap", [result([null, null]), [[["value", 0], 2], [["value", 1], 2]]], two],
    ["a negative length", [result([null, null]), [[["value", 0], 3], [["value", 1], -1]]], two],
    ["half a byte", [result([null]), [[["value", 0], 1.5]]], two],
    ["a length that is a text", [result([null]), [[["value", 0], "2"]]], two],
    ["a length beyond all bounds", [result([null]), [[["value", 0], 2 ** 53]]], two],
    ["bytes left over", [result([null]), [[["value", 0], 1]]], two],
    ["bytes that belong to nothing", result(null), two],
    ["bytes in place of the type", [{ type: null, id: 1 }, [[["type"], 2]]], two],
    ["bytes in place of the id", [{ type: "result", id: null }, [[["id"], 2]]], two],
    [
      "bytes in place of the method",
      [{ type: "call", id: 1, method: null, params: [] }, [[["method"], 2]]],
      two,
    ],
    [
      "bytes in place of the parameters",
      [{ type: "notify", method: "a", params: null }, [[["params"], 2]]],
      two,
    ],
    ["no message at all", []],
    ["a message that is null", [null, []]],
    ["a message that is a text", ["text", []]],
  ];
  for (const [name, head, tail] of hostile) {
    assertThrows(() => decodeMessage(frame(head, tail)), FrameError, "Cannot read a message", name);
  }
  assertEquals(({} as Record<string, unknown>).x, undefined);
});

Deno.test("decodeMessage() refuses what is no message", () => {
  const deepCause = (depth: number): unknown => ({
    name: "E",
    message: "m",
    ...(depth === 0 ? {} : { cause: deepCause(depth - 1) }),
  });
  const broken: [string, unknown][] = [
    ["no JSON", "{"],
    ["no UTF-8", "\ufffd"],
    ["an empty head", ""],
    ["null", null],
    ["a number", 1],
    ["an unknown type", { type: "shutdown", id: 1 }],
    ["a type of every object", { type: "toString", id: 1 }],
    ["no type", { id: 1 }],
    ["a call without parameters", { type: "call", id: 1, method: "m" }],
    ["a call whose parameters are an object", { type: "call", id: 1, method: "m", params: { length: 1 } }],
    ["a call whose method is a list", { type: "call", id: 1, method: ["m"], params: [] }],
    ["a call without id", { type: "call", method: "m", params: [] }],
    ["a deadline that is a text", { type: "call", id: 1, method: "m", params: [], timeoutMs: "5" }],
    ["a deadline that is null", { type: "call", id: 1, method: "m", params: [], timeoutMs: null }],
    ["a negative id", { type: "result", id: -1 }],
    ["half an id", { type: "result", id: 0.5 }],
    ["an id beyond all bounds", '{"type":"result","id":1e300}'],
    ["an id that is a text", { type: "result", id: "1" }],
    ["an error that is a text", { type: "error", id: 1, error: "no" }],
    ["an error without name", { type: "error", id: 1, error: { message: "m" } }],
    ["an error whose facts are a text", {
      type: "error",
      id: 1,
      error: { name: "E", message: "m", facts: "f" },
    }],
    ["an error whose code is a number", {
      type: "error",
      id: 1,
      error: { name: "E", message: "m", code: 1 },
    }],
    ["an error with endless causes", { type: "error", id: 1, error: deepCause(20) }],
    ["a cancellation with an object for a reason", { type: "cancel", id: 1, reason: {} }],
    ["a notification without parameters", { type: "notify", method: "log" }],
  ];
  for (const [name, head] of broken) {
    assertThrows(() => decodeMessage(frame(head)), FrameError, "Cannot read a message", name);
  }
});

Deno.test("decodeMessage() takes each kind of message", () => {
  const messages: Message[] = [
    { type: "call", id: 0, method: "m", params: [], timeoutMs: 5 },
    { type: "call", id: Number.MAX_SAFE_INTEGER, method: "", params: [null] },
    { type: "result", id: 1 },
    {
      type: "error",
      id: 1,
      error: { name: "E", message: "m", code: "c", facts: {}, cause: { name: "F", message: "" } },
    },
    { type: "cancel", id: 1 },
    { type: "cancel", id: 1, reason: "r" },
    { type: "notify", method: "log", params: [1] },
  ];
  for (const message of messages) assertEquals(decodeMessage(toFrame(encodeMessage(message))), message);
});

Deno.test("decodeMessage() throws nothing but FrameError, whatever head and bytes are", () => {
  const placement = fc.tuple(
    fc.array(fc.oneof(key, fc.integer()), { maxLength: 4 }),
    fc.integer({ max: 10 }),
  );
  const head = fc.oneof(
    fc.string(),
    fc.json(),
    fc.tuple(fc.jsonValue(), fc.array(placement, { maxLength: 3 })).map((pair) => JSON.stringify(pair)),
    fc.tuple(
      fc.record({ type: fc.constant("result"), id: fc.nat(), value: fc.jsonValue() }),
      fc.array(placement),
    )
      .map((pair) => JSON.stringify(pair)),
  );
  fc.assert(
    fc.property(head, fc.uint8Array({ maxLength: 8 }), (text, tail) => {
      try {
        decodeMessage({ head: text, tail });
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("decodeMessage() refuses a head nested without end, and takes one as deep as we send", () => {
  const depth = 1_000_000;
  const head = `{"type":"result","id":1,"value":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  assertThrows(() => decodeMessage({ head, tail: new Uint8Array(0) }), FrameError, "nested deeper");
  let value: unknown = "x".repeat(200);
  for (let level = 0; level < MAX_DEPTH - 1; level++) value = [value];
  const [prefixed] = encodeMessage({ type: "result", id: 1, value });
  const sent = new TextDecoder().decode(prefixed!.subarray(8));
  assertEquals(decodeMessage({ head: sent, tail: new Uint8Array(0) }), { type: "result", id: 1, value });
});
