import { assertEquals } from "@std/assert";
import { describeBackoff, describeGivenUp } from "../../../src/lifecycle/supervision/restart_words.ts";

const ENDED = { message: '"a.b" ended by itself with code 3', hint: "See what it printed: cordon logs a.b" };

Deno.test("describeBackoff() says why, after how long and for which time in a row", () => {
  const message = (attempt: number, delayMs: number) =>
    describeBackoff("a.b", ENDED, { type: "restart", attempt, delayMs }).message;
  assertEquals(message(1, 250), '"a.b" ended by itself with code 3; it is started again after 250 ms');
  assertEquals(
    [[2, 1_500], [3, 60_000], [11, 3_600_000], [21, 1_000]].map(([attempt, delayMs]) =>
      message(attempt!, delayMs!)!.split("again ")[1]
    ),
    [
      "after 1.5 s (for the 2nd time in a row)",
      "after 60 s (for the 3rd time in a row)",
      "after 60 min (for the 11th time in a row)",
      "after 1 s (for the 21st time in a row)",
    ],
  );
});

Deno.test("describeGivenUp() says how often it was restarted, and what to do", () => {
  assertEquals(describeGivenUp("a.b", ENDED, { count: 1, periodMs: 600_000 }), {
    message:
      '"a.b" ended by itself with code 3; it is not started again: it was restarted once within 10 min, ' +
      "which is as often as it may (health.max_restarts)",
    hint: "See what it printed with cordon logs a.b, then reset and start it: cordon start a.b",
  });
});
