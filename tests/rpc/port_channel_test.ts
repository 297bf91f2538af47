import { assert, assertEquals, assertThrows } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import { type Frame, FrameError, MAX_FRAME_BYTES } from "../../src/rpc/frame.ts";
import { RpcPeer } from "../../src/rpc/peer.ts";
import { PortChannel } from "../../src/rpc/port_channel.ts";

const WINDOW = 1024 * 1024;

/** Two ends that hand each other what they post, and the notes that the first one got. */
function connect(
  later: (run: () => void) => void = (run) => run(),
): { left: PortChannel; right: PortChannel; notes: string[] } {
  const notes: string[] = [];
  const left: PortChannel = new PortChannel({
    post(message, options) {
      const copy = structuredClone(message, options);
      later(() => right.take(copy));
    },
    onNote: (kind, text) => void notes.push(`${kind}: ${text}`),
  });
  const right: PortChannel = new PortChannel({
    post(message, options) {
      const copy = structuredClone(message, options);
      later(() => left.take(copy));
    },
  });
  return { left, right, notes };
}

/** An end whose other end is the test. */
function createEnd(): { end: PortChannel; posted: unknown[]; frames: Frame[]; received: Promise<unknown> } {
  const [posted, frames]: [unknown[], Frame[]] = [[], []];
  const end = new PortChannel({ post: (message) => void posted.push(message), onNote: () => {} });
  return { end, posted, frames, received: end.receive((frame) => void frames.push(frame)) };
}

const text = (head: string) => ({ head, attachments: [] });

Deno.test("PortChannel carries text and bytes in order, and leaves the sender's own alone", async () => {
  const { left, right } = connect();
  const bytes = new Uint8Array(300_000).map((_, at) => at % 253);
  const frames: Frame[] = [];
  const received = right.receive((frame) => void frames.push(frame));
  assertEquals(left.post(text("a")), 1);
  assertEquals(left.post({ head: "b", attachments: [bytes.subarray(5, 9), bytes] }), 300_005);
  left.post({ head: "c", attachments: [new Uint8Array(0)] });
  left.close();
  assertEquals(await received, undefined);
  assertEquals(frames.map(({ head, tail, byteLength }) => [head, tail.byteLength, byteLength]), [
    ["a", 0, 1],
    ["b", 300_004, 300_005],
    ["c", 0, 1],
  ]);
  assertEquals(frames[1]!.tail.subarray(0, 6), Uint8Array.of(5, 6, 7, 8, 0, 1));
  assertEquals([bytes.byteLength, bytes[252]], [300_000, 252]);
});

Deno.test("PortChannel carries calls of a peer", async () => {
  const { left, right } = connect(queueMicrotask);
  const handlers = new Map([["echo", ([value]: readonly unknown[]) => value]]);
  const far = new RpcPeer(right, { handlers });
  const near = new RpcPeer(left);
  const running = Promise.all([far.run(), near.run()]);
  const values = [1, "two", { three: new Uint8Array(300_000).fill(3) }];
  assertEquals(await Promise.all(values.map((value) => near.call("echo", [value]))), values);
  near.close();
  assertEquals(await running, [undefined, undefined]);
});

Deno.test("PortChannel.drained waits until the other end has taken enough; too much is the end", async () => {
  const { end, posted, received } = createEnd();
  let sent = 0;
  while (end.drained === undefined) sent += end.post(text("x".repeat(64 * 1024))) + 64;
  assert(sent >= WINDOW && sent < 2 * WINDOW);
  let isDrained = false;
  const drained = end.drained.then(() => isDrained = true);
  end.take(1);
  await Promise.resolve();
  assert(!isDrained);
  end.take(sent - WINDOW);
  await drained;
  assertEquals(end.drained, undefined);
  const error = assertThrows(() => {
    for (;;) end.post(text("x".repeat(MAX_FRAME_BYTES)));
  }, CordonError);
  assertEquals(error.code, "not_reading");
  assertEquals(await received, error);
  assertEquals(posted.at(-1), null);
});

