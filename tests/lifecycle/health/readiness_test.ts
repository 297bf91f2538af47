import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { CordonError } from "@cordon/cordon";
import type { HealthCheckOptions } from "../../../src/lifecycle/health/health_check.ts";
import type { HealthCheck } from "../../../src/lifecycle/health/health_record.ts";
import { awaitReady } from "../../../src/lifecycle/health/readiness.ts";

/** A plugin that can be asked. */
function asked(checkHealth: (options: HealthCheckOptions) => Promise<HealthCheck>) {
  return { hasHealth: true, checkHealth };
}

function answer(status: HealthCheck["status"], reason?: string): HealthCheck {
  return { status, reason, time: "", tookMs: 0 };
}

Deno.test("awaitReady() asks until it is not failing", async () => {
  using time = new FakeTime();
  const answers = [answer("failing"), answer("failing"), answer("degraded", "cold")];
  const { signal } = new AbortController();
  const ready = awaitReady(asked(() => Promise.resolve(answers.shift()!)), { timeoutMs: 3_000, signal });
  await time.tickAsync(99);
  assertEquals(answers.length, 2);
  await time.tickAsync(1);
  await time.tickAsync(100);
  await ready;
  assertEquals(answers, []);
});

Deno.test("awaitReady() ends with the signal, and says what was answered last", async () => {
  const late = new AbortController();
  const failing = answer("failing", "it reports failing: no disk");
  const waiting = awaitReady(
    asked(() => {
      late.abort();
      return Promise.resolve(failing);
    }),
    { timeoutMs: 3_000, signal: late.signal },
  );
  const error = await assertRejects(() => waiting, CordonError, "it reports failing: no disk");
  assertEquals(error.code, "not_ready");

  const silent = new AbortController();
  const never = awaitReady(
    asked(({ signal }) =>
      new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)))
    ),
    { timeoutMs: 3_000, signal: silent.signal },
  );
  silent.abort();
  await assertRejects(() => never, CordonError, "its health() did not answer");
});

Deno.test("awaitReady() passes on that the plugin is gone", async () => {
  const gone = new CordonError("channel_closed", "gone");
  const { signal } = new AbortController();
  assertEquals(
    await assertRejects(() => awaitReady(asked(() => Promise.reject(gone)), { timeoutMs: 1, signal })),
    gone,
  );
});

Deno.test("awaitReady() does not ask a plugin that does not say how it is", async () => {
  const { signal } = new AbortController();
  const instance = { hasHealth: false, checkHealth: () => Promise.reject(new Error("asked")) };
  await awaitReady(instance, { timeoutMs: 1, signal });
});
