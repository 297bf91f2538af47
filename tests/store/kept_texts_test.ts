import { assertEquals } from "@std/assert";
import { openMemoryDatabase } from "../../src/store/database.ts";
import { KeptTexts } from "../../src/store/kept_texts.ts";

Deno.test("KeptTexts keeps the last text of each file until it is removed", () => {
  using database = openMemoryDatabase();
  const texts = new KeptTexts(database);
  assertEquals(texts.get("a.toml"), undefined);
  texts.put("a.toml", "one");
  texts.put("b.toml", "other");
  texts.put("a.toml", "two");
  assertEquals([texts.get("a.toml"), texts.get("b.toml")], ["two", "other"]);
  texts.remove("a.toml");
  assertEquals([texts.get("a.toml"), texts.get("b.toml")], [undefined, "other"]);
});
