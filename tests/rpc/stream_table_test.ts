import { assert, assertEquals } from "@std/assert";
import { StreamTable } from "../../src/rpc/stream_table.ts";

Deno.test("StreamTable counts streams in arguments and in results apart", () => {
  const table = new StreamTable<string>({ asked: 1, answered: 2 });
  table.add(1, "a", "asked");
  assertEquals([table.hasRoom("asked"), table.hasRoom("answered", 2), table.hasRoom("answered", 3)], [
    false,
    true,
    false,
  ]);
  table.add(2, "b", "answered");
  assertEquals([table.size, table.get(2), table.has(3)], [2, "b", false]);
  assertEquals([table.take(1), table.take(1), table.get(1)], ["a", undefined, undefined]);
  assert(table.hasRoom("asked"));
  assertEquals(table.takeAll(), ["b"]);
  assertEquals([table.size, table.hasRoom("answered", 2)], [0, true]);
});
