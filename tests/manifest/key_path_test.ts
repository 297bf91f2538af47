import { assert, assertStrictEquals } from "@std/assert";
import { formatKeyPath } from "../../src/manifest/key_path.ts";

Deno.test("formatKeyPath() joins keys, indexes and names that need quotes", () => {
  assertStrictEquals(formatKeyPath([]), "");
  assertStrictEquals(formatKeyPath(["permissions", "net", 0, "hosts", 12]), "permissions.net[0].hosts[12]");
  assertStrictEquals(formatKeyPath(["requires", "acme.geo"]), 'requires."acme.geo"');
  assertStrictEquals(formatKeyPath(["a-b_C1", "1a", ""]), 'a-b_C1."1a".""');
  assertStrictEquals(formatKeyPath(['"', "\n\u001b"]), '"\\""."\\n\\u001b"');
});

Deno.test("formatKeyPath() tells the longest valid keys apart, and cuts what is longer", () => {
  const id = `${"a".repeat(63)}.${"b".repeat(62)}`;
  assert(formatKeyPath([`${id}c`]) !== formatKeyPath([`${id}d`]));
  assert(formatKeyPath(["x".repeat(100_000)]).length < 300);
  assert(formatKeyPath(["é".repeat(100_000)]).length < 300);
});
