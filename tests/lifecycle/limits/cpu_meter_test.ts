import { assert, assertEquals } from "@std/assert";
import { CpuMeter } from "../../../src/lifecycle/limits/cpu_meter.ts";

/** Uses a share of the processor for some seconds, in looks of 250 ms. */
function use(meter: CpuMeter, share: number, seconds: number): void {
  for (let look = 0; look < seconds * 4; look++) meter.take(share * 250, 250);
}

Deno.test("CpuMeter tells once that a plugin is at its share, after a whole window", () => {
  const meter = new CpuMeter(0.5);
  use(meter, 0.5, 9);
  assertEquals([meter.sustained, meter.takeNews()], [undefined, false]);
  use(meter, 0.5, 2);
  assertEquals([meter.sustained, meter.takeNews(), meter.takeNews()], [0.5, true, false]);
  use(meter, 0.1, 10);
  assertEquals(meter.takeNews(), false);
  use(meter, 0.5, 10);
  assertEquals(meter.takeNews(), true);
});

Deno.test("CpuMeter lets a plugin use at once what it saved, then holds it to its share", () => {
  const meter = new CpuMeter(0.25);
  use(meter, 1, 3);
  assertEquals(meter.mustPause, false);
  use(meter, 1, 1);
  assertEquals(meter.mustPause, true);
  // From here on it runs and pauses in turns.
  let usedMs = 0;
  for (let look = 0; look < 400; look++) {
    const cpuMs = meter.mustPause ? 0 : 250;
    meter.take(cpuMs, 250);
    usedMs += cpuMs;
  }
  assert(Math.abs(usedMs / 100_000 - 0.25) < 0.02, `${usedMs}`);
});

Deno.test("CpuMeter never has a plugin without a share pause or told", () => {
  const meter = new CpuMeter(undefined);
  use(meter, 2, 20);
  assertEquals([meter.mustPause, meter.isBusy, meter.isAtShare], [false, true, false]);
  use(meter, 0, 2);
  assertEquals(meter.isBusy, false);
});

Deno.test("CpuMeter tells the share of the last second, whatever was before it", () => {
  const meter = new CpuMeter(undefined);
  use(meter, 0.5, 0.75);
  assertEquals(meter.recent, undefined);
  use(meter, 0.5, 5);
  assertEquals(meter.recent, 0.5);
  use(meter, 0, 1);
  assertEquals(meter.recent, 0);
});
