import { assertEquals } from "@std/assert";
import { Threshold } from "../../../src/lifecycle/limits/threshold.ts";

Deno.test("Threshold tells of four fifths once, and again only after less than seven tenths", () => {
  const threshold = new Threshold(100);
  const crossings = [10, 79, 80, 95, 75, 85, 69, 81, 100, 120].map((used) => threshold.take(used));
  const none = undefined;
  assertEquals(crossings, [none, none, "soft", none, none, none, none, "soft", "hard", "hard"]);
});
