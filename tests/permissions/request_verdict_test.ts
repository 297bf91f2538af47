import { assertEquals } from "@std/assert";
import {
  judgeRequests,
  type RequestBounds,
  requestedPermissions,
} from "../../src/permissions/request_verdict.ts";
import {
  createPermissionSet,
  NO_PERMISSIONS,
  type PermissionKind,
} from "../../src/permissions/permission_set.ts";

const BOUNDS: RequestBounds = {
  scope: {
    pluginDir: "/p",
    dataDir: "/d",
    tmpDir: "/t",
    vars: { docs: "/srv/docs" },
    realPath: (path) => path,
  },
  grant: undefined,
  ceiling: undefined,
  isProtected: ({ value }) => value === "/cordon",
};

function judge(kind: PermissionKind, text: string, bounds: Partial<RequestBounds> = {}) {
  const entry = { kind, values: [text], reason: "because", optional: false };
  return judgeRequests([entry], { ...BOUNDS, ...bounds })[0]!;
}

Deno.test("judgeRequests() tells for each value what came of it, and why", () => {
  const ceiling = createPermissionSet([{ kind: "read", value: "/srv/docs/public" }]);
  const cases: [ReturnType<typeof judge>, string, string[]][] = [
    [judge("read", "${docs}"), "allowed", ["/srv/docs"]],
    [judge("read", "${docs}", { grant: NO_PERMISSIONS }), "not_granted", []],
    [judge("read", "${docs}", { ceiling }), "above_ceiling", ["/srv/docs/public"]],
    [judge("read", "${docs}", { ceiling, grant: ceiling }), "above_ceiling", ["/srv/docs/public"]],
    [judge("read", "/cordon"), "protected", []],
    [judge("read", "${maps}"), "no_value", []],
    [judge("env", "LD_PRELOAD"), "refused", []],
  ];
  for (const [{ outcome, allowed, because }, expected, rest] of cases) {
    assertEquals([outcome, allowed, because === undefined], [expected, rest, expected === "allowed"]);
  }
});

Deno.test("judgeRequests() keeps the text, the reason and whether it is optional", () => {
  const entries = [{ kind: "read", values: ["${docs}", "$DATA"], reason: "why", optional: true }] as const;
  assertEquals(
    judgeRequests(entries, BOUNDS),
    [
      { text: "${docs}", value: "/srv/docs", allowed: ["/srv/docs"] },
      { text: "$DATA", value: "/d", allowed: ["/d"] },
    ].map((row) => ({
      ...row,
      kind: "read",
      assumed: undefined,
      reason: "why",
      optional: true,
      outcome: "allowed",
      because: undefined,
    })),
  );
});

Deno.test("requestedPermissions() takes an ordinary value for a variable that has none", () => {
  const texts: [PermissionKind, string, string][] = [
    ["read", "${maps}", "/variable/maps"],
    ["read", "$PLUGIN/${sub}", "/p/variable/sub"],
    ["net", "127.0.0.1:${port}", "127.0.0.1:1"],
    ["net", "${api_host}:443", "api-host.variable.invalid:443"],
    ["env", "${name}", "name"],
    ["run", "${tool}", "/variable/tool"],
  ];
  for (const [kind, text, expected] of texts) {
    const verdict = judge(kind, text);
    assertEquals([verdict.value, verdict.assumed], [undefined, expected]);
    assertEquals(requestedPermissions([verdict])[kind], [expected]);
  }
  assertEquals(requestedPermissions([judge("env", "LD_PRELOAD")]), NO_PERMISSIONS);
});
