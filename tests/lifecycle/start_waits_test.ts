import { assertEquals, assertThrows } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import { StartWaits } from "../../src/lifecycle/start_waits.ts";

Deno.test("StartWaits refuses the wait that closes a circle of calls and needs, and shows it", () => {
  const needs: Record<string, string[]> = { a: ["a"], b: ["b", "n"], n: ["n"], c: ["c"] };
  const waits = new StartWaits((id) => needs[id] ?? []);
  using _first = waits.enter("a", "b");
  using _again = waits.enter("a", "b");
  {
    using _second = waits.enter("n", "c");
    const error = assertThrows(() => waits.enter("c", "a"), CordonError);
    assertEquals(error.code, "deadlock");
    assertEquals(
      error.message,
      'Cannot wait for "a" while "c" starts: "a" waits for "b" waits for "n" waits for "c"',
    );
  }
  // That wait is over, and so is the circle.
  waits.enter("c", "a")[Symbol.dispose]();
});
