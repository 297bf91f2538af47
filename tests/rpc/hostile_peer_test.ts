import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { CordonError } from "../../src/errors.ts";
import { FrameChannel } from "../../src/rpc/channel.ts";
import { encodeFrame, FrameError } from "../../src/rpc/frame.ts";
import { chooseProtocol, PROTOCOL, readChoice } from "../../src/rpc/handshake.ts";
import type { Handler } from "../../src/rpc/incoming_calls.ts";
import { decodeMessage } from "../../src/rpc/message.ts";
import { RpcPeer } from "../../src/rpc/peer.ts";
import { HOST_BOUNDS, PLUGIN_BOUNDS } from "../../src/rpc/peer_bounds.ts";
import { createMemoryStreams } from "./memory_stream.ts";

/** Numbers as a hostile sandbox writes them: near what there is, and beyond all bounds. */
const number = fc.oneof(
  fc.integer({ min: 0, max: 6 }),
  fc.constantFrom(-1, 0.5, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 1e300),
);
const few = fc.integer({ min: 0, max: 4 });
const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(null), fc.string());
const error = fc.oneof(
  value,
  fc.record({ name: fc.string(), message: fc.string(), facts: value, cause: value }, {
    requiredKeys: ["name"],
  }),
);
const method = fc.constantFrom("call", "echo", "toString", "__proto__", "events", "subscribe");

/** Messages of each type, whole, with parts missing, and with parts of other kinds. */
const message = fc.oneof(
  fc.record({ type: fc.constant("call"), id: few, method, params: fc.constant([null, null]) }),
  fc.record({ type: fc.constant("result"), id: few, value: fc.constant([null]) }),
  fc.record({ type: fc.constant("chunk"), stream: few, value }, { requiredKeys: ["type", "stream"] }),
  fc.record({ type: fc.constant("credit"), stream: few, bytes: number }),
  fc.record({ type: fc.constant("end"), stream: few, error }, { requiredKeys: ["type", "stream"] }),
  fc.record({ type: fc.constant("drop"), stream: few, reason: fc.string() }, {
    requiredKeys: ["type", "stream"],
  }),
  fc.record({
    type: fc.constantFrom(
      "call",
      "result",
      "error",
      "cancel",
      "notify",
      "chunk",
      "end",
      "credit",
      "drop",
      "x",
    ),
    id: number,
    stream: number,
    bytes: number,
    method,
    params: fc.oneof(value, fc.array(value, { maxLength: 3 })),
    timeoutMs: number,
    within: number,
    trace: value,
    error,
    value,
  }, { requiredKeys: ["type"] }),
);

/** Where bytes and streams are said to be. */
const placements = fc.array(
  fc.tuple(
    fc.constantFrom(["params", 0], ["params", 1], ["value", 0], ["value"], ["__proto__"], [
      "params",
      "length",
    ]),
    fc.oneof(few, number),
  ),
  { maxLength: 3 },
);
const head = fc.oneof(
  message.map((one) => JSON.stringify(one)),
  fc.tuple(message, fc.constant([]), placements).map((parts) => JSON.stringify(parts)),
  fc.tuple(message, placements, placements).map((parts) => JSON.stringify(parts)),
);

Deno.test("decodeMessage() throws nothing but FrameError for messages of each type, and opens no stream in vain", () => {
  fc.assert(
    fc.property(head, (text) => {
      const opened: number[] = [];
      try {
        decodeMessage({ head: text, tail: new Uint8Array(0) }, (id) => (opened.push(id), "stream"));
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        // A stream that was opened is ended with the connection.
        assert(opened.every((id) => Number.isSafeInteger(id) && id >= 0));
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("A peer takes whatever a hostile far end sends about streams: it closes itself at most, and nothing is left", async () => {
  const methods: [string, Handler][] = [
    ["echo", ([one]) => one],
    ["call", async ([one]) => {
      // Passed on or read, as hosts and plugins do.
      if (!(one instanceof ReadableStream)) return ReadableStream.from([1, 2]);
      for await (const _ of one);
      return null;
    }],
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(head, { maxLength: 25 }), async (heads) => {
      const [near, far] = createMemoryStreams();
      const peer = new RpcPeer(new FrameChannel(near), { ...HOST_BOUNDS, handlers: new Map(methods) });
      peer.agree(chooseProtocol(PROTOCOL));
      const running = peer.run();
      const calls = [0, 1].map((at) => peer.call("invoke", [ReadableStream.from([at])]).catch(() => {}));
      const channel = new FrameChannel(far);
      const reading = channel.receive(() => {});
      for (const text of heads) if (!channel.isClosed) channel.send(encodeFrame(text));
      await new Promise((resolve) => setTimeout(resolve, 1));
      channel.close();
      await reading;
      const reason = await running;
      assert(reason === undefined || reason instanceof CordonError, String(reason));
      await Promise.all(calls);
      assertEquals(peer.openStreams, 0);
    }),
    { numRuns: 150 },
  );
});

Deno.test("A neighbour's connection goes on beside one that is fed with garbage", async () => {
  const [near, far] = createMemoryStreams();
  const echo: Handler = ([one]) => one;
  const neighbour = new RpcPeer(new FrameChannel(near), HOST_BOUNDS);
  const plugin = new RpcPeer(new FrameChannel(far), {
    ...PLUGIN_BOUNDS,
    handlers: new Map([["invoke", echo]]),
  });
  const runs = [neighbour.run(), plugin.run()];
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 8, maxLength: 64 }), async (bytes) => {
      const [ours, theirs] = createMemoryStreams();
      const hostile = new RpcPeer(new FrameChannel(ours), HOST_BOUNDS);
      const running = hostile.run();
      await theirs.write(bytes);
      theirs.close();
      await running;
      assertEquals(await neighbour.call("invoke", [bytes]), bytes);
    }),
    { numRuns: 50 },
  );
  neighbour.close();
  await Promise.all(runs);
});

Deno.test("What is offered and chosen at the start is read strictly: a choice, or protocol_mismatch", () => {
  const part = fc.oneof(fc.jsonValue(), number, fc.array(number), fc.array(fc.string()));
  const offer = fc.oneof(part, fc.record({ version: part, versions: part, features: part }));
  fc.assert(
    fc.property(offer, (one) => {
      for (const read of [chooseProtocol, readChoice]) {
        try {
          const { version, features } = read(one);
          assert(version === 1 || version === 2);
          assert(features.every((feature) => PROTOCOL.features.includes(feature)));
        } catch (error) {
          if (!(error instanceof CordonError) || error.code !== "protocol_mismatch") throw error;
        }
      }
    }),
    { numRuns: 1_000 },
  );
});
