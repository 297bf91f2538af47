import { assert, assertEquals, assertRejects } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import { FrameChannel } from "../../src/rpc/channel.ts";
import { chooseProtocol, PROTOCOL } from "../../src/rpc/handshake.ts";
import type { Handler } from "../../src/rpc/incoming_calls.ts";
import { MAX_CHUNK_BYTES, STREAM_WINDOW_BYTES } from "../../src/rpc/incoming_stream.ts";
import { decodeMessage, type Message } from "../../src/rpc/message.ts";
import { encodeMessage } from "./encode_message.ts";
import { type PeerOptions, RpcPeer } from "../../src/rpc/peer.ts";
import { RemoteError } from "../../src/rpc/remote_error.ts";
import { MAX_STREAMS } from "../../src/rpc/streams.ts";
import { holdClock } from "./held_clock.ts";
import { createMemoryStreams } from "./memory_stream.ts";

/** A chain of peers, each end of which answers with its own handlers. */
function connect(handlers: Record<string, Handler>, options: PeerOptions = {}) {
  const [near, far] = createMemoryStreams();
  const host = new RpcPeer(new FrameChannel(near), options);
  const plugin = new RpcPeer(new FrameChannel(far), {
    handlers: new Map(Object.entries(handlers)),
    sendStacks: true,
    trustCodes: true,
  });
  for (const peer of [host, plugin]) peer.agree(chooseProtocol(PROTOCOL));
  const runs = [host.run(), plugin.run()];
  return {
    host,
    plugin,
    async [Symbol.asyncDispose]() {
      host.close();
      await Promise.all(runs);
    },
  };
}

async function* count(end: number, onStop: () => void = () => {}): AsyncGenerator<number> {
  try {
    for (let at = 0; at < end; at++) yield at;
  } finally {
    onStop();
  }
}

async function readAll(stream: unknown): Promise<unknown[]> {
  return await Array.fromAsync(stream as AsyncIterable<unknown>);
}

/** Lets everything that is under way in memory come about. */
async function settle(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn++) {
    assert(turn < 1_000, "did not come about");
    await new Promise((resolve) => setTimeout(resolve));
  }
}

Deno.test("A stream goes in an argument and in a result, from an iterable or a ReadableStream, in order", async () => {
  await using pair = connect({
    double: ([argument]) =>
      (async function* () {
        const { numbers } = argument as { numbers: AsyncIterable<number> };
        for await (const number of numbers) yield number * 2;
      })(),
    names: () => ({ deep: [ReadableStream.from(["a", { b: Uint8Array.of(1) }, null, undefined])] }),
  });
  const doubled = await pair.host.call("double", [{ numbers: count(5_000) }]);
  assertEquals(await readAll(doubled), Array.from({ length: 5_000 }, (_, at) => at * 2));
  const { deep: [names] } = await pair.host.call("names", []) as { deep: [unknown] };
  assert(names instanceof ReadableStream);
  assertEquals(await readAll(names), ["a", { b: Uint8Array.of(1) }, null, undefined]);
  assertEquals(pair.host.openStreams, 0);
  assertEquals(pair.plugin.openStreams, 0);
});

Deno.test("A stream is sent no further ahead than its window, however slow the reader", async () => {
  let made = 0;
  await using pair = connect({
    bytes: () =>
      (async function* () {
        for (;; made++) yield new Uint8Array(64 * 1024);
      })(),
  });
  const reader = (await pair.host.call("bytes", []) as ReadableStream<Uint8Array>).getReader();
  await settle(() => made >= STREAM_WINDOW_BYTES / (64 * 1024));
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
  assert(made <= STREAM_WINDOW_BYTES / (64 * 1024) + 1, String(made));
  for (let read = 0; read < 100; read++) await reader.read();
  assert(made >= 100);
  await reader.cancel();
});

