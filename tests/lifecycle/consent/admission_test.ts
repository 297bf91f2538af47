import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Admission, admit, formatPermissions } from "../../../src/lifecycle/consent/admission.ts";
import type { AdmissionContext } from "../../../src/lifecycle/consent/plugin_request.ts";
import type { BlockReason } from "../../../src/lifecycle/state.ts";
import { parseManifest } from "../../../src/manifest/parse.ts";
import { scoreExposure } from "../../../src/permissions/exposure.ts";
import { NO_GRANTS } from "../../../src/permissions/grants.ts";
import {
  createPermissionSet,
  NO_PERMISSIONS,
  type Permission,
  type PermissionKind,
} from "../../../src/permissions/permission_set.ts";

const CONTEXT: AdmissionContext = {
  dir: "/plugins/weather",
  dataDir: "/cordon/plugins/acme.weather/data",
  scratchDir: "/cordon/plugins/acme.weather/scratch",
  protectedDirs: ["/cordon", "/run/cordon-1"],
  vars: {},
  grant: "requested",
  grants: NO_GRANTS,
  policy: {},
  tier: "deno",
  scoreOf: (permissions) => scoreExposure({ permissions, tier: "deno", limits: { memory: true, cpu: true } }),
  assumeVariables: false,
  realPath: (path) => path.startsWith("/") ? path : `/cwd/${path}`,
  os: "linux",
  denoVersion: "2.9.6",
};

/** Decides about a plugin whose manifest goes on with `added`. */
function decide(added: string, context: Partial<AdmissionContext> = {}): Admission {
  const text = `schema = 1\n[plugin]\nid = "acme.weather"\nversion = "1.0.0"\nmain = "main.ts"\n${added}`;
  return admit(parseManifest(text, "plugin.toml"), { ...CONTEXT, ...context });
}

function allow(kind: PermissionKind, ...values: string[]): Permission[] {
  return values.map((value) => ({ kind, value }));
}

function assertAdmitted(
  admission: Admission,
  permissions: readonly Permission[],
  withheld: readonly Permission[] = [],
): void {
  assert(admission.type === "admitted", JSON.stringify(admission));
  assertEquals(admission.permissions, createPermissionSet(permissions));
  assertEquals(admission.withheld, withheld);
}

function assertBlocked(admission: Admission, reason: BlockReason, message: string, hint = ""): void {
  assert(admission.type === "blocked", JSON.stringify(admission));
  assertEquals(admission.reason, reason);
  assertStringIncludes(admission.message, 'Cannot start "acme.weather": ');
  assertStringIncludes(admission.message, message);
  assertStringIncludes(admission.hint, hint);
}

Deno.test("admit() lets a plugin that asks for nothing start, whoever consents", () => {
  for (const grant of ["stored", "requested"] as const) assertAdmitted(decide("", { grant }), []);
});

Deno.test("admit() gives what the manifest asks for where requests are granted", () => {
  const added =
    `[[permissions.read]]\npaths = ["$PLUGIN/assets", "$DATA"]\n[[permissions.net]]\nhosts = ["API.test:443"]\noptional = true`;
  assertAdmitted(decide(added), [
    ...allow("read", "/plugins/weather/assets", "/cordon/plugins/acme.weather/data"),
    ...allow("net", "api.test:443"),
  ]);
});

Deno.test("admit() asks for consent to what is required, and withholds what is optional", () => {
  const required = `[[permissions.read]]\npaths = ["/srv/maps"]\n[[permissions.net]]\nhosts = ["a.test:1"]`;
  const admission = decide(required, { grant: "stored" });
  assertBlocked(
    admission,
    "consent",
    'nobody granted it net "a.test:1", read "/srv/maps"',
    "--grant requested",
  );
  assertAdmitted(
    decide(`[[permissions.read]]\npaths = ["/srv/maps"]\noptional = true`, { grant: "stored" }),
    [],
    allow("read", "/srv/maps"),
  );
});

Deno.test("admit() waits for versions of Cordon and Deno that fit", () => {
  assertBlocked(decide('[engines]\ncordon = "^99"'), "dependency", "it needs Cordon ^99, and this is 1.0.0");
  assertBlocked(decide('[engines]\ndeno = ">=3"'), "dependency", "it needs Deno >=3, and this is 2.9.6");
  assertAdmitted(decide('[engines]\ncordon = "^1"\ndeno = ">=2.9.5"'), []);
});

Deno.test("admit() refuses what policy does not allow: workers, and a weaker tier than demanded", () => {
  assertBlocked(
    decide('[run]\nmode = "worker"'),
    "policy",
    'it asks for mode "worker"',
    'run.mode = "process"',
  );
  assertBlocked(decide("", { policy: { requireTier: "os" } }), "policy", 'policy demands tier "os"');
  assertAdmitted(decide("", { policy: { requireTier: "deno" } }), []);
  assertAdmitted(decide("", { policy: { requireTier: "os" }, tier: "os" }), []);
  const contradiction = { requireTier: "os", tierFallback: true } as const;
  assertBlocked(decide("", { policy: contradiction, tier: "os" }), "policy", "allows to fall back");
});

