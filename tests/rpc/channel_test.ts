import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { CordonError } from "../../src/errors.ts";
import { type ByteStream, FrameChannel } from "../../src/rpc/channel.ts";
import { encodeFrame, FrameError } from "../../src/rpc/frame.ts";
import { createMemoryStreams } from "./memory_stream.ts";

/** Collects the heads of everything a channel receives; `run` settles when it ends. */
function collect(channel: FrameChannel): { heads: string[]; run: Promise<unknown> } {
  const heads: string[] = [];
  return { heads, run: channel.receive(({ head }) => void heads.push(head)) };
}

function fail(): never {
  throw new Error("Nothing should arrive");
}

Deno.test("FrameChannel carries frames in order, in both directions", async () => {
  const [left, right] = createMemoryStreams().map((stream) => new FrameChannel(stream)) as [
    FrameChannel,
    FrameChannel,
  ];
  const [toLeft, toRight] = [collect(left), collect(right)];
  for (let index = 0; index < 100; index++) {
    left.send(encodeFrame(`to right ${index}`));
    right.send(encodeFrame(`to left ${index}`));
  }
  left.send(encodeFrame("last"));
  await Promise.resolve();
  while (toRight.heads.at(-1) !== "last") await Promise.resolve();
  left.close();
  assertStrictEquals(await toRight.run, undefined);
  assertStrictEquals(await toLeft.run, undefined);
  assertEquals(toRight.heads.slice(0, 2), ["to right 0", "to right 1"]);
  assertEquals([toRight.heads.length, toLeft.heads.length], [101, 100]);
});

