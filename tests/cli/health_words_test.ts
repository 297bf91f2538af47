import { assertEquals } from "@std/assert";
import { describeHealth } from "../../src/cli/health_words.ts";

Deno.test("describeHealth() tells how a plugin is, why, its last answer and its last changes", () => {
  const change = { time: "2030-01-01T00:00:00.000Z", source: "report" } as const;
  assertEquals(
    describeHealth({
      status: "degraded",
      reasons: ["it reports degraded: cold"],
      since: change.time,
      lastCheck: {
        status: "degraded",
        reason: "it reports degraded: cold",
        facts: { hits: 0 },
        time: change.time,
        tookMs: 1.4,
      },
      history: [
        ...Array.from({ length: 9 }, () => ({ ...change, status: "ok" as const })),
        { ...change, status: "degraded", reason: "it reports degraded: cold" },
      ],
    }),
    [
      `degraded since ${change.time}`,
      "because it reports degraded: cold",
      `it answered degraded at ${change.time}, after 1 ms`,
      "hits: 0",
      ...Array.from({ length: 7 }, () => `${change.time} ok by report`),
      `${change.time} degraded by report: it reports degraded: cold`,
    ],
  );
});

Deno.test("describeHealth() has nothing to tell of a plugin that never ran", () => {
  const never = { status: undefined, reasons: [], since: undefined, lastCheck: undefined, history: [] };
  assertEquals(describeHealth(never), []);
});
