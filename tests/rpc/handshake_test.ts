import { assertEquals, assertThrows } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import { chooseProtocol, PROTOCOL, type ProtocolOffer, readChoice } from "../../src/rpc/handshake.ts";

const offer = (oldest: number, newest: number, features: string[] = []): ProtocolOffer => ({
  versions: [oldest, newest],
  features,
});

Deno.test("chooseProtocol() takes the newest common version and the common features", () => {
  const ours = offer(2, 4, ["a", "b", "c"]);
  assertEquals(chooseProtocol(offer(1, 3, ["b", "x", "c"]), ours), { version: 3, features: ["b", "c"] });
  assertEquals(chooseProtocol(offer(4, 9), ours), { version: 4, features: [] });
  assertEquals(chooseProtocol(PROTOCOL), { version: 2, features: [...PROTOCOL.features] });
});

Deno.test("An end that knows nothing of the handshake speaks version 1, as long as that is spoken", () => {
  assertEquals(chooseProtocol(undefined), { version: 1, features: [] });
  assertEquals(readChoice(undefined), { version: 1, features: [] });
  for (const read of [chooseProtocol, readChoice]) {
    const error = assertThrows(() => read(undefined, offer(2, 4)), CordonError, "this side speaks 2 to 4");
    assertEquals(error.code, "protocol_mismatch");
  }
});

Deno.test("Ends without a common version refuse each other in words", () => {
  const message = "Cannot talk: this side speaks 2 to 4, the other 5 to 6";
  assertThrows(() => chooseProtocol(offer(5, 6), offer(2, 4)), CordonError, message);
  assertThrows(() => chooseProtocol(offer(1, 1), offer(2, 2)), CordonError, "speaks 2, the other 1");
  assertThrows(() => readChoice({ version: 3, features: [] }, offer(1, 2)), CordonError, "the other 3");
});

Deno.test("Neither end believes what is no offer, or a choice that was not offered", () => {
  const features = ["streams"];
  for (
    const garbage of [
      null,
      5,
      "2",
      [],
      {},
      { versions: 2 },
      { versions: [1], features },
      { versions: [1, "2"], features },
      {
        versions: [1, 2],
        features: "streams",
      },
      { versions: [1, 2], features: Array(65).fill("x") },
      { version: "2", features },
      { version: 2 },
    ]
  ) {
    assertThrows(() => chooseProtocol(garbage), CordonError, "Cannot talk");
    assertThrows(() => readChoice(garbage), CordonError, "Cannot talk");
  }
  assertEquals(readChoice({ version: 2, features: ["streams", "teleport"] }), { version: 2, features });
});
