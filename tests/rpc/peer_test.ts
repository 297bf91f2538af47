import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import fc from "fast-check";
import { CordonError } from "../../src/errors.ts";
import { type ChannelOptions, FrameChannel } from "../../src/rpc/channel.ts";
import { encodeFrame, FrameDecoder, FrameError } from "../../src/rpc/frame.ts";
import { chooseProtocol, PROTOCOL } from "../../src/rpc/handshake.ts";
import type { CallContext } from "../../src/rpc/incoming_call.ts";
import { decodeMessage, type Message } from "../../src/rpc/message.ts";
import { encodeMessage } from "./encode_message.ts";
import type { Handler } from "../../src/rpc/incoming_calls.ts";
import { type PeerOptions, RpcPeer } from "../../src/rpc/peer.ts";
import { RemoteError } from "../../src/rpc/remote_error.ts";
import { holdClock } from "./held_clock.ts";
import { createMemoryStreams, type MemoryStream, type MemoryStreamOptions } from "./memory_stream.ts";

type Handlers = Record<string, Handler>;

/** Two peers that talk to each other. */
interface Pair extends AsyncDisposable {
  readonly host: RpcPeer;
  readonly plugin: RpcPeer;
}

function connect(
  { host = {}, plugin = {}, options = {}, pluginOptions = {}, channel }: {
    host?: Handlers;
    plugin?: Handlers;
    options?: PeerOptions;
    pluginOptions?: PeerOptions;
    channel?: ChannelOptions;
  } = {},
): Pair {
  const [near, far] = createMemoryStreams();
  const pair = {
    host: new RpcPeer(new FrameChannel(near, channel), {
      handlers: new Map(Object.entries(host)),
      ...options,
    }),
    plugin: new RpcPeer(new FrameChannel(far, channel), {
      handlers: new Map(Object.entries(plugin)),
      ...pluginOptions,
      sendStacks: true,
      trustCodes: true,
    }),
  };
  const runs = [pair.host.run(), pair.plugin.run()];
  return {
    ...pair,
    async [Symbol.asyncDispose]() {
      pair.host.close();
      await Promise.all(runs);
    },
  };
}

/** A peer whose far end is played by the test, message by message. */
class Stage implements AsyncDisposable {
  readonly peer: RpcPeer;
  readonly run: Promise<unknown>;
  readonly #far: FrameChannel;
  readonly #stream: MemoryStream;
  readonly #received: Message[] = [];
  readonly #farRun: Promise<unknown>;
  #arrived = Promise.withResolvers<void>();

  constructor(
    { peer = {}, channel = {}, stream = {}, reads = true }: {
      peer?: PeerOptions;
      channel?: ChannelOptions;
      stream?: MemoryStreamOptions;
      reads?: boolean;
    } = {},
  ) {
    const [near, far] = createMemoryStreams(stream);
    this.#stream = far;
    this.peer = new RpcPeer(new FrameChannel(near, channel), peer);
    this.run = this.peer.run();
    this.#far = new FrameChannel(far);
    this.#farRun = reads ? this.read() : Promise.resolve();
  }

