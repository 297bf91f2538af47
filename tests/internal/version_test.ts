import { assertStrictEquals } from "@std/assert";
import { CORDON_VERSION } from "../../src/internal/version.ts";
import config from "../../deno.json" with { type: "json" };

Deno.test("CORDON_VERSION is the version in deno.json", () => {
  assertStrictEquals(CORDON_VERSION, config.version);
});
