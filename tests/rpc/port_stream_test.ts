import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FrameChannel } from "../../src/rpc/channel.ts";
import { RpcPeer } from "../../src/rpc/peer.ts";
import { PortStream } from "../../src/rpc/port_stream.ts";

const WINDOW = 1024 * 1024;

/** Two ends that hand each other what they post, and the notes that the first one got. */
function connect(): { left: PortStream; right: PortStream; notes: string[] } {
  const notes: string[] = [];
  const left: PortStream = new PortStream({
    post: (message, options) => right.take(structuredClone(message, options)),
    onNote: (kind, text) => void notes.push(`${kind}: ${text}`),
  });
  const right: PortStream = new PortStream({
    post: (message, options) => left.take(structuredClone(message, options)),
  });
  return { left, right, notes };
}

/** An end whose other end is the test. */
function createEnd(): { end: PortStream; posted: unknown[] } {
  const posted: unknown[] = [];
  return { end: new PortStream({ post: (message) => void posted.push(message), onNote: () => {} }), posted };
}

async function writeAll(stream: PortStream, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) at += await stream.write(bytes.subarray(at));
}

async function readAll(stream: PortStream, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await stream.read(bytes.subarray(at));
    assert(count !== null);
    at += count;
  }
  return bytes;
}

Deno.test("PortStream carries bytes in order, however large, and leaves the writer's own alone", async () => {
  const { left, right } = connect();
  const bytes = new Uint8Array(5 * WINDOW + 3).map((_, index) => index % 253);
  const [read] = await Promise.all([readAll(right, bytes.byteLength), writeAll(left, bytes)]);
  assertEquals(read, bytes);
  assertEquals(bytes.byteLength, 5 * WINDOW + 3);
});

Deno.test("PortStream carries calls of a peer", async () => {
  const { left, right } = connect();
  const handlers = new Map([["echo", ([value]: readonly unknown[]) => value]]);
  const far = new RpcPeer(new FrameChannel(right), { handlers });
  const near = new RpcPeer(new FrameChannel(left));
  const running = Promise.all([far.run(), near.run()]);
  const values = [1, "two", { three: new Uint8Array(300_000).fill(3) }];
  assertEquals(await Promise.all(values.map((value) => near.call("echo", [value]))), values);
  near.close();
  assertEquals(await running, [undefined, undefined]);
});

Deno.test("PortStream.write() waits while the other end does not read, and holds back no more than a window", async () => {
  const { end, posted } = createEnd();
  let written = 0;
  const writing = (async () => {
    for (;;) written += await end.write(new Uint8Array(64 * 1024));
  })();
  const stopped = assertRejects(() => writing);
  // Every write that has room is done in turns of microtasks.
  await new Promise((resolve) => setTimeout(resolve));
  assert(written > WINDOW / 2 && written < WINDOW);
  const before = written;
  end.take(WINDOW / 2);
  await new Promise((resolve) => setTimeout(resolve));
  assert(written > before);
  assertEquals(posted.every((message) => message instanceof Uint8Array), true);
  end.close();
  await stopped;
});

Deno.test("PortStream.note() goes out at once while there is room, and says when there is none", () => {
  const { end, posted } = createEnd();
  const text = "x".repeat(1_000);
  let count = 0;
  while (end.note("stdout", text)) count++;
  assertEquals(posted.length, count);
  assert(count > 400 && count * text.length * 2 < WINDOW);
  end.take(WINDOW / 4);
  assert(end.note("stderr", text));
});

Deno.test("PortStream hands over notes, and gives the sender room again", () => {
  const { left, right, notes } = connect();
  for (let count = 0; count < 5_000; count++) assert(right.note("stdout", "x".repeat(1_000)));
  assertEquals(notes.length, 5_000);
  left.close();
  assertEquals(right.note("exit", "0"), true);
  assertEquals(notes.length, 5_000);
});

Deno.test("PortStream.read() fails at whatever breaks the protocol", async (test) => {
  const cases: Record<string, unknown[]> = {
    "shared memory": [new Uint8Array(new SharedArrayBuffer(4))],
    "no bytes": [new Uint8Array(0)],
    "another view": [new Float32Array(1)],
    "a buffer": [new ArrayBuffer(4)],
    "an object": [{ type: "call" }],
    "nothing": [undefined],
    "text": ["load"],
    "taking what was not sent": [1],
    "taking nothing": [0],
    "giving": [-64],
    "half": [0.5],
    "no number": [NaN],
    "an unknown note": [["shout", "x"]],
    "a note without text": [["stdout", 1]],
    "a note with more": [["stdout", "x", "y"]],
    "a note beyond all bounds": [["stdout", "x".repeat(WINDOW)]],
    "more than a window": [new Uint8Array(WINDOW), new Uint8Array(1)],
    "many small pieces": Array.from({ length: WINDOW / 64 }, () => new Uint8Array(1)),
  };
  for (const [name, messages] of Object.entries(cases)) {
    await test.step(name, async () => {
      const { end } = createEnd();
      for (const message of messages) end.take(message);
      // What came before it may be read still.
      const error = await assertRejects(async () => {
        while (await end.read(new Uint8Array(WINDOW)) !== null);
      });
      assertStringIncludes(String(error), "Cannot read");
    });
  }
});

Deno.test("PortStream refuses notes where there is nobody to take them", async () => {
  const end = new PortStream({ post: () => {} });
  end.take(["stdout", "x"]);
  await assertRejects(() => end.read(new Uint8Array(1)));
});

Deno.test("PortStream.close() ends reading and writing on both ends, and takes nothing more", async () => {
  const { left, right } = connect();
  await writeAll(left, new Uint8Array([1, 2]));
  const reading = left.read(new Uint8Array(1));
  left.close();
  left.close();
  assertEquals(await reading, null);
  assertEquals(await readAll(right, 2), new Uint8Array([1, 2]));
  assertEquals(await right.read(new Uint8Array(1)), null);
  left.take(new Uint8Array(2 * WINDOW));
  left.take("nonsense");
  assertEquals(await left.read(new Uint8Array(1)), null);
});
