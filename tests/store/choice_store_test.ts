import { assertEquals } from "@std/assert";
import { ChoiceStore } from "../../src/store/choice_store.ts";
import { openMemoryDatabase } from "../../src/store/database.ts";

Deno.test("ChoiceStore keeps one provider a capability until it is removed", () => {
  using database = openMemoryDatabase();
  const choices = new ChoiceStore(database);
  assertEquals(choices.all(), new Map());
  choices.put("maps", "acme.maps");
  choices.put("geocode", "acme.geo");
  choices.put("geocode", "other.geo");
  assertEquals(choices.all(), new Map([["geocode", "other.geo"], ["maps", "acme.maps"]]));
  choices.remove("geocode");
  choices.remove("none");
  assertEquals(choices.all(), new Map([["maps", "acme.maps"]]));
});
