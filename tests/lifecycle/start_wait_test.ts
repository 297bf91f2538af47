import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { CordonError } from "../../src/errors.ts";
import { waitForStart } from "../../src/lifecycle/start_wait.ts";
import { CancellationSource } from "../../src/rpc/cancellation.ts";

Deno.test("waitForStart() gives what started, or why it did not", async () => {
  assertEquals(await waitForStart(Promise.resolve(1), { method: "ask", timeoutMs: 1 }), 1);
  const failure = new Error("no");
  assertStrictEquals(
    await assertRejects(() => waitForStart(Promise.reject(failure), { method: "ask" })),
    failure,
  );
});

Deno.test("waitForStart() ends with its caller: in time, by signal, by cancellation, beforehand", async () => {
  using time = new FakeTime();
  const never = Promise.withResolvers<never>().promise;
  const late = assertRejects(() => waitForStart(never, { method: "ask", timeoutMs: 40 }), CordonError);
  await time.tickAsync(40);
  assertEquals((await late).code, "deadline_exceeded");

  const [reason, why] = [new Error("enough"), new CancellationSource()];
  const cancelled = assertRejects(() => waitForStart(never, { method: "ask", cancellation: why }));
  why.cancel(reason);
  assertStrictEquals(await cancelled, reason);
  const signal = AbortSignal.abort(reason);
  assertStrictEquals(await assertRejects(() => waitForStart(never, { method: "ask", signal })), reason);
  const aborting = new AbortController();
  const aborted = assertRejects(() => waitForStart(never, { method: "ask", signal: aborting.signal }));
  aborting.abort(reason);
  assertStrictEquals(await aborted, reason);
});
