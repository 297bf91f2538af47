import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  encodeFrame,
  type Frame,
  FrameDecoder,
  FrameError,
  MAX_FRAME_BYTES,
  PREFIX_BYTES,
} from "../../src/rpc/frame.ts";

const SHARED = 64 * 1024;

/** Frames around the sizes at which the decoder changes buffers. */
const frames = fc.array(
  fc.record({
    head: fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 20 }),
      fc.integer({ min: SHARED - 40, max: SHARED + 40 }).map((length) => "h".repeat(length)),
    ),
    attachments: fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.uint8Array({ maxLength: 40 }) },
        {
          weight: 1,
          arbitrary: fc.integer({ min: 0, max: 3 * SHARED }).map((n) => new Uint8Array(n).fill(n)),
        },
      ),
      { maxLength: 3 },
    ),
  }),
  { maxLength: 6 },
);

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

/** Feeds bytes in pieces of the given lengths, over and over; a piece never exceeds the decoder's space. */
function decode(bytes: Uint8Array, lengths: readonly number[], decoder = new FrameDecoder()): Frame[] {
  const found: Frame[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const space = decoder.space();
    if (space.length === 0) throw new Error("The decoder has no space");
    const length = Math.min(lengths[turn % lengths.length]!, space.length, bytes.length - at);
    space.set(bytes.subarray(at, at + length));
    found.push(...decoder.commit(length));
    at += length;
  }
  return found;
}

function raw(bodyLength: number, headLength: number, rest = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(PREFIX_BYTES + rest.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bodyLength);
  view.setUint32(4, headLength);
  bytes.set(rest, PREFIX_BYTES);
  return bytes;
}

Deno.test("FrameDecoder yields the same frames wherever the reads end", () => {
  const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: SHARED })), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(frames, cuts, (sent, lengths) => {
      const bytes = join(sent.flatMap(({ head, attachments }) => encodeFrame(head, attachments)));
      const found = decode(bytes, lengths.some((length) => length > 200) ? lengths : [...lengths, 5_000]);
      assertEquals(found.map(({ head }) => head), sent.map(({ head }) => head));
      for (const [index, { tail }] of found.entries()) {
        assertEquals(tail.toBase64(), join(sent[index]!.attachments).toBase64());
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("FrameDecoder reads small frames cut at every single byte", () => {
  const bytes = join([
    ...encodeFrame("{}"),
    ...encodeFrame("[1]", [Uint8Array.of(7, 8)]),
    ...encodeFrame(""),
  ]);
  for (let cut = 1; cut < bytes.length; cut++) {
    const decoder = new FrameDecoder();
    const found = [...decode(bytes.subarray(0, cut), [SHARED], decoder)];
    found.push(...decode(bytes.subarray(cut), [SHARED], decoder));
    assertEquals(found.map(({ head }) => head), ["{}", "[1]", ""]);
    assertEquals([...found[1]!.tail], [7, 8]);
    assertStrictEquals(decoder.pending, 0);
  }
});

Deno.test("FrameDecoder hands out bytes that later frames do not overwrite", () => {
  const first = encodeFrame("a", [Uint8Array.of(1, 2, 3)]);
  const decoder = new FrameDecoder();
  const [frame] = decode(join(first), [SHARED], decoder);
  decode(join(encodeFrame("b", [new Uint8Array(100).fill(9)])), [SHARED], decoder);
  assertEquals([...frame!.tail], [1, 2, 3]);
});

Deno.test("FrameDecoder has space for at least one byte after any read", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 4, max: 3 * SHARED }),
      fc.integer({ min: 1, max: SHARED }),
      (body, step) => {
        const bytes = join(encodeFrame("", [new Uint8Array(body - 4)]));
        assertEquals(decode(join([bytes, bytes, bytes]), [step < 100 ? step + 1_000 : step]).length, 3);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("FrameDecoder counts what is pending of a frame that is cut", () => {
  const decoder = new FrameDecoder();
  decode(raw(100, 10, new Uint8Array(20)), [SHARED], decoder);
  assertStrictEquals(decoder.pending, 28);
});

Deno.test("FrameDecoder refuses lengths out of bounds before it makes room for them", () => {
  const cases: [string, Uint8Array, string][] = [
    ["a body above the bound", raw(MAX_FRAME_BYTES + 1, 0), `the bound is ${MAX_FRAME_BYTES}`],
    ["the largest body there is", raw(0xffff_ffff, 0), "Cannot read a frame of 4294967295 bytes"],
    ["a head longer than the body", raw(10, 7), "its head of 7 bytes exceeds its body"],
    ["the longest head there is", raw(100, 0xffff_ffff), "its head of 4294967295 bytes exceeds its body"],
    ["a body too short for the head's length", raw(3, 0), "exceeds its body"],
    ["an empty body", raw(0, 0), "exceeds its body"],
  ];
  for (const [name, bytes, message] of cases) {
    assertThrows(() => decode(bytes, [SHARED]), FrameError, message, name);
    assertThrows(() => decode(bytes, [1]), FrameError, message, name);
  }
});

Deno.test("FrameDecoder and encodeFrame hold one bound, to the byte", () => {
  const body = (length: number) => [new Uint8Array(length - 4)];
  assertEquals(decode(join(encodeFrame("", body(100), 100)), [7], new FrameDecoder(100)).length, 1);
  assertThrows(() => encodeFrame("", body(101), 100), FrameError, "Cannot send a message of 101 bytes");
  assertThrows(() => decode(join(encodeFrame("", body(101))), [7], new FrameDecoder(100)), FrameError);
});

Deno.test("FrameDecoder takes a body of 16 MiB and refuses one byte more", () => {
  const largest = join(encodeFrame("h", [new Uint8Array(MAX_FRAME_BYTES - 5).fill(3)]));
  const [frame, ...more] = decode(largest, [SHARED * 4]);
  assertEquals(more, []);
  assertStrictEquals(frame!.tail.length, MAX_FRAME_BYTES - 5);
  assertStrictEquals(frame!.tail.at(-1), 3);
  assertThrows(() => encodeFrame("h", [new Uint8Array(MAX_FRAME_BYTES - 4)]), FrameError);
});

Deno.test("FrameDecoder throws nothing but FrameError, whatever it is fed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 40 }), (bytes, step) => {
      try {
        decode(bytes, [step], new FrameDecoder(1_000));
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
      }
    }),
  );
});

Deno.test("encodeFrame() keeps frames apart that were made side by side", () => {
  const made = Array.from({ length: 300 }, (_, index) => encodeFrame(`{"n":${index}}`.padEnd(index * 3)));
  const found = decode(join(made.flat()), [SHARED]);
  assertEquals(found.map(({ head }) => JSON.parse(head).n), Array.from({ length: 300 }, (_, index) => index));
});

Deno.test("encodeFrame() leaves no trace of a frame that was too long", () => {
  const before = encodeFrame("before");
  assertThrows(() => encodeFrame("x".repeat(50), [], 10), FrameError);
  const after = encodeFrame("after");
  assertEquals(decode(join([...before, ...after]), [SHARED]).map(({ head }) => head), ["before", "after"]);
});
