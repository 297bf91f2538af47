import { assertEquals } from "@std/assert";
import { Responsiveness } from "../../../src/lifecycle/limits/responsiveness.ts";

Deno.test("Responsiveness counts what a plugin computes until it answers", () => {
  const pings: number[] = [];
  const responsiveness = new Responsiveness({ ping: (count) => pings.push(count) });
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

Deno.test("Responsiveness.takeLagMs() tells the longest wait since it was asked last, also before there is an answer", () => {
  let now = 0;
  const responsiveness = new Responsiveness({ ping: () => {}, now: () => now });
  const look = (at: number) => {
    now = at;
    responsiveness.look(true, 0);
  };
  assertEquals(responsiveness.takeLagMs(), 0);
  look(0);
  now = 40;
  responsiveness.answer(1);
  assertEquals([responsiveness.takeLagMs(), responsiveness.takeLagMs()], [40, 0]);
  for (const at of [250, 500, 750]) look(at);
  assertEquals(responsiveness.takeLagMs(), 500);
  now = 850;
  responsiveness.answer(2);
  // An answer that was not asked for any more says nothing.
  now = 9_000;
  responsiveness.answer(2);
  assertEquals(responsiveness.takeLagMs(), 600);
});

Deno.test("Responsiveness.takeLagMs() does not blame the plugin for a host that stood still", () => {
  let now = 0;
  const responsiveness = new Responsiveness({ ping: () => {}, now: () => now });
  responsiveness.look(true, 0);
  now = 60_000;
  responsiveness.answer(1);
  assertEquals(responsiveness.takeLagMs(), 500);
});