  /** Begins to read what the peer sends. */
  read(): Promise<unknown> {
    return this.#far.receive((frame) => {
      this.#received.push(decodeMessage(frame));
      this.#arrived.resolve();
      this.#arrived = Promise.withResolvers();
    });
  }

  send(message: unknown): void {
    this.#far.send(encodeMessage(message as Message));
  }

  async sendBytes(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#stream.write(bytes.subarray(at));
  }

  async readBytes(into: Uint8Array): Promise<number> {
    return await this.#stream.read(into) ?? 0;
  }

  /** The next message of the peer. */
  async next(): Promise<Message> {
    while (this.#received.length === 0) await this.#arrived.promise;
    return this.#received.shift()!;
  }

  /** Ends the far end. */
  hangUp(): void {
    this.#far.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.peer.close();
    this.#far.close();
    await Promise.all([this.run, this.#farRun]);
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}

/** What a promise came to by now: its value, its error, or undefined while it waits. */
async function look(promise: Promise<unknown>): Promise<unknown> {
  const turns = (async () => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  })();
  return await Promise.race([promise.catch((error) => error), turns]);
}

async function rejection(promise: Promise<unknown>): Promise<CordonError> {
  return await assertRejects(() => promise, CordonError);
}

Deno.test("RpcPeer.call() is answered, in both directions, with bytes", async () => {
  await using pair = connect({
    host: { double: ([bytes]) => Uint8Array.from(bytes as Uint8Array, (byte) => byte * 2) },
    plugin: {
      relay: ([bytes]) => pair.plugin.call("double", [bytes]),
      nothing: () => {},
      later: () => Promise.resolve({ list: [1, null, "x"] }),
    },
  });
  assertEquals(await pair.host.call("relay", [Uint8Array.of(1, 2)]), Uint8Array.of(2, 4));
  assertStrictEquals(await pair.host.call("nothing", []), undefined);
  assertEquals(await pair.host.call("later", []), { list: [1, null, "x"] });
});

Deno.test("RpcPeer.call() is answered by id, in whatever order the answers come", async () => {
  const gates = new Map<string, PromiseWithResolvers<string>>();
  const handler: Handler = ([name]) => {
    const gate = Promise.withResolvers<string>();
    gates.set(name as string, gate);
    return gate.promise;
  };
  await using pair = connect({ plugin: { wait: handler, ready: () => [...gates.keys()] } });
  const names = ["a", "b", "c", "d"];
  const calls = names.map((name) => pair.host.call("wait", [name]));
  assertEquals(await pair.host.call("ready", []), names);
  for (const name of ["c", "a", "d", "b"]) gates.get(name)!.resolve(name.toUpperCase());
  assertEquals(await Promise.all(calls), ["A", "B", "C", "D"]);
});

Deno.test("RpcPeer.call() rejects with what the far end threw, and believes only the host's code", async () => {
  const refuse = () => {
    throw new CordonError("consent", "Cannot do that", { hint: "Ask", facts: { id: "acme.geo" } });
  };
  await using pair = connect({ host: { refuse }, plugin: { refuse, later: async () => await refuse() } });
  const untrusted = await rejection(pair.host.call("refuse", []));
  assert(untrusted instanceof RemoteError);
  assertEquals([untrusted.code, untrusted.hint, untrusted.message], [
    "plugin_error",
    undefined,
    "Cannot do that",
  ]);
  assert(untrusted.remoteStack!.includes("peer_test.ts"));
  assertStrictEquals((await rejection(pair.host.call("later", []))).code, "plugin_error");
  const trusted = await rejection(pair.plugin.call("refuse", []));
  assert(trusted instanceof RemoteError);
  assertEquals([trusted.code, trusted.hint, trusted.facts.id], ["consent", "Ask", "acme.geo"]);
  assertStrictEquals(trusted.remoteStack, undefined);
});

Deno.test("RpcPeer answers method_not_found for what nobody registered, names of every object included", async () => {
  await using pair = connect({ host: { known: () => 1 } });
  for (
    const name of ["unknown", "toString", "constructor", "__proto__", "hasOwnProperty", "then", "get", ""]
  ) {
    assertStrictEquals((await rejection(pair.plugin.call(name, []))).code, "method_not_found", name);
  }
  assertStrictEquals(await pair.plugin.call("known", []), 1);
});

Deno.test("RpcPeer answers with an error when a result cannot be carried", async () => {
  await using pair = connect({
    plugin: {
      function: () => () => {},
      bigint: () => Promise.resolve(1n),
      large: () => new Uint8Array(17 * 1024 * 1024),
      hostile: () => ({
        get then() {
          throw new Error("no then");
        },
      }),
    },
  });
  for (
    const [name, message] of Object.entries({
      function: "Cannot carry a function",
      bigint: "Cannot carry a bigint",
      large: "Cannot send a message of",
      hostile: "no then",
    })
  ) {
    await assertRejects(() => pair.host.call(name, []), RemoteError, message);
  }
  await assertRejects(() => pair.host.call("unknown", []), RemoteError, "there is no such method");
});

Deno.test("RpcPeer.call() refuses parameters that cannot be carried, and keeps its place free", async () => {
  await using pair = connect({ plugin: { echo: ([value]) => value }, options: { maxInFlight: 1 } });
  await assertRejects(
    () => pair.host.call("echo", [() => 1], { timeoutMs: 60_000 }),
    TypeError,
    "Cannot carry",
  );
  assertStrictEquals(await pair.host.call("echo", [1]), 1);
});

Deno.test("RpcPeer.call() fails with deadline_exceeded, and cancels at the far end", async () => {
  using time = holdClock();
  const cancelled = Promise.withResolvers<CallContext>();
  await using pair = connect({
    plugin: {
      wait: (_params, context) => {
        context.signal.addEventListener("abort", () => cancelled.resolve(context));
        return never();
      },
    },
  });
  const call = rejection(pair.host.call("wait", [], { timeoutMs: 500 }));
  await time.tickAsync(499);
  assertStrictEquals(await look(call), undefined);
  await time.tickAsync(1);
  const error = await call;
  assertEquals([error.code, error.facts], ["deadline_exceeded", { timeoutMs: 500 }]);
  assertStrictEquals(error.message, 'Cannot finish "wait": no answer in 500 ms');
  const context = await cancelled.promise;
  assertEquals([context.timeoutMs, context.signal.reason.message], [500, "deadline exceeded"]);
});

Deno.test("RpcPeer.call() takes a deadline that no timer and no message can hold", async () => {
  await using pair = connect({ plugin: { limit: (_params, { timeoutMs }) => timeoutMs ?? "none" } });
  assertStrictEquals(await pair.host.call("limit", [], { timeoutMs: 2 ** 40 }), 2 ** 40);
  assertStrictEquals(await pair.host.call("limit", [], { timeoutMs: Infinity }), "none");
});

Deno.test("RpcPeer.call() counts the time it waits for a place or for a far end that does not read", async () => {
  using time = holdClock();
  {
    await using stage = new Stage({ peer: { maxInFlight: 1 } });
    const first = look(stage.peer.call("first", []));
    const second = rejection(stage.peer.call("second", [], { timeoutMs: 500 }));
    await time.tickAsync(500);
    assertStrictEquals((await second).code, "deadline_exceeded");
    assertStrictEquals(await first, undefined);
  }
  {
    await using stage = new Stage({
      reads: false,
      stream: { capacity: 10 },
      channel: { maxQueuedBytes: 1_000 },
    });
    const first = rejection(stage.peer.call("first", [new Uint8Array(600)]));
    const second = rejection(stage.peer.call("second", [], { timeoutMs: 500 }));
    await time.tickAsync(500);
    assertStrictEquals((await second).code, "deadline_exceeded");
    stage.peer.close();
    assertStrictEquals((await first).code, "channel_closed");
  }
});

Deno.test("RpcPeer.call() passes the reason of its signal through, and cancels at the far end", async () => {
  const started = Promise.withResolvers<AbortSignal>();
  await using pair = connect({
    plugin: {
      wait: (_params, { signal }) => {
        started.resolve(signal);
        return never();
      },
    },
  });
  const controller = new AbortController();
  const call = pair.host.call("wait", [], { signal: controller.signal });
  const far = await started.promise;
  const aborted = new Promise((resolve) => far.addEventListener("abort", resolve));
  const reason = new Error("Changed my mind");
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => call), reason);
  await aborted;
  assertEquals([far.reason.code, far.reason.message], ["cancelled", "Changed my mind"]);
});

