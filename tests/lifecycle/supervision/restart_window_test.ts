import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { RestartWindow } from "../../../src/lifecycle/supervision/restart_window.ts";

Deno.test("RestartWindow.isFull() says what a list of all restarts says", () => {
  const anyRate = fc.record({
    count: fc.integer({ min: 1, max: 8 }),
    periodMs: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(fc.property(anyRate, fc.array(fc.integer({ min: 0, max: 40 })), (rate, gaps) => {
    const window = new RestartWindow(rate);
    const all: number[] = [];
    let now = 0;
    for (const gap of gaps) {
      now += gap;
      const within = all.filter((time) => now - time < rate.periodMs).length;
      assertEquals(window.isFull(now), within >= rate.count);
      window.add(now);
      all.push(now);
    }
    window.clear();
    assertEquals(window.isFull(now), false);
  }));
});
