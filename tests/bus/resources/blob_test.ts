import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { SharedBlob } from "../../../src/bus/resources/blob.ts";
import type { LeaseClaim } from "../../../src/bus/resources/lease.ts";
import { MemoryBudget } from "../../../src/bus/resources/memory_budget.ts";
import { CordonError } from "../../../src/errors.ts";
import { hashText } from "../../../src/internal/hash.ts";

const CLAIM: LeaseClaim = { owner: { id: "a", instance: 1 }, leaseMs: 30_000, onExpire: () => {} };

function makeBlob(maxBytes: number, budget = new MemoryBudget(Infinity)): SharedBlob {
  let token = 0;
  return new SharedBlob("map", maxBytes, { budget, issueToken: () => ++token });
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Writes a version at once. */
async function write(blob: SharedBlob, text: string): Promise<void> {
  await blob.begin(CLAIM, bytesOf(text).length).write(bytesOf(text));
}

Deno.test("SharedBlob is replaced as a whole, and has a digest", async () => {
  const blob = makeBlob(100);
  assertEquals([blob.current, blob.open(CLAIM)], [undefined, undefined]);
  const writer = blob.begin(CLAIM, 6);
  assertEquals([await writer.write(bytesOf("one ")), blob.current], [undefined, undefined]);
  const version = await writer.write(bytesOf("on"));
  assertEquals(version, { version: 1, size: 6, digest: await hashText("one on") });
  assertEquals([blob.current, writer.lease.isHeld, blob.leases.size], [version, false, 0]);
  await write(blob, "");
  assertEquals([blob.current?.version, blob.current?.size, blob.bytes], [2, 0, 0]);
});

Deno.test("A reader keeps the version that it opened until it closes", async () => {
  const blob = makeBlob(100);
  await write(blob, "first");
  const old = blob.open(CLAIM)!;
  await write(blob, "second");
  const fresh = blob.open(CLAIM)!;
  assertEquals([old.facts.version, fresh.facts.version], [1, 2]);
  assertEquals(
    [old.read(1, 3), old.read(3, 9), old.read(9, 1)].map((part) => new TextDecoder().decode(part)),
    [
      "irs",
      "st",
      "",
    ],
  );
  assertStrictEquals(blob.bytes, 11);
  old.lease.release();
  assertStrictEquals(blob.bytes, 6);
  fresh.lease.release();
  assertStrictEquals(blob.bytes, 6, "the version there is stays");
});

Deno.test("SharedBlob refuses more than its size, more than the host has, and too many versions at once", async () => {
  const budget = new MemoryBudget(25);
  const blob = makeBlob(10, budget);
  assertStrictEquals(assertThrows(() => blob.begin(CLAIM, 11), CordonError).code, "value_too_large");
  await write(blob, "0123456789");
  blob.open(CLAIM);
  await write(blob, "abcdefghij");
  assertStrictEquals(assertThrows(() => blob.begin(CLAIM, 10), CordonError).code, "resources_full");
  const roomy = makeBlob(10);
  for (const text of ["0123456789", "abcdefghij", "ABCDEFGHIJ"]) {
    await write(roomy, text);
    roomy.open(CLAIM);
  }
  assertStrictEquals(assertThrows(() => roomy.begin(CLAIM, 1), CordonError).code, "blob_busy");
  [...roomy.leases][0]!.release();
  await write(roomy, "x");
  for (const { leases } of [blob, roomy]) for (const lease of [...leases]) lease.release();
  assertStrictEquals(roomy.bytes, 1);
  blob[Symbol.dispose]();
  assertEquals([blob.bytes, budget.take(25)], [0, true]);
});

Deno.test("A version that is not written to its end in time, or gets too many bytes, is dropped", async () => {
  using time = new FakeTime();
  const blob = makeBlob(100);
  const slow = blob.begin({ ...CLAIM, leaseMs: 1_000 }, 4);
  await slow.write(bytesOf("ab"));
  await time.tickAsync(1_000);
  assertEquals([blob.bytes, blob.leases.size], [0, 0]);
  assertStrictEquals(
    (await assertRejects(() => slow.write(bytesOf("cd")), CordonError)).code,
    "lease_expired",
  );
  const long = blob.begin(CLAIM, 1);
  assertStrictEquals(
    (await assertRejects(() => long.write(bytesOf("ab")), CordonError)).code,
    "invalid_input",
  );
  assertEquals([blob.bytes, blob.leases.size, blob.current], [0, 0, undefined]);
});
