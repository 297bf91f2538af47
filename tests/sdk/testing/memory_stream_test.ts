import { assertEquals, assertRejects } from "@std/assert";
import { createStreamPair } from "../../../src/sdk/testing/memory_stream.ts";

const MIB = 1024 * 1024;

Deno.test("createStreamPair() carries bytes both ways, in order, and not what is written over later", async () => {
  const [near, far] = createStreamPair();
  const sent = new Uint8Array(10_000).map((_, index) => index % 251);
  const original = sent.slice();
  assertEquals(await near.write(sent), sent.length);
  sent.fill(0);
  const read = new Uint8Array(10_000);
  for (let at = 0; at < read.length;) at += (await far.read(read.subarray(at)))!;
  assertEquals(read, original);
  await far.write(new Uint8Array([1, 2]));
  const answer = new Uint8Array(8);
  assertEquals([await near.read(answer), ...answer.subarray(0, 2)], [2, 1, 2]);
});

Deno.test("createStreamPair() has a writer wait for a reader that does not read", async () => {
  const [near, far] = createStreamPair();
  const whole = new Uint8Array(4 * MIB);
  let written = 0;
  const writing = (async () => {
    while (written < whole.length) written += await near.write(whole.subarray(written));
  })();
  // Nothing but microtasks is needed, so that one turn of the event loop takes it as far as it goes.
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(written > 0 && written <= MIB, true);
  const into = new Uint8Array(MIB);
  for (let read = 0; read < whole.length;) read += (await far.read(into))!;
  await writing;
  assertEquals(written, whole.length);
});

Deno.test("createStreamPair() ends both ends when one closes", async () => {
  const [near, far] = createStreamPair();
  const reading = near.read(new Uint8Array(1));
  await far.write(new Uint8Array([7]));
  assertEquals(await reading, 1);
  const waiting = [near.read(new Uint8Array(1)), far.read(new Uint8Array(1))];
  const writing = assertRejects(async () => {
    while (true) await far.write(new Uint8Array(MIB));
  });
  near.close();
  near.close();
  assertEquals(await Promise.all(waiting), [null, null]);
  await writing;
});
