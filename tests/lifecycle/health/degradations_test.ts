import { assertEquals } from "@std/assert";
import { Degradations } from "../../../src/lifecycle/health/degradations.ts";

Deno.test("Degradations.reason joins what each source sees, until it sees it no longer", () => {
  const degradations = new Degradations();
  assertEquals(degradations.reason, undefined);
  assertEquals(degradations.set("health", "its checks fail"), true);
  assertEquals(degradations.set("dependency:acme.geo", '"acme.geo" is being started again'), true);
  assertEquals(degradations.set("health", "its checks fail"), false);
  assertEquals(degradations.reason, 'its checks fail; "acme.geo" is being started again');
  assertEquals(degradations.clear("health"), true);
  assertEquals(degradations.clear("health"), false);
  assertEquals(degradations.reason, '"acme.geo" is being started again');
  degradations.clear("dependency:acme.geo");
  assertEquals(degradations.reason, undefined);
});

Deno.test("Degradations.set() lets a new reason of a source replace the one before", () => {
  const degradations = new Degradations();
  degradations.set("health", "its checks fail");
  assertEquals(degradations.set("health", "it says it is degraded"), true);
  assertEquals(degradations.reason, "it says it is degraded");
});