Deno.test("FrameChannel sends the bytes it was given, whatever their sizes", async () => {
  const size = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constantFrom(16_384, 16_385, 65_536, 70_000));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(size, size), { maxLength: 12 }),
      fc.integer({ min: 900, max: 9_000 }),
      async (sizes, capacity) => {
        const [near, far] = createMemoryStreams({ capacity });
        const [sender, receiver] = [new FrameChannel(near), new FrameChannel(far)];
        const lengths: [number, number][] = [];
        const run = receiver.receive(({ head, tail }) => {
          lengths.push([head.length, tail.length]);
          if (lengths.length === sizes.length) receiver.close();
        });
        for (const [head, tail] of sizes) sender.send(encodeFrame("h".repeat(head), [new Uint8Array(tail)]));
        if (sizes.length === 0) receiver.close();
        await run;
        sender.close();
        assertEquals(lengths, sizes);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("FrameChannel writes together what is sent in one turn", async () => {
  const [near, far] = createMemoryStreams();
  using sender = new FrameChannel(near);
  using receiver = new FrameChannel(far);
  for (let index = 0; index < 200; index++) sender.send(encodeFrame(`frame ${index}`));
  let received = 0;
  await receiver.receive(() => {
    if (++received === 200) receiver.close();
  });
  assertStrictEquals(near.writes, 1);
});

Deno.test("FrameChannel.drained settles once the far end has read", async () => {
  const [near, far] = createMemoryStreams({ capacity: 100 });
  using sender = new FrameChannel(near, { maxQueuedBytes: 4_000 });
  assertStrictEquals(sender.drained, undefined);
  sender.send(encodeFrame("", [new Uint8Array(1_000)]));
  assertStrictEquals(sender.drained, undefined);
  sender.send(encodeFrame("", [new Uint8Array(1_000)]));
  const { drained } = sender;
  assert(drained !== undefined);
  assertStrictEquals(sender.drained, drained);
  using receiver = new FrameChannel(far);
  const { run } = collect(receiver);
  await drained;
  assertStrictEquals(sender.drained, undefined);
  sender.close();
  await run;
});

Deno.test("FrameChannel.send() closes with not_reading when the far end lets too much pile up", async () => {
  const [near] = createMemoryStreams({ capacity: 10 });
  using sender = new FrameChannel(near, { maxQueuedBytes: 1_000 });
  const run = sender.receive(fail);
  sender.send(encodeFrame("", [new Uint8Array(900)]));
  const { drained } = sender;
  const error = assertThrows(() => sender.send(encodeFrame("", [new Uint8Array(900)])), CordonError);
  assertStrictEquals(error.code, "not_reading");
  assert(sender.isClosed && near.isClosed);
  assertStrictEquals(await run, error);
  await drained;
});

Deno.test("FrameChannel.send() says why the channel is closed", () => {
  const [near] = createMemoryStreams();
  const channel = new FrameChannel(near);
  const reason = new Error("over");
  channel.close(reason);
  const error = assertThrows(() => channel.send(encodeFrame("x")), CordonError, "the channel is closed");
  assertStrictEquals(error.code, "channel_closed");
  assertStrictEquals(error.cause, reason);
});

Deno.test("FrameChannel.close() keeps the first reason, and closes the stream once", async () => {
  const [near] = createMemoryStreams();
  const channel = new FrameChannel(near);
  channel.close("first");
  channel.close("second");
  channel[Symbol.dispose]();
  assertStrictEquals(await channel.receive(fail), "first");
});

Deno.test("FrameChannel.close() ends a read and a write that wait", async () => {
  const [near, far] = createMemoryStreams({ capacity: 10 });
  const channel = new FrameChannel(near, { maxQueuedBytes: 2_000 });
  const run = channel.receive(fail);
  channel.send(encodeFrame("", [new Uint8Array(1_500)]));
  const { drained } = channel;
  assert(drained !== undefined);
  await Promise.resolve();
  channel.close();
  await drained;
  assertStrictEquals(await run, undefined);
  assertStrictEquals(channel.drained, undefined);
  const into = new Uint8Array(100);
  assertStrictEquals(await far.read(into), 10);
  assertStrictEquals(await far.read(into), null);
});

Deno.test("FrameChannel.receive() tells an end between two frames from one inside a frame", async () => {
  const whole = encodeFrame("whole")[0]!;
  for (
    const [bytes, isRegular] of [[whole, true], [whole.subarray(0, -1), false], [
      whole.subarray(0, 3),
      false,
    ]] as const
  ) {
    const [near, far] = createMemoryStreams();
    await far.write(bytes);
    far.close();
    const reason = await new FrameChannel(near).receive(() => {});
    if (isRegular) assertStrictEquals(reason, undefined);
    else assert(reason instanceof FrameError && reason.message.includes("ended inside it"));
  }
});

Deno.test("FrameChannel.receive() ends with the error of the stream, of a frame, of its receiver", async () => {
  const broken: ByteStream = {
    read: () => Promise.reject(new Deno.errors.ConnectionReset("reset")),
    write: () => Promise.reject(new Error("unused")),
    close() {
      throw new Error("closed already");
    },
  };
  assert(await new FrameChannel(broken).receive(fail) instanceof Deno.errors.ConnectionReset);

  const [near, far] = createMemoryStreams();
  await far.write(new Uint8Array(8).fill(255));
  assert(await new FrameChannel(near).receive(fail) instanceof FrameError);
  assert(near.isClosed);

  const [nearTwo, farTwo] = createMemoryStreams();
  await farTwo.write(encodeFrame("x")[0]!);
  const mine = new Error("mine");
  const reason = await new FrameChannel(nearTwo).receive(() => {
    throw mine;
  });
  assertStrictEquals(reason, mine);
});

Deno.test("FrameChannel closes with the error of a write that fails", async () => {
  const [near, far] = createMemoryStreams();
  const channel = new FrameChannel(near);
  const run = channel.receive(fail);
  far.close();
  await run;
  assertThrows(() => channel.send(encodeFrame("x")), CordonError, "the channel is closed");

  const failed = Promise.withResolvers<void>();
  const never = Promise.withResolvers<number | null>();
  const full = new FrameChannel({
    read: () => never.promise,
    write: () => Promise.reject(new Deno.errors.BrokenPipe("pipe")),
    close: () => failed.resolve(),
  });
  full.send(encodeFrame("x"));
  await failed.promise;
  assert(
    assertThrows(() => full.send(encodeFrame("x")), CordonError).cause instanceof Deno.errors.BrokenPipe,
  );
});

Deno.test("FrameChannel.receive() does not go on before what the receiver returned has settled", async () => {
  const [near, far] = createMemoryStreams({ capacity: 1_000 });
  await far.write(encodeFrame("one")[0]!);
  await far.write(encodeFrame("two")[0]!);
  const heads: string[] = [];
  const gate = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  using channel = new FrameChannel(near);
  const run = channel.receive(({ head }) => {
    heads.push(head);
    arrived.resolve();
    return head === "one" ? gate.promise : undefined;
  });
  await arrived.promise;
  // Meanwhile the stream fills up: whoever writes has to wait.
  const written = far.write(new Uint8Array(1_000));
  assertEquals(heads, ["one"]);
  gate.resolve();
  await written;
  assertEquals(heads, ["one", "two"]);
  channel.close();
  await run;
});

Deno.test("FrameChannel.receive() ends when what the receiver returned fails", async () => {
  const [near, far] = createMemoryStreams();
  await far.write(encodeFrame("one")[0]!);
  const mine = new Error("mine");
  assertStrictEquals(await new FrameChannel(near).receive(() => Promise.reject(mine)), mine);
});

Deno.test("FrameChannel.receive() hands over nothing after close(), even if it came in the same read", async () => {
  const [near, far] = createMemoryStreams();
  await far.write(encodeFrame("one")[0]!);
  await far.write(encodeFrame("two")[0]!);
  const heads: string[] = [];
  const channel = new FrameChannel(near);
  await channel.receive(({ head }) => {
    heads.push(head);
    channel.close();
  });
  assertEquals(heads, ["one"]);
});

Deno.test("FrameChannel refuses a frame above its own bound", async () => {
  const [near, far] = createMemoryStreams();
  const channel = new FrameChannel(near, { maxFrameBytes: 100 });
  await far.write(encodeFrame("x".repeat(97))[0]!);
  const reason = await channel.receive(fail);
  assert(reason instanceof FrameError && reason.message.includes("the bound is 100"));
  await assertRejects(() => far.write(new Uint8Array(1)), Deno.errors.BrokenPipe);
});
