import { assert, assertEquals } from "@std/assert";
import { LastLines } from "../../../src/lifecycle/crashes/last_lines.ts";

Deno.test("LastLines keeps the last fifty lines, of which stream each, and when", () => {
  const lines = new LastLines();
  for (let count = 1; count <= 60; count++) lines.add(count % 2 === 0 ? "stderr" : "log", `line ${count}`);
  const kept = lines.list();
  assertEquals([kept.length, kept[0]!.text, kept[0]!.source], [50, "line 11", "log"]);
  assertEquals([kept[49]!.text, kept[49]!.source], ["line 60", "stderr"]);
  assert(!Number.isNaN(Date.parse(kept[0]!.time)));
});

Deno.test("LastLines keeps no more than 16 KiB, and of one line that is longer its beginning", () => {
  const lines = new LastLines();
  for (let count = 0; count < 10; count++) lines.add("stdout", `${count}`.padEnd(5_000));
  assertEquals(lines.list().map(({ text }) => text.trim()), ["7", "8", "9"]);
  lines.add("stdout", "x".repeat(100_000));
  assertEquals(lines.list().map(({ text }) => text.length), [5_000, 8_192]);
});
