import { assertEquals } from "@std/assert";
import {
  findGrant,
  findRefusal,
  type Grant,
  NO_GRANTS,
  withGrant,
  withoutGrant,
  withoutRefusals,
  withRefusal,
} from "../../src/permissions/grants.ts";
import { createPermissionSet, NO_PERMISSIONS } from "../../src/permissions/permission_set.ts";

const TIME = "2026-01-31T12:00:00Z";
const GRANT: Grant = {
  plugin: "acme.weather",
  version: "1.4.2",
  granted: TIME,
  supervised: false,
  permissions: createPermissionSet([{ kind: "net", value: "a.test:1" }]),
};
const OTHER: Grant = { ...GRANT, plugin: "acme.geo" };

Deno.test("withGrant() replaces what was granted to the plugin and leaves the others alone", () => {
  const grants = withGrant(withGrant(withGrant(NO_GRANTS, GRANT), OTHER), {
    ...GRANT,
    version: "2.0.0",
    permissions: NO_PERMISSIONS,
  });
  assertEquals(findGrant(grants, "acme.weather")?.version, "2.0.0");
  assertEquals(findGrant(grants, "acme.geo"), OTHER);
  assertEquals(grants.grants.length, 2);
  assertEquals(findGrant(withoutGrant(grants, "acme.weather"), "acme.weather"), undefined);
  assertEquals(findGrant(NO_GRANTS, "acme.weather"), undefined);
});

Deno.test("withRefusal() is about one version, kept once, and stands beside a grant to another", () => {
  const refusal = { plugin: "acme.weather", version: "1.5.0", refused: TIME };
  const grants = withRefusal(withRefusal(withGrant(NO_GRANTS, GRANT), refusal), refusal);
  assertEquals(grants.refusals, [refusal]);
  assertEquals(findRefusal(grants, "acme.weather", "1.5.0"), refusal);
  assertEquals(findRefusal(grants, "acme.weather", "1.5.1"), undefined);
  assertEquals(findRefusal(grants, "acme.geo", "1.5.0"), undefined);
  assertEquals(findGrant(grants, "acme.weather"), GRANT);
  assertEquals(withoutRefusals(grants, "acme.geo").refusals, [refusal]);
  assertEquals(withoutRefusals(grants, "acme.weather").refusals, []);
});
