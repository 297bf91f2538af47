import { assertEquals } from "@std/assert";
import { Responsiveness } from "../../../src/lifecycle/limits/responsiveness.ts";

Deno.test("Responsiveness counts what a plugin computes until it answers", () => {
  const pings: number[] = [];
  const responsiveness = new Responsiveness((count) => pings.push(count));
  assertEquals(responsiveness.look(false, 10), 0);
  assertEquals(responsiveness.look(true, 250), 0);
  assertEquals(responsiveness.look(true, 250), 250);
  // It waits: no time of the processor, nothing to count.
  assertEquals(responsiveness.look(false, 0), 250);
  assertEquals(responsiveness.look(true, 200), 450);
  responsiveness.answer(7);
  responsiveness.answer("1");
  assertEquals(responsiveness.look(true, 1), 451);
  responsiveness.answer(1);
  assertEquals(responsiveness.look(true, 250), 0);
  assertEquals(pings, [1, 2]);
});