Deno.test("RpcPeer.call() with a signal aborted before sends nothing", async () => {
  await using stage = new Stage();
  const reason = new Error("too late");
  const call = stage.peer.call("never", [], { signal: AbortSignal.abort(reason) });
  assertStrictEquals(await assertRejects(() => call), reason);
  stage.peer.notify("first", []);
  assertEquals(await stage.next(), { type: "notify", method: "first", params: [] });
});

Deno.test("RpcPeer.call() leaves no listener on its signal", async () => {
  await using stage = new Stage({ peer: { maxInFlight: 1 } });
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  using _add = stub(signal, "addEventListener", () => void listeners++);
  using _remove = stub(signal, "removeEventListener", () => void listeners--);
  const calls = ["a", "b", "c"].map((method) => stage.peer.call(method, [], { signal }));
  assertStrictEquals(listeners, 3);
  for (const call of calls.slice(0, 2)) {
    stage.send({ type: "result", id: (await stage.next() as { id: number }).id });
    await call;
  }
  assertStrictEquals(listeners, 1);
  const last = rejection(calls[2]!);
  stage.peer.close();
  await last;
  assertStrictEquals(listeners, 0);
});

Deno.test("RpcPeer.call() aborted while it waits for a place leaves the queue to the others", async () => {
  await using stage = new Stage({ peer: { maxInFlight: 1 } });
  const controllers = [new AbortController(), new AbortController()];
  const first = stage.peer.call("first", []);
  const second = stage.peer.call("second", [], { signal: controllers[0]!.signal });
  const third = stage.peer.call("third", [], { signal: controllers[1]!.signal });
  const { id } = await stage.next() as Message & { type: "call" };

  const reason = new Error("second only");
  controllers[0]!.abort(reason);
  assertStrictEquals(await assertRejects(() => second), reason);
  assertStrictEquals(await look(third), undefined);

  stage.send({ type: "result", id, value: 1 });
  assertStrictEquals(await first, 1);
  const next = await stage.next() as Message & { type: "call" };
  assertStrictEquals(next.method, "third");
  stage.send({ type: "result", id: next.id, value: 3 });
  assertStrictEquals(await third, 3);
});

