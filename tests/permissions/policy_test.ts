import { assertEquals } from "@std/assert";
import { createPermissionSet } from "../../src/permissions/permission_set.ts";
import { ceilingFor } from "../../src/permissions/policy.ts";

const REQUESTED = createPermissionSet([
  { kind: "run", value: "/usr/bin/git" },
  { kind: "ffi", value: "/usr/lib/z.so" },
  { kind: "net", value: "a.test:1" },
]);

Deno.test("ceilingFor() sets no bound where the policy names none", () => {
  assertEquals(ceilingFor({}, REQUESTED), undefined);
  assertEquals(ceilingFor({ allowRun: true, allowFfi: true }, REQUESTED), undefined);
  const ceiling = createPermissionSet([{ kind: "run", value: "/usr/bin/git" }]);
  assertEquals(ceilingFor({ ceiling }, REQUESTED), ceiling);
});

Deno.test("ceilingFor() takes out programs and native code that the policy does not allow, even from its ceiling", () => {
  assertEquals(ceilingFor({ allowRun: false }, REQUESTED), { ...REQUESTED, run: [] });
  assertEquals(ceilingFor({ allowFfi: false }, REQUESTED), { ...REQUESTED, ffi: [] });
  assertEquals(ceilingFor({ allowRun: false, ceiling: REQUESTED }, REQUESTED), { ...REQUESTED, run: [] });
});
