import { assertEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { Deadlines } from "../../src/rpc/deadlines.ts";
import { holdClock } from "./held_clock.ts";

Deno.test("Deadlines calls back each key once its time has come, and only once", () => {
  using clock = holdClock();
  const due: string[] = [];
  const deadlines = new Deadlines<string>((key) => due.push(key));
  deadlines.set("late", 300);
  deadlines.set("early", 100);
  deadlines.set("middle", 200);
  clock.tick(99);
  assertEquals(due, []);
  clock.tick(1);
  assertEquals(due, ["early"]);
  clock.tick(100);
  assertEquals(due, ["early", "middle"]);
  clock.tick(10_000);
  assertEquals(due, ["early", "middle", "late"]);
});

Deno.test("Deadlines.delete() keeps a key from being called back", () => {
  using clock = holdClock();
  const due: string[] = [];
  const deadlines = new Deadlines<string>((key) => due.push(key));
  deadlines.set("gone", 100);
  deadlines.set("stays", 100);
  deadlines.delete("gone");
  deadlines.delete("never there");
  clock.tick(100);
  assertEquals(due, ["stays"]);
});

Deno.test("Deadlines.set() puts off a key that is set already", () => {
  using clock = holdClock();
  const due: string[] = [];
  const deadlines = new Deadlines<string>((key) => due.push(key));
  deadlines.set("key", 100);
  clock.tick(50);
  deadlines.set("key", 100);
  clock.tick(99);
  assertEquals(due, []);
  clock.tick(1);
  assertEquals(due, ["key"]);
});

Deno.test("Deadlines.set() calls back soon for what is due already", () => {
  using clock = holdClock();
  const due: string[] = [];
  const deadlines = new Deadlines<string>((key) => due.push(key));
  deadlines.set("zero", 0);
  deadlines.set("negative", -50);
  assertEquals(due, []);
  clock.tick(1);
  assertEquals(due, ["zero", "negative"]);
});

Deno.test("Deadlines takes what a callback sets and deletes", () => {
  using clock = holdClock();
  const due: string[] = [];
  const deadlines: Deadlines<string> = new Deadlines((key) => {
    due.push(key);
    if (key !== "first") return;
    deadlines.delete("second");
    deadlines.set("third", 50);
  });
  deadlines.set("first", 100);
  deadlines.set("second", 100);
  clock.tick(100);
  assertEquals(due, ["first"]);
  clock.tick(50);
  assertEquals(due, ["first", "third"]);
});

Deno.test("Deadlines waits for deadlines longer than a timer can be", () => {
  using clock = holdClock();
  using delays = stub(globalThis, "setTimeout", (() => 0) as unknown as typeof setTimeout);
  const deadlines = new Deadlines<string>(() => {
    throw new Error("Nothing is due");
  });
  for (const timeoutMs of [2 ** 31, 2 ** 40, 1e308, Infinity]) {
    deadlines.set("far", timeoutMs);
    deadlines.clear();
  }
  clock.tick(60_000);
  for (const { args } of delays.calls) assertEquals((args[1] as number) <= 2 ** 31 - 1, true);
});

Deno.test("Deadlines.clear() forgets every key and leaves no timer", () => {
  // Without a fake clock: the sanitizer tells of a timer that stays.
  const deadlines = new Deadlines<string>(() => {
    throw new Error("Nothing is due");
  });
  deadlines.set("a", 60_000);
  deadlines.set("b", 30_000);
  deadlines.clear();
  deadlines.clear();
});
