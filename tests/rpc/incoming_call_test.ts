import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { IncomingCall } from "../../src/rpc/incoming_call.ts";

Deno.test("IncomingCall.signal aborts with the reason, asked for before or after", () => {
  for (const isAskedBefore of [true, false]) {
    const call = new IncomingCall({ id: 1 });
    if (isAskedBefore) assert(!call.signal.aborted);
    const reason = new Error("gone");
    call.cancel(reason);
    assert(call.signal.aborted);
    assertStrictEquals(call.signal.reason, reason);
    assertStrictEquals(call.signal, call.signal);
  }
});

Deno.test("IncomingCall.cancel() keeps the first reason", () => {
  const call = new IncomingCall({ id: 1, timeoutMs: 5 });
  call.cancel("first");
  call.cancel("second");
  assertStrictEquals(call.signal.reason, "first");
  assertStrictEquals(call.timeoutMs, 5);
});

Deno.test("IncomingCall.whenCancelled() calls back once, at once when it is late, never when it was ended", () => {
  const call = new IncomingCall({ id: 1 });
  const told: unknown[] = [];
  call.whenCancelled((reason) => told.push(reason));
  call.whenCancelled(() => told.push("ended"))();
  call.cancel("gone");
  call.cancel("again");
  call.whenCancelled((reason) => told.push(`late: ${reason}`));
  assertEquals(told, ["gone", "late: gone"]);
});
