import { assertEquals } from "@std/assert";
import { formatEvent } from "../../src/cli/journal_rows.ts";

Deno.test("formatEvent() says what an event is about, and nothing twice", () => {
  const show = (type: string, facts: Record<string, unknown>) =>
    formatEvent({ seq: 1, time: "2026-01-02T03:04:05.678Z", id: "a.b", type, facts }).slice(21);
  assertEquals(show("plugin.state", { from: "ready", to: "blocked", message: "why" }), "a.b  blocked: why");
  assertEquals(show("call.refused", { message: "Cannot call" }), "a.b  call.refused: Cannot call");
  assertEquals(
    show("capability.preferred", { capability: "geo", message: "it provides it" }),
    "a.b  capability.preferred: it provides it",
  );
  assertEquals(
    show("event.dropped", { pattern: "x.*", queue: 4, dropped: 1, nested: {} }),
    "a.b  event.dropped: pattern x.*, queue 4, dropped 1",
  );
  assertEquals(
    show("event.set_aside", { topic: "x.y", position: 7, message: "it failed" }),
    "a.b  event.set_aside: topic x.y, position 7; it failed",
  );
});
