import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  covers,
  coversAll,
  createPermissionSet,
  diff,
  intersect,
  isEmpty,
  isInside,
  listPermissions,
  NO_PERMISSIONS,
  type Permission,
  PERMISSION_KINDS,
  type PermissionKind,
  type PermissionSet,
  union,
} from "../../src/permissions/permission_set.ts";

const path = fc.array(fc.constantFrom("a", "b", "ab", "a b", "b\\c"), { maxLength: 3 })
  .map((segments) => `/${segments.join("/")}`);
const VALUES: Readonly<Record<PermissionKind, fc.Arbitrary<string>>> = {
  net: fc.constantFrom("a.test:80", "a.test:443", "b.test:80", "127.0.0.1:80", "[::1]:80"),
  read: path,
  write: path,
  ffi: path,
  run: fc.constantFrom("/bin", "/bin/sh", "/bin/git"),
  env: fc.constantFrom("A", "B", "AB"),
  sys: fc.constantFrom("hostname", "cpus"),
};

/** Few values, so that sets have something in common. */
const permission: fc.Arbitrary<Permission> = fc.constantFrom(...PERMISSION_KINDS)
  .chain((kind) => VALUES[kind].map((value) => ({ kind, value })));
const permissions = fc.array(permission, { maxLength: 8 });
const set = permissions.map(createPermissionSet);

function list(set: PermissionSet): Permission[] {
  return [...listPermissions(set)];
}

Deno.test("createPermissionSet() makes one set of the same permissions, in whatever order and however often", () => {
  fc.assert(
    fc.property(permissions, (permissions) => {
      const made = createPermissionSet(permissions);
      assertEquals(createPermissionSet(permissions.toReversed().concat(permissions)), made);
      assertEquals(createPermissionSet(listPermissions(made)), made);
      assert(permissions.every((permission) => covers(made, permission)));
    }),
  );
});

Deno.test("createPermissionSet() keeps each list sorted and free of what another value covers", () => {
  fc.assert(
    fc.property(set, (set) => {
      for (const kind of PERMISSION_KINDS) assertEquals(set[kind], set[kind].toSorted());
      for (const { kind, value } of list(set)) {
        const others = createPermissionSet(
          list(set).filter((other) => other.kind !== kind || other.value !== value),
        );
        assert(!covers(others, { kind, value }), `${kind} ${value}`);
      }
    }),
  );
  const paths = ["/data/maps", "/data", "/data/maps/eu", "/database"].map((
    value,
  ) => ({ kind: "read", value } as const));
  assertEquals(createPermissionSet(paths).read, ["/data", "/database"]);
});

Deno.test("union() allows what either set allows", () => {
  fc.assert(
    fc.property(set, set, permission, (left, right, probe) => {
      assertEquals(covers(union(left, right), probe), covers(left, probe) || covers(right, probe));
    }),
  );
});

