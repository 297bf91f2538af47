import { assertEquals, assertThrows } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import { chooseGranted, takeBack } from "../../src/permissions/grant_choice.ts";
import {
  createPermissionSet,
  NO_PERMISSIONS,
  type Permission,
} from "../../src/permissions/permission_set.ts";

const SCOPE = {
  pluginDir: "/plugins/w",
  dataDir: "/data/w",
  tmpDir: "/tmp/w",
  vars: { maps: "/srv/maps" },
  realPath: (path: string) => path.replace("/srv/link", "/etc"),
};

function set(...values: [Permission["kind"], string][]): ReturnType<typeof createPermissionSet> {
  return createPermissionSet(values.map(([kind, value]) => ({ kind, value })));
}

const REQUEST = {
  required: set(["read", "/srv/maps"], ["write", "/data/w"]),
  optional: set(["net", "api.test:443"], ["read", "/opt/charts"]),
};

Deno.test("chooseGranted() takes what is required unless told otherwise", () => {
  assertEquals(chooseGranted(REQUEST, SCOPE, {}), REQUEST.required);
  assertEquals(chooseGranted(REQUEST, SCOPE, { scope: "required" }), REQUEST.required);
});

Deno.test("chooseGranted() takes everything, or single values alone or besides", () => {
  assertEquals(
    chooseGranted(REQUEST, SCOPE, { scope: "all" }),
    set(["read", "/srv/maps"], ["write", "/data/w"], ["net", "api.test:443"], ["read", "/opt/charts"]),
  );
  assertEquals(
    chooseGranted(REQUEST, SCOPE, { only: ["net:API.test:443", "read:${maps}", "write:$DATA"] }),
    set(["net", "api.test:443"], ["read", "/srv/maps"], ["write", "/data/w"]),
  );
  assertEquals(
    chooseGranted(REQUEST, SCOPE, { scope: "required", only: ["read:/opt/charts/north"] }),
    set(["read", "/srv/maps"], ["write", "/data/w"], ["read", "/opt/charts/north"]),
  );
});

Deno.test("chooseGranted() grants nothing that was not asked for", () => {
  for (const only of ["read:/srv", "net:api.test:80", "read:/srv/link", "env:HOME", "write:/srv/maps"]) {
    const error = assertThrows(() => chooseGranted(REQUEST, SCOPE, { only: [only] }), CordonError);
    assertEquals(error.code, "invalid_input", only);
  }
});

Deno.test("chooseGranted() says what cannot be read", () => {
  const bad: [string, string][] = [
    ["maps", "expected a kind of permission"],
    ["import:https://a.test", "expected a kind of permission"],
    ["net:a.test", "has no port"],
    ["read:maps", "is not absolute"],
    ["read:${other}", 'variable "other" has no value'],
  ];
  for (const [only, message] of bad) {
    assertThrows(() => chooseGranted(REQUEST, SCOPE, { only: [only] }), CordonError, message);
  }
});

Deno.test("takeBack() leaves the rest, and a folder takes with it what was granted beneath", () => {
  const granted = set(["read", "/srv/maps"], ["read", "/opt/a"], ["read", "/opt/b"], ["net", "a.test:1"]);
  assertEquals(
    takeBack(granted, SCOPE, ["read:/opt", "net:a.test:1"]),
    set(["read", "/srv/maps"]),
  );
  assertEquals(
    takeBack(granted, SCOPE, ["read:/srv/maps", "read:/opt/a", "read:/opt/b", "net:a.test:1"]),
    NO_PERMISSIONS,
  );
});

Deno.test("takeBack() refuses a part of what was granted, and what was not", () => {
  const granted = set(["read", "/data"]);
  assertThrows(
    () => takeBack(granted, SCOPE, ["read:/data/x"]),
    CordonError,
    'what was granted is read "/data"',
  );
  assertThrows(() => takeBack(granted, SCOPE, ["write:/data"]), CordonError, "it was not granted");
});

Deno.test("takeBack() finds what was granted by the name it had then, wherever a link leads now", () => {
  assertEquals(takeBack(set(["read", "/srv/link"]), SCOPE, ["read:/srv/link"]), NO_PERMISSIONS);
});