Deno.test("RpcPeer.call() aborted in the turn in which its place comes free is cancelled all the same", async () => {
  await using stage = new Stage({ peer: { maxInFlight: 1 } });
  const controller = new AbortController();
  const first = stage.peer.call("first", []);
  const second = assertRejects(() => stage.peer.call("second", [], { signal: controller.signal }));
  const third = stage.peer.call("third", []);
  stage.send({ type: "result", id: (await stage.next() as { id: number }).id });
  await first;
  controller.abort("now");
  assertStrictEquals(await second, "now");
  const messages = [await stage.next(), await stage.next(), await stage.next()];
  assertEquals(messages.map((message) => "method" in message ? message.method : message.type), [
    "second",
    "cancel",
    "third",
  ]);
  stage.send({ type: "result", id: (messages[2] as { id: number }).id, value: 3 });
  assertStrictEquals(await third, 3);
});

Deno.test("RpcPeer.call() sends waiting calls oldest first, never more at once than the bound", async () => {
  let running = 0;
  let most = 0;
  const order: unknown[] = [];
  await using pair = connect({
    plugin: {
      work: async ([index]) => {
        order.push(index);
        most = Math.max(most, ++running);
        await Promise.resolve();
        running--;
        return index;
      },
    },
    options: { maxInFlight: 3 },
  });
  const indexes = Array.from({ length: 50 }, (_, index) => index);
  assertEquals(await Promise.all(indexes.map((index) => pair.host.call("work", [index]))), indexes);
  assertEquals(order, indexes);
  assert(most <= 3);
});

Deno.test("RpcPeer.call() holds calls back while the far end does not read, and sends them when it does", async () => {
  await using stage = new Stage({
    reads: false,
    stream: { capacity: 10 },
    channel: { maxQueuedBytes: 1_000 },
  });
  const controller = new AbortController();
  const calls = Array.from({ length: 20 }, (_, index) => stage.peer.call(`m${index}`, [new Uint8Array(600)]));
  const aborted = assertRejects(() => stage.peer.call("aborted", [], { signal: controller.signal }));
  controller.abort("enough");
  assertStrictEquals(await aborted, "enough");
  const read = stage.read();
  for (let index = 0; index < 20; index++) {
    const call = await stage.next() as Message & { type: "call" };
    assertStrictEquals(call.method, `m${index}`);
    stage.send({ type: "result", id: call.id, value: index });
    assertStrictEquals(await calls[index], index);
  }
  stage.peer.close();
  await read;
});

Deno.test("RpcPeer answers to a slow reader wait their turn instead of piling up", async () => {
  const count = 30;
  const started = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<Uint8Array>();
  let running = 0;
  const work: Handler = () => {
    if (++running === count) started.resolve();
    return gate.promise;
  };
  await using stage = new Stage({
    peer: { handlers: new Map([["work", work]]) },
    channel: { maxFrameBytes: 1_000, maxQueuedBytes: 2_000 },
    stream: { capacity: 500 },
    reads: false,
  });
  for (let id = 0; id < count; id++) stage.send({ type: "call", id, method: "work", params: [] });
  await started.promise;
  gate.resolve(new Uint8Array(800));
  assertStrictEquals(await look(stage.run), undefined);
  const read = stage.read();
  for (let id = 0; id < count; id++) assertEquals((await stage.next() as { id: number }).id, id);
  stage.peer.close();
  await read;
});

Deno.test("RpcPeer has answers wait that are there at once, where the far end asks faster than it reads", async () => {
  await using stage = new Stage({
    peer: { handlers: new Map([["work", () => new Uint8Array(800)]]) },
    channel: { maxFrameBytes: 1_000, maxQueuedBytes: 2_000 },
    stream: { capacity: 500 },
    reads: false,
  });
  for (let id = 0; id < 30; id++) stage.send({ type: "call", id, method: "work", params: [] });
  assertStrictEquals(await look(stage.run), undefined);
  const read = stage.read();
  for (let id = 0; id < 30; id++) assertEquals((await stage.next() as { id: number }).id, id);
  stage.peer.close();
  await read;
});

