import { assertEquals } from "@std/assert";
import { handledFileRights } from "../../../src/sandbox/kernel/landlock.ts";

Deno.test("handledFileRights() are those that a version of the interface knows", () => {
  assertEquals(handledFileRights(1), (1n << 13n) - 1n);
  assertEquals(handledFileRights(2), (1n << 14n) - 1n);
  assertEquals(handledFileRights(3), (1n << 15n) - 1n);
  assertEquals(handledFileRights(4), (1n << 15n) - 1n);
  assertEquals(handledFileRights(5), (1n << 16n) - 1n);
  assertEquals(handledFileRights(99), (1n << 16n) - 1n);
});
