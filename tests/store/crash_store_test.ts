import { assertEquals } from "@std/assert";
import { CrashStore } from "../../src/store/crash_store.ts";
import { openMemoryDatabase } from "../../src/store/database.ts";

Deno.test("CrashStore keeps the last twenty reports of a plugin, the newest first", () => {
  using database = openMemoryDatabase();
  const store = new CrashStore(database);
  store.append("acme.quiet", "once");
  for (let count = 1; count <= 25; count++) store.append("acme.loud", `${count}`);
  const kept = store.list("acme.loud");
  assertEquals([kept.length, kept[0], kept[19]], [20, "25", "6"]);
  assertEquals(store.list("acme.quiet"), ["once"]);
  assertEquals(store.list("acme.other"), []);
  assertEquals(store.list().length, 21);
});

Deno.test("CrashStore keeps a thousand reports of all plugins, and hands out the last hundred", () => {
  using database = openMemoryDatabase();
  const store = new CrashStore(database);
  for (let count = 1; count <= 1_002; count++) store.append(`acme.p${count}`, `${count}`);
  assertEquals([store.list("acme.p2"), store.list("acme.p3")], [[], ["3"]]);
  const all = store.list();
  assertEquals([all.length, all[0], all[99]], [100, "1002", "903"]);
});
