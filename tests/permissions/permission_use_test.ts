import { assertEquals } from "@std/assert";
import { UseLog } from "../../src/permissions/permission_use.ts";

Deno.test("UseLog counts by kind and value, and keeps why something was denied", () => {
  const log = new UseLog();
  log.add({ kind: "read", value: "/a", allowed: true });
  log.add({ kind: "read", value: "/a", allowed: false, because: "no" });
  log.add({ kind: "write", value: "/a", allowed: true });
  log.add({ kind: "env", value: undefined, allowed: false, because: "all" });
  assertEquals(log.checks, 4);
  assertEquals(log.list(), [
    { kind: "read", value: "/a", allowed: 1, denied: 1, because: "no" },
    { kind: "write", value: "/a", allowed: 1, denied: 0, because: undefined },
    { kind: "env", value: undefined, allowed: 0, denied: 1, because: "all" },
  ]);
});

Deno.test("UseLog is bounded, and says when it is full", () => {
  const log = new UseLog();
  for (let at = 0; at < 9_999; at++) log.add({ kind: "read", value: `/${at}`, allowed: true });
  assertEquals(log.isFull, false);
  for (let at = 0; at < 20; at++) log.add({ kind: "write", value: `/${at}`, allowed: true });
  log.add({ kind: "read", value: "/0", allowed: true });
  assertEquals([log.isFull, log.list().length, log.checks], [true, 10_000, 10_020]);
  assertEquals(log.list()[0]?.allowed, 2);
});