Deno.test("PortChannel hands over nothing while its receiver holds it back, and all of it afterwards", async () => {
  const { left, right } = connect();
  const heads: string[] = [];
  let go = Promise.withResolvers<void>();
  const received = right.receive(({ head }) => {
    heads.push(head);
    return head === "hold" ? go.promise : undefined;
  });
  for (const head of ["a", "hold", "b", "hold", "c"]) left.post(text(head));
  left.close();
  assertEquals(heads, ["a", "hold"]);
  const first = go;
  go = Promise.withResolvers();
  first.resolve();
  while (heads.length < 4) await Promise.resolve();
  go.resolve();
  assertEquals(await received, undefined);
  assertEquals(heads, ["a", "hold", "b", "hold", "c"]);
});

Deno.test("PortChannel.note() goes out at once while there is room, and gives the sender room again", () => {
  const { end } = createEnd();
  let count = 0;
  while (end.note("stdout", "x".repeat(1_000))) count++;
  assert(count > 900 && count < 1_100, String(count));
  end.take(WINDOW / 4);
  assert(end.note("stderr", "x"));
  const { left, right, notes } = connect();
  for (let count = 0; count < 5_000; count++) assert(right.note("stdout", "x".repeat(1_000)));
  assertEquals(notes.length, 5_000);
  left.close();
  assertEquals(right.note("exit", "0"), false);
});

Deno.test("PortChannel ends at whatever breaks the protocol", async (test) => {
  const cases: Record<string, unknown[]> = {
    "shared memory": [["frame", "{}", new Uint8Array(new SharedArrayBuffer(4))]],
    "bytes alone": [new Uint8Array(4)],
    "a frame without text": [["frame"]],
    "a frame with another view": [["frame", "{}", new Float32Array(1)]],
    "a frame with a buffer": [["frame", "{}", new ArrayBuffer(4)]],
    "a frame beyond all bounds": ["x".repeat(MAX_FRAME_BYTES + 1)],
    "an object": [{ type: "call" }],
    "nothing": [undefined],
    "another kind": [["load"]],
    "taking what was not sent": [1],
    "taking nothing": [0],
    "giving": [-64],
    "half": [0.5],
    "no number": [NaN],
    "an unknown note": [["note", "shout", "x"]],
    "a note without text": [["note", "stdout", 1]],
    "a note with more": [["note", "stdout", "x", "y"]],
    "a note beyond all bounds": [["note", "stdout", "x".repeat(MAX_FRAME_BYTES + 1)]],
  };
  for (const [name, messages] of Object.entries(cases)) {
    await test.step(name, async () => {
      const { end, received, posted } = createEnd();
      for (const message of messages) end.take(message);
      assert(await received instanceof FrameError, name);
      assertEquals(posted, [null]);
    });
  }
});

Deno.test("PortChannel bounds what waits for a receiver that is held back", async () => {
  const end = new PortChannel({ post: () => {} });
  const received = end.receive(() => new Promise(() => {}));
  for (let count = 0; count < 6; count++) end.take("x".repeat(MAX_FRAME_BYTES - 64));
  assert(await received instanceof FrameError);
});

Deno.test("PortChannel refuses notes where there is nobody to take them, and fails with its receiver", async () => {
  const deaf = new PortChannel({ post: () => {} });
  const received = deaf.receive(() => {});
  deaf.take(["note", "stdout", "x"]);
  assert(await received instanceof FrameError);
  const failing = new PortChannel({ post: () => {} });
  const failed = failing.receive(() => {
    throw new RangeError("no");
  });
  failing.take("x");
  assert(await failed instanceof RangeError);
  const rejecting = new PortChannel({ post: () => {} });
  const rejected = rejecting.receive(() => Promise.reject(new RangeError("no")));
  rejecting.take("x");
  assert(await rejected instanceof RangeError);
});

Deno.test("PortChannel.close() keeps the first reason, and takes and sends nothing more", async () => {
  const { left, right } = connect();
  const error = new Error("enough");
  const received = left.receive(() => {});
  left.close(error);
  left.close();
  left.take("nonsense");
  assertEquals(await received, error);
  assertThrows(() => left.post(text("x")), CordonError, "closed");
  assertEquals(await right.receive(() => {}), undefined);
});
