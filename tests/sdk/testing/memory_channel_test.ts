import { assertEquals } from "@std/assert";
import { createChannelPair } from "../../../src/sdk/testing/memory_channel.ts";

Deno.test("createChannelPair() carries messages both ways, in order, as copies, and ends both ends", async () => {
  const [near, far] = createChannelPair();
  const arrived: unknown[] = [];
  const received = [
    far.receive(({ head, tail }) => void arrived.push([head, ...tail])),
    near.receive(({ head }) => void arrived.push(head)),
  ];
  const bytes = Uint8Array.of(1, 2);
  near.post({ head: "a", attachments: [bytes] });
  bytes.fill(0);
  far.post({ head: "b", attachments: [] });
  near.post({ head: "c", attachments: [] });
  assertEquals(arrived, []);
  while (arrived.length < 3) await Promise.resolve();
  far.close();
  assertEquals(await Promise.all(received), [undefined, undefined]);
  assertEquals(arrived, [["a", 1, 2], "b", ["c"]]);
});