Deno.test("RpcPeer closes with not_reading when cancellations pile up, and no deadline is lost", async () => {
  using time = holdClock();
  const channel = { maxQueuedBytes: 10_000 };
  await using stage = new Stage({ reads: false, stream: { capacity: 10 }, channel });
  const calls = Array.from({ length: 30 }, () => rejection(stage.peer.call("m", [], { timeoutMs: 100 })));
  // Fills up what may wait; of thirty cancellations one is too many.
  stage.peer.notify("n", ["x".repeat(7_000)]);
  await time.tickAsync(100);
  for (const call of calls) assertStrictEquals((await call).code, "deadline_exceeded");
  const reason = await stage.run;
  assert(reason instanceof CordonError && reason.code === "not_reading");
});

Deno.test("RpcPeer refuses an id that is in use, and answers the first call under it", async () => {
  const gate = Promise.withResolvers<string>();
  await using stage = new Stage({ peer: { handlers: new Map([["wait", () => gate.promise]]) } });
  stage.send({ type: "call", id: 7, method: "wait", params: [] });
  stage.send({ type: "call", id: 7, method: "wait", params: [] });
  const refusal = await stage.next() as Message & { type: "error" };
  assertEquals([refusal.id, refusal.error.code], [7, "protocol_violation"]);
  gate.resolve("done");
  assertEquals(await stage.next(), { type: "result", id: 7, value: "done" });
  stage.send({ type: "call", id: 7, method: "wait", params: [] });
  assertEquals(await stage.next(), { type: "result", id: 7, value: "done" });
});

Deno.test("RpcPeer refuses calls above its bound and takes the next once a place is free", async () => {
  const gates: PromiseWithResolvers<number>[] = [];
  const wait: Handler = () => {
    gates.push(Promise.withResolvers());
    return gates.at(-1)!.promise;
  };
  await using stage = new Stage({ peer: { handlers: new Map([["wait", wait]]), maxInFlight: 2 } });
  for (const id of [1, 2, 3]) stage.send({ type: "call", id, method: "wait", params: [] });
  const refusal = await stage.next() as Message & { type: "error" };
  assertEquals([refusal.id, refusal.error.code], [3, "too_many_calls"]);
  gates[0]!.resolve(1);
  assertEquals(await stage.next(), { type: "result", id: 1, value: 1 });
  stage.send({ type: "call", id: 4, method: "wait", params: [] });
  gates[1]!.resolve(2);
  assertEquals(await stage.next(), { type: "result", id: 2, value: 2 });
  gates[2]!.resolve(4);
  assertEquals(await stage.next(), { type: "result", id: 4, value: 4 });
});

Deno.test("RpcPeer ignores answers and cancellations of unknown ids, and those of calls not sent yet", async () => {
  await using stage = new Stage({ peer: { maxInFlight: 1 } });
  const first = stage.peer.call("first", []);
  const second = stage.peer.call("second", []);
  const { id } = await stage.next() as Message & { type: "call" };
  for (const unknown of [id + 1, id + 2, 99, Number.MAX_SAFE_INTEGER]) {
    stage.send({ type: "result", id: unknown, value: "forged" });
    stage.send({ type: "error", id: unknown, error: { name: "E", message: "forged" } });
    stage.send({ type: "cancel", id: unknown });
  }
  stage.send({ type: "notify", method: "unknown", params: [] });
  stage.send({ type: "result", id, value: "real" });
  stage.send({ type: "result", id, value: "again" });
  assertStrictEquals(await first, "real");
  const next = await stage.next() as Message & { type: "call" };
  stage.send({ type: "result", id: next.id, value: "real too" });
  assertStrictEquals(await second, "real too");
});

Deno.test("RpcPeer hands notifications over, and ends when one of its own handlers throws", async () => {
  const taken: unknown[] = [];
  const notifications = new Map([
    ["log", (params: readonly unknown[]) => void taken.push(params)],
    ["break", () => {
      throw new Error("mine");
    }],
  ]);
  await using stage = new Stage({ peer: { notifications } });
  stage.send({ type: "notify", method: "toString", params: [] });
  stage.send({ type: "notify", method: "log", params: [1, "two"] });
  stage.send({ type: "notify", method: "break", params: [] });
  assertStrictEquals((await stage.run as Error).message, "mine");
  assertEquals(taken, [[1, "two"]]);
});

