import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { LoopGuard } from "../../src/reload/loop_guard.ts";

const FILES = ["cache.json", "main.ts", "x.ts", "y.ts"];

function createGuard(): { guard: LoopGuard; clock: { now: number } } {
  const clock = { now: 0 };
  return { guard: new LoopGuard(() => clock.now), clock };
}

Deno.test("LoopGuard lets five changes in ten seconds pass, and holds the next with one message", () => {
  const { guard, clock } = createGuard();
  for (let round = 0; round < 5; round++) {
    assertEquals(guard.judge("a.b", FILES), { type: "reload" });
    clock.now += 100;
  }
  const held = guard.judge("a.b", FILES);
  assert(held.type === "hold");
  assertEquals(held.untilMs, 5_500);
  assertStringIncludes(
    held.message!,
    'Cannot reload "a.b" so often: "cache.json", "main.ts", "x.ts" and 1 more',
  );
  assertStringIncludes(held.message!, "$DATA");
  assertEquals(guard.judge("c.d", FILES), { type: "reload" }, "the others are not concerned");
});

Deno.test("LoopGuard lets somebody pass who saves every few seconds", () => {
  const { guard, clock } = createGuard();
  for (let round = 0; round < 100; round++) {
    assertEquals(guard.judge("a.b", FILES).type, "reload");
    clock.now += 2_500;
  }
});

Deno.test("LoopGuard holds for as long as changes come, however long that is", () => {
  const { guard, clock } = createGuard();
  let reloads = 0;
  for (; clock.now < 60_000; clock.now += 50) if (guard.judge("a.b", FILES).type === "reload") reloads++;
  assertEquals(reloads, 5);
});

Deno.test("LoopGuard holds twice as long each time a loop begins again, silently, and forgives when it ends", () => {
  const { guard, clock } = createGuard();
  let told = 0;
  const waits: number[] = [];
  // A plugin that writes once each time it is loaded.
  for (let round = 0; round < 40; round++) {
    const verdict = guard.judge("a.b", FILES);
    clock.now += 10;
    if (verdict.type === "reload") continue;
    if (verdict.message !== undefined) told++;
    waits.push(verdict.untilMs - clock.now + 10);
    clock.now = verdict.untilMs;
  }
  assertEquals(told, 1);
  assertEquals(waits.slice(0, 8), [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  clock.now += 400_000;
  for (let round = 0; round < 5; round++) assertEquals(guard.judge("a.b", FILES).type, "reload");
  assertStringIncludes((guard.judge("a.b", []) as { message: string }).message, "its folder changed");
});

Deno.test("LoopGuard.forget() begins anew", () => {
  const { guard } = createGuard();
  for (let round = 0; round < 6; round++) guard.judge("a.b", FILES);
  assertEquals(guard.judge("a.b", FILES).type, "hold");
  guard.forget("a.b");
  assertEquals(guard.judge("a.b", FILES).type, "reload");
});
