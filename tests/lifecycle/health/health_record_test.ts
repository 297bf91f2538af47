import { assertEquals } from "@std/assert";
import { HealthRecord } from "../../../src/lifecycle/health/health_record.ts";

Deno.test("HealthRecord keeps the last 32 changes, and tells few of many", () => {
  const record = new HealthRecord(() => 0);
  const told = Array.from(
    { length: 1_000 },
    (_, n) => record.keep({ source: "report", status: "degraded", reason: `${n}` }),
  );
  assertEquals(told.filter(Boolean).length, 10);
  assertEquals(
    record.history.map(({ reason }) => reason),
    Array.from({ length: 32 }, (_, n) => `${968 + n}`),
  );
});