Deno.test("RpcPeer.close() rejects what is in flight and what waits, and aborts what is being answered", async () => {
  const started = Promise.withResolvers<AbortSignal>();
  const wait: Handler = (_params, { signal }) => {
    started.resolve(signal);
    return never();
  };
  await using stage = new Stage({ peer: { handlers: new Map([["wait", wait]]), maxInFlight: 1 } });
  stage.send({ type: "call", id: 1, method: "wait", params: [] });
  const signal = await started.promise;
  const calls = ["sent", "waiting"].map((method) =>
    rejection(stage.peer.call(method, [], { timeoutMs: 60_000 }))
  );
  const reason = new Error("over");
  stage.peer.close(reason);
  for (const [index, call] of calls.entries()) {
    const error = await call;
    assertStrictEquals(error.code, "channel_closed");
    assertStrictEquals(error.cause, reason);
    assert(error.message.includes(["sent", "waiting"][index]!));
  }
  assertStrictEquals(signal.reason.code, "channel_closed");
  assertStrictEquals(await stage.run, reason);
  assertStrictEquals(
    (await rejection(stage.peer.call("late", [], { timeoutMs: 60_000 }))).code,
    "channel_closed",
  );
  stage.peer.close();
});

Deno.test("RpcPeer.close() from inside a handler leaves the answer unsent and answers nothing after it", async () => {
  const calls: unknown[] = [];
  const handlers = new Map<string, Handler>([["end", ([name]) => {
    calls.push(name);
    stage.peer.close();
    return "unsent";
  }]]);
  await using stage: Stage = new Stage({ peer: { handlers } });
  stage.send({ type: "call", id: 1, method: "end", params: ["first"] });
  stage.send({ type: "call", id: 2, method: "end", params: ["second"] });
  assertStrictEquals(await stage.run, undefined);
  assertEquals(calls, ["first"]);
});

Deno.test("RpcPeer.close() from inside a handler aborts that handler's own signal too", async () => {
  const reasons: unknown[] = [];
  const handlers = new Map<string, Handler>([["end", (_params, { signal }) => {
    signal.addEventListener("abort", () => reasons.push(signal.reason.code));
    stage.peer.close();
    return Promise.reject(new Error("nobody hears this"));
  }]]);
  await using stage: Stage = new Stage({ peer: { handlers } });
  stage.send({ type: "call", id: 1, method: "end", params: [] });
  assertStrictEquals(await stage.run, undefined);
  assertEquals(reasons, ["channel_closed"]);
});

Deno.test("RpcPeer.run() ends when the far end goes, and rejects what is in flight", async () => {
  await using stage = new Stage();
  const call = rejection(stage.peer.call("m", [], { timeoutMs: 60_000 }));
  await stage.next();
  stage.hangUp();
  assertStrictEquals(await stage.run, undefined);
  assertStrictEquals((await call).message, 'Cannot finish "m": the other side is gone');
});

Deno.test("RpcPeer drops the answer to a caller that is gone", async () => {
  const started = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<void>();
  const handlers = new Map<string, Handler>([["wait", async () => {
    started.resolve();
    await gate.promise;
    finished.resolve();
    throw new Error("nobody hears this");
  }]]);
  await using stage = new Stage({ peer: { handlers } });
  stage.send({ type: "call", id: 1, method: "wait", params: [] });
  await started.promise;
  stage.hangUp();
  await stage.run;
  gate.resolve();
  await finished.promise;
});