Deno.test("Bytes larger than a chunk are cut to pieces; another value that large fails its stream", async () => {
  await using pair = connect({
    bytes: () => ReadableStream.from([new Uint8Array(3_000_000).fill(7)]),
    text: () => ReadableStream.from(["x".repeat(MAX_CHUNK_BYTES)]),
  });
  const pieces = await readAll(await pair.host.call("bytes", [])) as Uint8Array[];
  assertEquals(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0), 3_000_000);
  assert(pieces.length > 10 && pieces.every((piece) => piece.every((byte) => byte === 7)));
  const failed = await assertRejects(async () => readAll(await pair.host.call("text", [])), RemoteError);
  assertEquals(failed.facts.remoteCode, "chunk_too_large");
});

Deno.test("Cancelling a stream stops its source; a source that fails fails its reader", async () => {
  const stopped = Promise.withResolvers<void>();
  await using pair = connect({
    endless: () => count(Infinity, stopped.resolve),
    fails: () =>
      (async function* () {
        yield 1;
        throw new RangeError("no more");
      })(),
    uncarriable: () => ReadableStream.from([() => {}]),
  });
  for await (const _ of await pair.host.call("endless", []) as AsyncIterable<number>) break;
  await stopped.promise;
  const error = await assertRejects(async () => readAll(await pair.host.call("fails", [])), RemoteError);
  assertEquals([error.remoteName, error.message], ["RangeError", "no more"]);
  await assertRejects(
    async () => readAll(await pair.host.call("uncarriable", [])),
    RemoteError,
    "a function",
  );
  await settle(() => pair.host.openStreams + pair.plugin.openStreams === 0);
});

Deno.test("A stream is passed on between two peers, with its window, its end and its cancellation", async () => {
  let made = 0;
  const stopped = Promise.withResolvers<void>();
  await using source = connect({
    get: ([end]) =>
      (async function* () {
        try {
          for (; made < (end as number); made++) yield new Uint8Array(32 * 1024).fill(made);
        } finally {
          stopped.resolve();
        }
      })(),
  });
  const [near, far] = createMemoryStreams();
  const consumer = new RpcPeer(new FrameChannel(far), { trustCodes: true });
  const middle = new RpcPeer(new FrameChannel(near), {
    handlers: new Map<string, Handler>([["get", (params) => source.host.call("get", params)]]),
  });
  for (const peer of [consumer, middle]) peer.agree(chooseProtocol(PROTOCOL));
  const runs = [consumer.run(), middle.run()];
  const all = await readAll(await consumer.call("get", [200])) as Uint8Array[];
  assertEquals(all.map(([first]) => first), Array.from({ length: 200 }, (_, at) => at % 256));
  made = 0;
  const reader = (await consumer.call("get", [100_000]) as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setTimeout(resolve));
  // Two windows: one on each side of the relay.
  assert(made <= 3 * STREAM_WINDOW_BYTES / (32 * 1024), String(made));
  await reader.cancel();
  await stopped.promise;
  consumer.close();
  await Promise.all(runs);
});

Deno.test("The streams of a call that is not answered with a result are stopped", async () => {
  let stops = 0;
  const source = () => count(Infinity, () => stops++);
  const hanging = Promise.withResolvers<void>();
  await using pair = connect({
    throws: () => {
      throw new TypeError("not today");
    },
    rejects: () => Promise.reject(new TypeError("not today")),
    hangs: () => hanging.promise,
  });
  // An async generator that never began has nothing to stop: each gives a value before it is called off.
  const started = () => {
    const generator = source();
    return ReadableStream.from((async function* () {
      yield* generator;
    })());
  };
  for (const method of ["throws", "rejects", "missing"]) {
    await assertRejects(() => pair.host.call(method, [started()]), RemoteError);
  }
  await assertRejects(() => pair.host.call("throws", [{ stream: started(), bad: 1n }]), TypeError);
  const call = pair.host.call("hangs", [started()], { timeoutMs: 5 });
  await assertRejects(() => call, CordonError, "no answer");
  await settle(() => pair.host.openStreams === 1);
  hanging.resolve();
  pair.plugin.close();
  await settle(() => pair.host.openStreams === 0);
});

