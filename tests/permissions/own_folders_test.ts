import { assertEquals } from "@std/assert";
import { nameOwnFolders, placeOwnFolders } from "../../src/permissions/own_folders.ts";
import { createPermissionSet, type Permission } from "../../src/permissions/permission_set.ts";

const HERE = { pluginDir: "/here/weather", dataDir: "/here/weather/.data", tmpDir: "/tmp/weather" };
const THERE = { pluginDir: "/there/w", dataDir: "/data/w", tmpDir: "/tmp/w" };

function set(...values: [Permission["kind"], string][]): ReturnType<typeof createPermissionSet> {
  return createPermissionSet(values.map(([kind, value]) => ({ kind, value })));
}

Deno.test("nameOwnFolders() names a plugin's own folders, the narrowest first, and nothing beside them", () => {
  const named = nameOwnFolders(
    set(
      ["read", "/here/weather/assets"],
      ["read", "/here/weathervane"],
      ["write", "/here/weather/.data/x"],
      ["write", "/tmp/weather"],
      ["run", "/here/weather/tool"],
      ["net", "a.test:1"],
    ),
    HERE,
  );
  assertEquals(
    named,
    set(
      ["read", "$PLUGIN/assets"],
      ["read", "/here/weathervane"],
      ["write", "$DATA/x"],
      ["write", "$TMP"],
      ["run", "/here/weather/tool"],
      ["net", "a.test:1"],
    ),
  );
});

Deno.test("placeOwnFolders() puts them where the plugin is now", () => {
  const named = nameOwnFolders(set(["read", "/here/weather/assets"], ["write", "/here/weather/.data"]), HERE);
  assertEquals(placeOwnFolders(named, THERE), set(["read", "/there/w/assets"], ["write", "/data/w"]));
});

Deno.test("placeOwnFolders() leaves what only looks like one of the names", () => {
  const odd = set(["read", "/$DATA"], ["read", "$DATAX/y"], ["read", "$OTHER/x"], ["env", "DATA"]);
  assertEquals(placeOwnFolders(odd, THERE), odd);
});

Deno.test("Own folders of Windows keep their separators", () => {
  const windows = { pluginDir: "C:\\p", dataDir: "C:\\d", tmpDir: "C:\\t" };
  const named = nameOwnFolders(set(["read", "C:\\p\\assets\\x"]), windows);
  assertEquals(named, set(["read", "$PLUGIN/assets/x"]));
  assertEquals(placeOwnFolders(named, windows), set(["read", "C:\\p\\assets\\x"]));
});