Deno.test("RpcPeer ends with a FrameError, and nothing else, when the far end sends no messages", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.boolean(),
      async (bytes, isFramed) => {
        await using stage = new Stage({ peer: { handlers: new Map([["m", () => 1]]) } });
        const call = look(stage.peer.call("m", [], { timeoutMs: 60_000 }));
        await stage.sendBytes(isFramed ? encodeFrame(new TextDecoder().decode(bytes))[0]! : bytes);
        stage.hangUp();
        const reason = await stage.run;
        assert(reason instanceof FrameError, String(reason));
        await call;
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("RpcPeer survives any sequence of well-formed messages", async () => {
  const id = fc.integer({ min: 0, max: 4 });
  const method = fc.constantFrom("echo", "fail", "wait", "toString", "__proto__", "log");
  const params = fc.array(fc.jsonValue() as fc.Arbitrary<unknown>, { maxLength: 2 });
  const message = fc.oneof(
    fc.record({ type: fc.constant("call"), id, method, params }),
    fc.record({ type: fc.constant("result"), id, value: fc.jsonValue() }),
    fc.record({
      type: fc.constant("error"),
      id,
      error: fc.record({ name: fc.string(), message: fc.string() }),
    }),
    fc.record({ type: fc.constant("cancel"), id, reason: fc.string() }),
    fc.record({ type: fc.constant("notify"), method, params }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 30 }), async (messages) => {
      const handlers = new Map<string, Handler>([
        ["echo", ([value]) => value],
        ["fail", ([value]) => {
          throw value;
        }],
        [
          "wait",
          (_params, { signal }) =>
            new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
        ],
      ]);
      await using stage = new Stage({ peer: { handlers, maxInFlight: 3 } });
      const calls = [0, 1, 2].map((index) =>
        stage.peer.call("m", [index], { timeoutMs: 60_000 }).catch(() => {})
      );
      for (const one of messages) stage.send(one);
      stage.send({ type: "call", id: 1_000, method: "ping", params: [] });
      for (let answer = await stage.next(); !("id" in answer) || answer.id !== 1_000;) {
        answer = await stage.next();
      }
      stage.peer.close();
      await Promise.all(calls);
    }),
    { numRuns: 100 },
  );
});

Deno.test("RpcPeer hands no reason on that is longer than a text of an error", async () => {
  const reasons = Promise.withResolvers<unknown>();
  const wait: Handler = (_params, call) => {
    call.whenCancelled(reasons.resolve);
    return never();
  };
  await using stage = new Stage({ peer: { handlers: new Map([["wait", wait]]) } });
  stage.send({ type: "call", id: 1, method: "wait", params: [] });
  stage.send({ type: "cancel", id: 1, reason: "x".repeat(1_000_000) });
  assert((await reasons.promise as Error).message.length < 10_000);
});

/** JSON of so many empty objects, which take far more in memory than as text. */
function objects(count: number): string {
  return `[${Array(count).fill("{}").join()}]`;
}

Deno.test("RpcPeer refuses what takes more memory than a message may, and goes on", async () => {
  const refused: string[] = [];
  let told = 0;
  await using stage = new Stage({
    peer: {
      handlers: new Map([["m", () => "answered"]]),
      notifications: new Map([["n", () => void told++]]),
      onRefused: ({ message }) => refused.push(message),
    },
    channel: { maxFrameBytes: 4_000_000 },
  });
  const sendText = (text: string) =>
    stage.sendBytes(Uint8Array.from(encodeFrame(text).flatMap((bytes) => [...bytes])));
  const heavy = objects(1_000_000);
  await sendText(`{"type":"call","id":1,"method":"m","params":${heavy}}`);
  const { error } = await stage.next() as Message & { type: "error" };
  assertEquals([error.code, error.message.slice(0, 27)], [
    "message_too_large",
    'Cannot call "m" with that: ',
  ]);
  await sendText(`{"type":"notify","method":"n","params":${heavy}}`);
  const call = stage.peer.call("asked", []);
  const { id } = await stage.next() as Message & { type: "call" };
  await sendText(`{"type":"result","id":${id},"value":${heavy}}`);
  assertEquals((await rejection(call)).code, "message_too_large");
  await sendText(`{"type":"call","id":2,"method":"m","params":[]}`);
  assertEquals(await stage.next(), { type: "result", id: 2, value: "answered" });
  assertEquals([told, refused.length], [0, 3]);
});

Deno.test("RpcPeer bounds what the calls in flight take in memory", async () => {
  const gate = Promise.withResolvers<string>();
  const refused: string[] = [];
  await using stage = new Stage({
    peer: {
      handlers: new Map([["wait", () => gate.promise]]),
      onRefused: ({ code }) => refused.push(code),
    },
  });
  const params = JSON.parse(objects(800_000));
  for (const id of [1, 2, 3]) stage.send({ type: "call", id, method: "wait", params });
  const refusal = await stage.next() as Message & { type: "error" };
  assertEquals([refusal.id, refusal.error.code, refused], [3, "too_many_calls", ["too_many_calls"]]);
  gate.resolve("done");
  for (const id of [1, 2]) assertEquals(await stage.next(), { type: "result", id, value: "done" });
  stage.send({ type: "call", id: 3, method: "wait", params });
  assertEquals(await stage.next(), { type: "result", id: 3, value: "done" });
});