Deno.test("Streams end with an error when the connection does, and nothing is left", async () => {
  const stopped = Promise.withResolvers<void>();
  const pair = connect({ endless: () => count(Infinity, stopped.resolve) });
  const stream = await pair.host.call("endless", []) as ReadableStream<number>;
  const reader = stream.getReader();
  await reader.read();
  await pair[Symbol.asyncDispose]();
  await stopped.promise;
  await assertRejects(
    async () => {
      for (;;) if ((await reader.read()).done) return;
    },
    CordonError,
    "the other side is gone",
  );
  assertEquals([pair.host.openStreams, pair.plugin.openStreams], [0, 0]);
});

Deno.test("No more streams are sent at once than the bound, and their places come free", async () => {
  await using pair = connect({ take: () => "taken", read: ([stream]) => readAll(stream) });
  const endless = () => ReadableStream.from(count(Infinity));
  for (let at = 0; at < MAX_STREAMS; at++) await pair.host.call("take", [endless()]);
  const error = await assertRejects(() => pair.host.call("take", [endless()]), CordonError);
  assertEquals(error.code, "too_many_streams");
});

Deno.test("A stream that nothing comes from, or that nobody reads, ends for the one who is at fault", async () => {
  using time = holdClock();
  const notes: string[] = [];
  await using pair = connect({
    silent: () => new ReadableStream(),
    take: () => "taken",
  }, { streamIdleMs: 60_000, onStreamFault: ({ message }) => notes.push(message) });
  const turn = async () => {
    for (let at = 0; at < 50; at++) await time.tickAsync(0);
  };
  const calling = pair.host.call("silent", []);
  await turn();
  const silent = readAll(await calling);
  const caught = assertRejects(() => silent, CordonError, "nothing came for 60 s");
  await turn();
  await time.tickAsync(61_000);
  await turn();
  assertEquals((await caught).code, "stream_idle");

  let isStopped = false;
  const taking = pair.host.call("take", [
    ReadableStream.from((async function* () {
      try {
        for (;;) yield new Uint8Array(64 * 1024);
      } finally {
        isStopped = true;
      }
    })()),
  ]);
  await turn();
  await taking;
  await turn();
  await time.tickAsync(61_000);
  await turn();
  assert(isStopped);
  assertEquals(notes, [
    "Cannot go on with a stream: nothing came for 60 s (limits.stream_idle)",
    "Cannot go on with a stream: it was not read for 60 s (limits.stream_idle)",
  ]);
  assertEquals(pair.host.openStreams, 0);
});

Deno.test("No stream goes to an end that knows none", async () => {
  await using pair = connect({ take: () => "taken" });
  pair.host.agree(chooseProtocol(undefined));
  const error = await assertRejects(() => pair.host.call("take", [ReadableStream.from([1])]), CordonError);
  assertEquals(error.code, "not_supported");
});

