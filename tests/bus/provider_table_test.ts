import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Provider } from "../../src/bus/provider.ts";
import { ProviderTable } from "../../src/bus/provider_table.ts";

const provider = (id: string): Provider => ({
  id,
  version: "1.0.0",
  methods: new Set(),
  invoke: () => Promise.resolve(),
});

Deno.test("ProviderTable replaces and removes what one plugin provides, and says which names that concerns", () => {
  const table = new ProviderTable();
  const [a, b] = [provider("a"), provider("b")];
  table.add("geo", a);
  table.add("geo", b);
  table.add("map", a);
  assertEquals(table.replace("a", new Map([["geo", provider("a")], ["sea", a]])), ["geo", "map", "sea"]);
  assertEquals([table.of("map").size, [...table.of("geo").keys()].sort()], [0, ["a", "b"]]);
  assertEquals(table.remove("a"), ["geo", "sea"]);
  assertStrictEquals(table.of("geo").get("b"), b);
  assertEquals([table.remove("a"), table.of("sea").size, table.of("geo").size], [[], 0, 1]);
});