Deno.test("RpcPeer gives an error in place of an answer where too much of them waits to be read", async () => {
  const large = new Uint8Array(30 * 1024 * 1024);
  const started = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<Uint8Array>();
  let running = 0;
  const work: Handler = () => {
    if (++running === 6) started.resolve();
    return gate.promise;
  };
  await using stage = new Stage({
    peer: { handlers: new Map([["work", work]]) },
    channel: { maxFrameBytes: 32 * 1024 * 1024 },
    reads: false,
  });
  // Fills the channel up, so that answers wait.
  stage.peer.notify("n", ["x".repeat(2_000_000)]);
  for (let id = 0; id < 6; id++) stage.send({ type: "call", id, method: "work", params: [] });
  await started.promise;
  gate.resolve(large);
  const decoder = new FrameDecoder(32 * 1024 * 1024);
  const kinds: string[] = [];
  while (kinds.length < 7) {
    const length = await stage.readBytes(decoder.space());
    for (const frame of decoder.commit(length)) kinds.push(decodeMessage(frame).type);
  }
  assertEquals(kinds.filter((kind) => kind === "error").length, 2);
  assertEquals(kinds.filter((kind) => kind === "result").length, 4);
});

Deno.test("RpcPeer takes streams for the methods that have them, and in their results", async () => {
  const refused: string[] = [];
  let isStopped = false;
  await using pair = connect({
    host: { take: () => "taken" },
    plugin: { silent: () => ReadableStream.from([1]), speaks: () => ReadableStream.from([1]) },
    options: {
      streamMethods: new Set(["speaks"]),
      onRefused: ({ message }) => refused.push(message),
    },
  });
  for (const peer of [pair.host, pair.plugin]) peer.agree(chooseProtocol(PROTOCOL));
  const stream = new ReadableStream({ cancel: () => void (isStopped = true) });
  const error = await rejection(pair.plugin.call("take", [stream]));
  assertEquals(error.code, "invalid_input");
  assertEquals((await rejection(pair.host.call("silent", []))).code, "protocol_violation");
  assertEquals(await Array.fromAsync(await pair.host.call("speaks", []) as AsyncIterable<number>), [1]);
  while (!isStopped || pair.host.openStreams > 0) await new Promise((resolve) => setTimeout(resolve));
  assertEquals(refused, [
    'Cannot call "take": it takes no streams',
    'Cannot take the answer to "silent": it holds a stream',
  ]);
});

Deno.test("RpcPeer tells of what it cannot send for what is in it, and of nothing else", async () => {
  const unsent: string[] = [];
  await using pair = connect({
    plugin: { function: () => () => 1, large: () => "x".repeat(3_000), fine: () => 1 },
    pluginOptions: { onUnsent: ({ message }) => unsent.push(message) },
    channel: { maxFrameBytes: 2_000 },
  });
  for (const method of ["function", "large"]) await rejection(pair.host.call(method, []));
  assertEquals((await rejection(pair.host.call("large", []))).facts.remoteCode, "message_too_large");
  await assertRejects(() => pair.plugin.call("m", [1n]), TypeError);
  pair.host.close();
  await rejection(pair.plugin.call("m", []));
  assertEquals(unsent.map((message) => message.slice(0, 23)), [
    "Cannot carry a function",
    "Cannot send a message o",
    "Cannot send a message o",
    "Cannot carry a bigint: ",
  ]);
});

Deno.test("RpcPeer reads a far end whose message took long only after as long again", async () => {
  const order: string[] = [];
  const slow: Handler = () => {
    const until = performance.now() + 40;
    while (performance.now() < until);
    order.push("slow");
  };
  const next = Promise.withResolvers<void>();
  await using stage = new Stage({
    peer: {
      handlers: new Map<string, Handler>([["slow", slow], [
        "next",
        () => (order.push("next"), next.resolve()),
      ]]),
      isPaced: true,
    },
  });
  stage.send({ type: "call", id: 1, method: "slow", params: ["x".repeat(100_000)] });
  stage.send({ type: "call", id: 2, method: "next", params: [] });
  await stage.next();
  const began = performance.now();
  assertEquals(order, ["slow"]);
  await next.promise;
  assert(performance.now() - began > 20);
});