Deno.test("admit() cuts to the ceiling: required values above it block, optional ones are withheld", () => {
  const ceiling = createPermissionSet([...allow("read", "/srv"), ...allow("net", "a.test:1")]);
  const read = (path: string, rest = "") => `[[permissions.read]]\npaths = ["${path}"]\n${rest}\n`;
  assertAdmitted(decide(read("/srv/maps"), { policy: { ceiling } }), allow("read", "/srv/maps"));
  assertBlocked(
    decide(read("/opt"), { policy: { ceiling } }),
    "policy",
    'policy forbids read "/opt"',
    "ceiling",
  );
  assertBlocked(decide(read("/"), { policy: { ceiling } }), "policy", 'policy forbids read "/"');
  assertAdmitted(decide(read("/opt", "optional = true"), { policy: { ceiling } }), [], allow("read", "/opt"));
  assertBlocked(
    decide(read("/srv"), { policy: { ceiling: NO_PERMISSIONS } }),
    "policy",
    'policy forbids read "/srv"',
  );
});

Deno.test("admit() says which variables have no value, and how to give them one", () => {
  const added =
    `[[permissions.read]]\npaths = ["\${maps}", "\${charts}/a"]\n[[permissions.net]]\nhosts = ["a.test:\${port=80}"]`;
  assertBlocked(decide(added), "variable", 'a value for "charts", "maps"', "Add --var charts=… --var maps=…");
  assertBlocked(decide(added, { vars: { maps: "/srv" } }), "variable", 'a value for "charts"');
  assertAdmitted(decide('[[permissions.read]]\npaths = ["${maps}"]\noptional = true'), []);
});

Deno.test("admit() leaves out what lacks a variable where nothing is to be started", () => {
  const added = '[[permissions.read]]\npaths = ["${maps}", "/srv"]';
  assertAdmitted(decide(added, { assumeVariables: true }), allow("read", "/srv"));
});

Deno.test("admit() hands on the variables the manifest names, those of paths absolute, and no others", () => {
  const added =
    `[[permissions.read]]\npaths = ["\${maps}", "\${charts=charts}"]\n[[permissions.net]]\nhosts = ["a.test:\${port=80}", "\${host=b.test}:1"]`;
  const admission = decide(added, { vars: { maps: "maps", port: "8080", other: "secret" } });
  assertAdmitted(admission, [
    ...allow("read", "/cwd/maps", "/cwd/charts"),
    ...allow("net", "a.test:8080", "b.test:1"),
  ]);
  assert(admission.type === "admitted");
  assertEquals(admission.vars, { maps: "/cwd/maps", charts: "/cwd/charts", port: "8080", host: "b.test" });
});

Deno.test("admit() is invalid with a variable, a link or a value that leads elsewhere", () => {
  const read = (path: string) => `[[permissions.read]]\npaths = ["${path}"]`;
  const invalid: [Admission, string][] = [
    [
      decide('[[permissions.net]]\nhosts = ["a.test:${port}"]', { vars: { port: "80,b.test:80" } }),
      "permissions.net: ",
    ],
    [decide('[[permissions.net]]\nhosts = ["${host}:80"]', { vars: { host: "*" } }), "permissions.net: "],
    [decide(read("${maps}"), { vars: { maps: "" } }), "permissions.read: a value is empty"],
    [decide(read("${maps}"), { vars: { maps: "/srv,/etc" } }), "permissions.read: "],
    [
      decide(read("$PLUGIN/link"), { realPath: (path) => path.replace("/plugins/weather/link", "/etc") }),
      "is outside $PLUGIN",
    ],
  ];
  for (const [admission, message] of invalid) {
    assert(admission.type === "invalid", JSON.stringify(admission));
    assertStringIncludes(admission.messages.join("\n"), message);
  }
});

Deno.test("admit() keeps Cordon's own folders closed, from above and from inside", () => {
  const exposed = [
    "/",
    "/cordon",
    "/cordon/cordon.db",
    "/cordon/plugins",
    "/cordon/plugins/acme.weather",
    "/cordon/plugins/other/data",
    "/run",
    "/run/cordon-1/x",
  ];
  for (const path of exposed) {
    for (const kind of ["read", "write", "ffi"]) {
      const admission = decide(`[[permissions.${kind}]]\npaths = ["${path}"]`);
      assertBlocked(admission, "policy", `${kind} of "${path}" would open Cordon's own data`, "--data");
    }
  }
  for (const path of ["/cordon2", "/run/cordon-10", "/plugins", "$DATA/x", "$TMP"]) {
    assertEquals(decide(`[[permissions.write]]\npaths = ["${path}"]`).type, "admitted", path);
  }
});

Deno.test("admit() sees through links into Cordon's own folders", () => {
  const admission = decide('[[permissions.read]]\npaths = ["/srv/link"]', {
    realPath: (path) => path === "/srv/link" ? "/cordon" : path,
  });
  assertBlocked(admission, "policy", 'read of "/cordon" would open');
});

Deno.test("formatPermissions() names kinds and values for people", () => {
  assertEquals(
    formatPermissions([...allow("read", "/a b"), ...allow("net", "a.test:1")]),
    'read "/a b", net "a.test:1"',
  );
});
