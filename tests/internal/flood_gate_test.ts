import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type FloodedSecond, FloodGate } from "../../src/internal/flood_gate.ts";

const RATE = { count: 100, periodMs: 1_000 };

function count(gate: FloodGate, times: number): void {
  for (let n = 0; n < times; n++) gate.count();
}

Deno.test("FloodGate holds reading back until the second of a flood is over", async () => {
  using time = new FakeTime();
  const seconds: FloodedSecond[] = [];
  using gate = new FloodGate(RATE, { onFlood: (second) => seconds.push(second), now: () => time.now });
  count(gate, 1_000);
  assertEquals(gate.held, undefined);
  count(gate, 500);
  assertEquals(seconds, [{ inARow: 1, records: 1_001 }]);
  let isOver = false;
  void gate.held!.then(() => (isOver = true));
  await time.tickAsync(999);
  assertEquals(isOver, false);
  await time.tickAsync(1);
  assertEquals([isOver, gate.held], [true, undefined]);
});

Deno.test("FloodGate counts seconds with a flood in a row; a calm one ends the row", async () => {
  using time = new FakeTime();
  const rows: number[] = [];
  using gate = new FloodGate(RATE, { onFlood: ({ inARow }) => rows.push(inARow), now: () => time.now });
  for (const times of [1_001, 1_001, 5, 1_001]) {
    count(gate, times);
    await time.tickAsync(1_000);
  }
  await time.tickAsync(3_000);
  count(gate, 1_001);
  assertEquals(rows, [1, 2, 1, 1]);
});

Deno.test("FloodGate takes many lines at once for no flood, however low the rate", () => {
  using gate = new FloodGate({ count: 1, periodMs: 3_600_000 });
  count(gate, 500);
  assertEquals(gate.held, undefined);
});

Deno.test("FloodGate lets everything through once it is disposed of", async () => {
  const gate = new FloodGate(RATE);
  count(gate, 1_001);
  const { held } = gate;
  gate[Symbol.dispose]();
  await held;
  count(gate, 2_000);
  assertEquals(gate.held, undefined);
});
