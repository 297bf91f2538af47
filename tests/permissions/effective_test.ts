import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { decideEffective, resolveRequest } from "../../src/permissions/effective.ts";
import type { PermissionScope } from "../../src/permissions/parse.ts";
import {
  covers,
  coversAll,
  createPermissionSet,
  intersect,
  NO_PERMISSIONS,
  type Permission,
  union,
} from "../../src/permissions/permission_set.ts";

const SCOPE: PermissionScope = {
  pluginDir: "/plugins/maps",
  dataDir: "/data/maps",
  tmpDir: "/scratch/maps",
  vars: { maps: "/srv/maps", port: "8080" },
  realPath: (path) => path,
};

const read = (...values: string[]) => createPermissionSet(values.map((value) => ({ kind: "read", value })));

Deno.test("resolveRequest() tells what is required from what is optional, with names resolved", () => {
  const request = resolveRequest([
    { kind: "read", values: ["$PLUGIN/assets", "${maps}/eu"], optional: false },
    { kind: "net", values: ["127.0.0.1:${port=80}", "[::1]:${other=81}"], optional: true },
    { kind: "write", values: ["$DATA"], optional: false },
  ], SCOPE);
  assertEquals(
    request.required,
    union(
      read("/plugins/maps/assets", "/srv/maps/eu"),
      createPermissionSet([{ kind: "write", value: "/data/maps" }]),
    ),
  );
  assertEquals(request.optional.net, ["127.0.0.1:8080", "[::1]:81"]);
  assertEquals([request.missingVariables, request.problems], [[], []]);
});

Deno.test("resolveRequest() names the variables that required entries lack, and leaves optional ones out", () => {
  const request = resolveRequest([
    { kind: "read", values: ["${zones}", "${charts}", "${zones}/a"], optional: false },
    { kind: "read", values: ["${extra}", "/fixed"], optional: true },
  ], SCOPE);
  assertEquals(request.missingVariables, ["charts", "zones"]);
  assertEquals(request.optional, read("/fixed"));
  assertEquals(request.problems, []);
});

Deno.test("resolveRequest() reports every value that is refused, optional ones too", () => {
  const request = resolveRequest([
    { kind: "read", values: ["relative", "/ok", "/up/../there"], optional: false },
    { kind: "net", values: ["*:80"], optional: true },
  ], SCOPE);
  assertEquals(request.problems.map(({ path }) => path), [
    "permissions.read",
    "permissions.read",
    "permissions.net",
  ]);
  assertEquals(request.required, read("/ok"));
});

Deno.test("decideEffective() cuts to grant and ceiling, and says what required values lack", () => {
  const request = { required: read("/srv/maps", "/srv/charts"), optional: read("/srv/extra") };
  assertEquals(decideEffective(request, { grant: undefined, ceiling: undefined }), {
    permissions: read("/srv/maps", "/srv/charts", "/srv/extra"),
    notGranted: [],
    aboveCeiling: [],
  });
  assertEquals(
    decideEffective(request, {
      grant: read("/srv/maps", "/srv/extra"),
      ceiling: read("/srv/maps/eu", "/srv/charts"),
    }),
    {
      permissions: read("/srv/maps/eu"),
      notGranted: [{ kind: "read", value: "/srv/charts" }],
      aboveCeiling: [{ kind: "read", value: "/srv/maps" }],
    },
  );
  assertEquals(
    decideEffective(request, { grant: NO_PERMISSIONS, ceiling: undefined }).permissions,
    NO_PERMISSIONS,
  );
});

Deno.test("decideEffective() never goes beyond request, grant or ceiling, and lacks nothing that all three cover", () => {
  const permission: fc.Arbitrary<Permission> = fc.oneof(
    fc.constantFrom("/", "/a", "/a/b", "/a/c", "/b", "/b/a").map((
      value,
    ) => ({ kind: "read", value } as const)),
    fc.constantFrom("a.test:80", "a.test:81").map((value) => ({ kind: "net", value } as const)),
  );
  const set = fc.array(permission, { maxLength: 5 }).map(createPermissionSet);
  const bound = fc.option(set, { nil: undefined });
  fc.assert(
    fc.property(set, set, bound, bound, permission, (required, optional, grant, ceiling, probe) => {
      const { permissions, notGranted, aboveCeiling } = decideEffective({ required, optional }, {
        grant,
        ceiling,
      });
      const asked = union(required, optional);
      for (const outer of [asked, grant, ceiling]) {
        assert(outer === undefined || coversAll(outer, permissions));
      }
      const isCovered = [asked, grant, ceiling].every((outer) => outer === undefined || covers(outer, probe));
      assertEquals(covers(permissions, probe), isCovered);
      // Nothing is lacking exactly when everything required is in force.
      assertEquals(notGranted.length + aboveCeiling.length === 0, coversAll(permissions, required));
      assertEquals(intersect(permissions, asked), permissions);
    }),
    { numRuns: 1_000 },
  );
});