/** A host's peer whose far end sends what the test says. */
async function runHostile(messages: readonly (Message | Uint8Array[])[]): Promise<unknown> {
  const [near, far] = createMemoryStreams();
  const peer = new RpcPeer(new FrameChannel(near), {
    handlers: new Map<string, Handler>([["take", () => "taken"], ["hang", () => new Promise(() => {})]]),
  });
  const running = peer.run();
  const channel = new FrameChannel(far);
  const reading = channel.receive(() => {});
  for (const message of messages) {
    channel.send(Array.isArray(message) ? message : encodeMessage(message, undefined, () => 5));
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
  channel.close();
  await reading;
  const reason = await running;
  assertEquals(peer.openStreams, 0);
  return reason;
}

const OPEN: Message = { type: "call", id: 1, method: "hang", params: [ReadableStream.from([])] };

Deno.test("Messages about streams that break the rules end the connection; late ones are ignored", async () => {
  const chunk = (value: unknown): Message => ({ type: "chunk", stream: 5, value });
  const large = chunk(new Uint8Array(STREAM_WINDOW_BYTES));
  const broken: (Message | Uint8Array[])[][] = [
    [OPEN, large, chunk(1)],
    [OPEN, chunk(new Uint8Array(MAX_CHUNK_BYTES))],
    [OPEN, { ...OPEN, id: 2 }],
    [{ type: "call", id: 3, method: "take", params: [ReadableStream.from([]), ReadableStream.from([])] }],
    [encodeMessage({ type: "credit", stream: -1, bytes: 5 })],
    [encodeMessage({ type: "credit", stream: 1, bytes: -5 })],
    [encodeMessage({ type: "end", stream: 1, error: "x" } as unknown as Message)],
  ];
  for (const [at, messages] of broken.entries()) {
    const reason = await runHostile(messages);
    assertEquals((reason as CordonError | undefined)?.code, "protocol_violation", `case ${at}`);
  }
  const late: Message[] = [
    { type: "chunk", stream: 9, value: 1 },
    { type: "end", stream: 9 },
    { type: "credit", stream: 9, bytes: 2 ** 52 },
    { type: "drop", stream: 9 },
  ];
  assertEquals(await runHostile(late), undefined);
});

Deno.test("What nobody reads is bounded over all streams of a connection: the stream that is too much ends", async () => {
  const faults: string[] = [];
  const [near, far] = createMemoryStreams({ capacity: 1 << 22 });
  const kept: ReadableStream<unknown>[] = [];
  const peer = new RpcPeer(new FrameChannel(near), {
    handlers: new Map<string, Handler>([["keep", ([stream]) => void kept.push(stream as ReadableStream)]]),
    onStreamFault: ({ code }) => faults.push(code),
  });
  const running = peer.run();
  const channel = new FrameChannel(far);
  const dropped: number[] = [];
  const reading = channel.receive((frame) => {
    const message = decodeMessage(frame);
    if (message.type === "drop") dropped.push(message.stream);
  });
  const objects = Array(80_000).fill({});
  for (let id = 0; id < 30; id++) {
    const open: Message = { type: "call", id, method: "keep", params: [ReadableStream.from([])] };
    channel.send(encodeMessage(open, undefined, () => id));
    channel.send(encodeMessage({ type: "chunk", stream: id, value: objects }));
    // What has ended is kept as well.
    if (id % 2 === 0) channel.send(encodeMessage({ type: "end", stream: id }));
    await settle(() => kept.length > id);
  }
  await settle(() => dropped.length > 0);
  const overfull = kept[dropped[0]!]!;
  const error = await assertRejects(() => overfull.getReader().read(), CordonError);
  assertEquals([error.code, faults[0]], ["stream_full", "stream_full"]);
  // Reading makes room again.
  const count = dropped.length;
  for (const stream of kept.slice(0, 10)) await stream.cancel();
  channel.send(
    encodeMessage(
      { type: "call", id: 99, method: "keep", params: [ReadableStream.from([])] },
      undefined,
      () => 99,
    ),
  );
  channel.send(encodeMessage({ type: "chunk", stream: 99, value: objects }));
  await settle(() => kept.length === 31);
  assertEquals((await kept[30]!.getReader().read()).value, objects);
  assertEquals(dropped.filter((id) => id > 10).length, count);
  peer.close();
  channel.close();
  await Promise.all([running, reading]);
});

Deno.test("Streams in arguments and those in results have places of their own", async () => {
  const endless = () => ReadableStream.from(count(Infinity));
  await using pair = connect({ take: () => "taken", give: endless }, {
    streams: { sent: { asked: 2, answered: 1 }, received: { asked: 1, answered: 3 } },
  });
  for (let at = 0; at < 2; at++) await pair.host.call("take", [endless()]);
  const error = await assertRejects(() => pair.host.call("take", [endless()]), CordonError);
  assertEquals([error.code, error.message], ["too_many_streams", "Cannot send a stream: 2 are open"]);
  for (let at = 0; at < 3; at++) await pair.host.call("give", []);
  assertEquals(pair.host.openStreams, 5);
});
