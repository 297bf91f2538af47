import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readLines } from "../../src/internal/lines.ts";

const MAX_LINE = 8_192;

/** What a text's lines ought to be, taken all at once. */
function split(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines.flatMap((line) => {
    const pieces = [line.slice(0, MAX_LINE)];
    for (let at = MAX_LINE; at < line.length; at += MAX_LINE) pieces.push(line.slice(at, at + MAX_LINE));
    return pieces;
  });
}

async function read(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<string[]> {
  const lines: string[] = [];
  await readLines(ReadableStream.from(chunks), (line) => lines.push(line));
  return lines;
}

function cut(bytes: Uint8Array<ArrayBuffer>, lengths: readonly number[]): Uint8Array<ArrayBuffer>[] {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length]!;
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

Deno.test("readLines() gives the same lines wherever the chunks end", async () => {
  const line = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 8 }),
    fc.integer({ min: MAX_LINE - 2, max: MAX_LINE + 2 }).map((length) => "x".repeat(length)),
    fc.constant("y".repeat(2 * MAX_LINE)),
  );
  const text = fc.tuple(fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n")), { maxLength: 6 }), line)
    .map(([lines, last]) => lines.flat().join("") + last);
  const lengths = fc.array(fc.integer({ min: 1, max: MAX_LINE }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(text, lengths, async (text, lengths) => {
      assertEquals(await read(cut(new TextEncoder().encode(text), lengths)), split(text));
    }),
  );
});

Deno.test("readLines() keeps a newline in two chunks, and a character in two chunks, together", async () => {
  const bytes = new TextEncoder().encode(`${"x".repeat(MAX_LINE)}\r\né€\n`);
  for (const length of [MAX_LINE + 1, MAX_LINE + 3, MAX_LINE + 5, 1]) {
    assertEquals(await read(cut(bytes, [length])), ["x".repeat(MAX_LINE), "é€"]);
  }
});

Deno.test("readLines() hands out a line without end piece by piece, and what is no UTF-8 as U+FFFD", async () => {
  const pieces = await read(Array.from({ length: 100 }, () => new Uint8Array(1_000).fill(0x61)));
  assertEquals(pieces.map((piece) => piece.length), [...Array(12).fill(MAX_LINE), 100_000 - 12 * MAX_LINE]);
  assertEquals(await read([Uint8Array.of(0x61, 0xff, 0x0a, 0xe2)]), ["a\ufffd", "\ufffd"]);
});

Deno.test("readLines() keeps what came before the stream failed", async () => {
  const lines: string[] = [];
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("first\nlast words"));
    },
    pull(controller) {
      controller.error(new Error("gone"));
    },
  }, { highWaterMark: 0 });
  await readLines(stream, (line) => lines.push(line));
  assertEquals(lines, ["first", "last words"]);
  assertEquals(await read([]), []);
});