Deno.test("intersect() allows what both sets allow", () => {
  fc.assert(
    fc.property(set, set, permission, (left, right, probe) => {
      assertEquals(covers(intersect(left, right), probe), covers(left, probe) && covers(right, probe));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("union() and intersect() are idempotent, commutative and associative, and absorb each other", () => {
  fc.assert(
    fc.property(set, set, set, (a, b, c) => {
      for (const combine of [union, intersect]) {
        assertEquals(combine(a, a), a);
        assertEquals(combine(a, b), combine(b, a));
        assertEquals(combine(combine(a, b), c), combine(a, combine(b, c)));
      }
      assertEquals(union(a, intersect(a, b)), a);
      assertEquals(intersect(a, union(a, b)), a);
      assertEquals(union(a, NO_PERMISSIONS), a);
      assertEquals(intersect(a, NO_PERMISSIONS), NO_PERMISSIONS);
    }),
  );
});

Deno.test("intersect() lies within both sets, and both lie within union()", () => {
  fc.assert(
    fc.property(set, set, (left, right) => {
      const [both, either] = [intersect(left, right), union(left, right)];
      assert(coversAll(left, both) && coversAll(right, both));
      assert(coversAll(either, left) && coversAll(either, right));
    }),
  );
});

Deno.test("covers() is reflexive and transitive", () => {
  const one = permission.map((permission) => createPermissionSet([permission]));
  fc.assert(
    fc.property(one, one, one, (a, b, c) => {
      assert(coversAll(a, a));
      if (coversAll(a, b) && coversAll(b, c)) assert(coversAll(a, c));
      if (coversAll(a, b) && coversAll(b, a)) assertEquals(a, b);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("covers() takes paths by segments, and everything else as a whole", () => {
  const held = createPermissionSet([
    { kind: "read", value: "/data/maps" },
    { kind: "net", value: "a.test:80" },
    { kind: "env", value: "LANG" },
    { kind: "run", value: "/usr/bin" },
    { kind: "sys", value: "uid" },
  ]);
  const covered: Permission[] = [
    { kind: "read", value: "/data/maps" },
    { kind: "read", value: "/data/maps/eu/north" },
    { kind: "net", value: "a.test:80" },
  ];
  const refused: Permission[] = [
    { kind: "read", value: "/data" },
    { kind: "read", value: "/data/mapsx" },
    { kind: "read", value: "/data/maps\\eu" },
    { kind: "read", value: "/" },
    { kind: "write", value: "/data/maps" },
    { kind: "net", value: "a.test:8080" },
    { kind: "net", value: "x.a.test:80" },
    { kind: "env", value: "LANGUAGE" },
    { kind: "run", value: "/usr/bin/git" },
    { kind: "ffi", value: "/data/maps" },
  ];
  for (const permission of covered) assert(covers(held, permission), permission.value);
  for (const permission of refused) assert(!covers(held, permission), permission.value);
});

Deno.test("isInside() tells what lies beneath a path, on systems with drives too", () => {
  const inside: [string, string][] = [["/a/b", "/a"], ["/a", "/"], ["C:\\a\\b", "C:\\a"], ["C:\\a", "C:\\"], [
    "/a\\b/c",
    "/a\\b",
  ]];
  const outside: [string, string][] = [
    ["/a", "/a"],
    ["/ab", "/a"],
    ["/", "/a"],
    ["C:\\ab", "C:\\a"],
    ["D:\\a", "C:\\"],
    // Beside it, under a name with two backslashes.
    ["/a\\b\\c", "/a\\b"],
  ];
  for (const [inner, outer] of inside) assert(isInside(inner, outer), `${inner} in ${outer}`);
  for (const [inner, outer] of outside) assert(!isInside(inner, outer), `${inner} in ${outer}`);
});

Deno.test("diff() parts the next set into what is new and what is not", () => {
  fc.assert(
    fc.property(set, set, (previous, next) => {
      const { widened, narrowed, unchanged } = diff(previous, next);
      assertEquals(createPermissionSet([...widened, ...unchanged]), next);
      assertEquals(widened.length + unchanged.length, list(next).length);
      assert(widened.every((permission) => !covers(previous, permission)));
      assert(unchanged.every((permission) => covers(previous, permission)));
      assertEquals(narrowed, diff(next, previous).widened);
      assertEquals(widened.length === 0, coversAll(previous, next));
    }),
  );
});

Deno.test("diff() finds nothing new in a set itself, nor in a part of it", () => {
  fc.assert(
    fc.property(set, set, (left, right) => {
      assertEquals(diff(left, left), { widened: [], narrowed: [], unchanged: list(left) });
      assertEquals(diff(left, intersect(left, right)).widened, []);
      assertEquals(diff(left, union(left, right)).narrowed, []);
    }),
  );
});

Deno.test("isEmpty() is true of NO_PERMISSIONS only", () => {
  assert(isEmpty(NO_PERMISSIONS));
  fc.assert(fc.property(set, (set) => assertEquals(isEmpty(set), list(set).length === 0)));
});
