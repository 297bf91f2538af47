import { parse as parseToml } from "@std/toml";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { InvalidPluginError } from "../../src/errors.ts";
import type { Manifest } from "../../src/manifest/manifest.ts";
import { MAX_MANIFEST_BYTES } from "../../src/manifest/limits.ts";
import { parseManifest } from "../../src/manifest/parse.ts";

/** The example of the documentation, with every key there is. */
const EXAMPLE = `schema = 1

[plugin]
id = "acme.weather"                 # publisher.name
version = "1.4.2"
main = "main.ts"
name = "Weather"
description = "Forecast cards"
license = "MIT"
homepage = "https://example.org/weather"
categories = ["data"]
stage = "stable"

[engines]
cordon = "^1"
deno = ">=2.9.5"

[run]
mode = "process"
phase = "services"
activate = ["on:call", "on:event:clock.*"]
idle_stop = "10m"

[[permissions.net]]
hosts = ["api.weather.test:443", "127.0.0.1:\${port=8080}"]
reason = "download forecasts"
optional = true
[[permissions.read]]
paths = ["$PLUGIN/assets", "\${maps}"]
[[permissions.read]]
paths = ["/usr/share/zoneinfo"]
[[permissions.write]]
paths = ["$DATA"]
[[permissions.env]]
names = ["LANG"]
[[permissions.sys]]
names = ["hostname"]
[[permissions.run]]
programs = ["/usr/bin/git"]
[[permissions.ffi]]
paths = ["/usr/lib/libz.so.1"]

[requires]
"acme.geo" = "^2.1"
[requires.optional]
"acme.alerts" = ">=1 <3"
[conflicts]
"old.weather" = "*"

[provides]
"forecast" = { version = "1.2.0", methods = ["today", "week"] }
[uses]
"geocode" = "^1"
"alerts" = { version = "^1", optional = true }
[events]
publishes = ["weather.updated"]
subscribes = ["clock.*", "build.**"]
[resources]
"acme.printer" = "lock"
"acme.slots" = { kind = "semaphore", permits = 3 }
"acme.hits" = "counter"
"acme.seen" = { kind = "counter", access = "read" }
"acme.tiles" = { kind = "cache", max = "4MiB" }
"acme.map" = { kind = "blob", max = "64MiB", access = "read" }

[limits]
memory = "128MiB"
cpu = "50%"
call_timeout = "5s"
start_timeout = "10s"
storage = "50MiB"
file_size = "10MiB"
descriptors = 128
threads = 64
log_rate = "200/s"

[health]
interval = "15s"
timeout = "3s"
restart = "on-failure"
backoff = ["1s", "1m"]
max_restarts = "5/10m"
failures = 5
lag = "250ms"
error_rate = "25%"
dependency = "stop"

[reload]
state = "transfer"
exclusive = true
drain = "2.5s"
unfinished = "cancel"
timeout = "3s"
state_size = "1MiB"
state_schema = "state.schema.json"
trial = "30s"
trial_crashes = 1

[config]
schema = "config.schema.json"
version = 3
secrets = ["api_key"]

[ui]
panel = "ui/panel.html"
`;

const EXPECTED: Manifest = {
  id: "acme.weather",
  version: "1.4.2",
  main: "main.ts",
  name: "Weather",
  description: "Forecast cards",
  license: "MIT",
  homepage: "https://example.org/weather",
  categories: ["data"],
  stage: "stable",
  engines: { cordon: "^1", deno: ">=2.9.5" },
  run: { mode: "process", phase: "services", activate: ["on:call", "on:event:clock.*"], idleStopMs: 600_000 },
  permissions: [
    {
      kind: "net",
      values: ["api.weather.test:443", "127.0.0.1:${port=8080}"],
      reason: "download forecasts",
      optional: true,
    },
    { kind: "read", values: ["$PLUGIN/assets", "${maps}"], reason: undefined, optional: false },
    { kind: "read", values: ["/usr/share/zoneinfo"], reason: undefined, optional: false },
    { kind: "write", values: ["$DATA"], reason: undefined, optional: false },
    { kind: "env", values: ["LANG"], reason: undefined, optional: false },
    { kind: "sys", values: ["hostname"], reason: undefined, optional: false },
    { kind: "run", values: ["/usr/bin/git"], reason: undefined, optional: false },
    { kind: "ffi", values: ["/usr/lib/libz.so.1"], reason: undefined, optional: false },
  ],
  requires: { "acme.geo": "^2.1" },
  optional: { "acme.alerts": ">=1 <3" },
  conflicts: { "old.weather": "*" },
  provides: { forecast: { version: "1.2.0", methods: ["today", "week"] } },
  uses: { geocode: { version: "^1", optional: false }, alerts: { version: "^1", optional: true } },
  resources: {
    "acme.printer": { kind: "lock" },
    "acme.slots": { kind: "semaphore", permits: 3 },
    "acme.hits": { kind: "counter", access: "write" },
    "acme.seen": { kind: "counter", access: "read" },
    "acme.tiles": { kind: "cache", maxBytes: 4_194_304, access: "write" },
    "acme.map": { kind: "blob", maxBytes: 67_108_864, access: "read" },
  },
  events: { publishes: ["weather.updated"], subscribes: ["clock.*", "build.**"], topics: {} },
  limits: {
    memoryBytes: 134_217_728,
    cpuShare: 0.5,
    callTimeoutMs: 5_000,
    startTimeoutMs: 10_000,
    storageBytes: 52_428_800,
    fileBytes: 10_485_760,
    descriptors: 128,
    threads: 64,
    streamIdleMs: 300_000,
    logRate: { count: 200, periodMs: 1_000 },
  },
  health: {
    intervalMs: 15_000,
    timeoutMs: 3_000,
    restart: "on-failure",
    backoffMs: [1_000, 60_000],
    maxRestarts: { count: 5, periodMs: 600_000 },
    failures: 5,
    lagMs: 250,
    errorRate: 0.25,
    dependency: "stop",
  },
  reload: {
    state: "transfer",
    exclusive: true,
    drainMs: 2_500,
    unfinished: "cancel",
    timeoutMs: 3_000,
    stateBytes: 2 ** 20,
    stateSchema: "state.schema.json",
    trialMs: 30_000,
    trialCrashes: 1,
  },
  config: { schema: "config.schema.json", version: 3, secrets: ["api_key"] },
  ui: { panel: "ui/panel.html" },
};

/** Five lines that are a manifest; what is added begins on line 6. */
const MINIMAL = `schema = 1
[plugin]
id = "acme.weather"
version = "1.0.0"
main = "main.ts"
`;

type Found = [path: string | undefined, line: number | undefined, message: string];

function findProblems(text: string, file = "/p/plugin.toml"): Found[] {
  const error = assertThrows(() => parseManifest(text, file), InvalidPluginError);
  assertEquals(error.code, "invalid_plugin");
  assert(error.problems.every((problem) => problem.file === file.split("/").at(-1)));
  return error.problems.map(({ path, line, message }) => [path, line, message]);
}

/** Checks path and line of every problem, and that each message has the part given. */
function assertProblems(name: string, found: readonly Found[], expected: readonly Found[]): void {
  const places = (list: readonly Found[]) => list.map(([path, line]) => `${path} ${line}`);
  assertEquals(
    places(found),
    places(expected),
    `${name}: ${found.map(([, , message]) => message).join("; ")}`,
  );
  for (const [index, [, , message]] of found.entries()) {
    assertStringIncludes(message, expected[index]![2], name);
  }
}

Deno.test("parseManifest() reads every key of a TOML manifest", () => {
  assertEquals(parseManifest(EXAMPLE, "/plugins/weather/plugin.toml"), EXPECTED);
});

Deno.test("parseManifest() reads the same manifest from JSON, and from other line ends", () => {
  const document = parseToml(EXAMPLE);
  assertEquals(parseManifest(JSON.stringify(document), "plugin.json"), EXPECTED);
  assertEquals(parseManifest(JSON.stringify(document, null, 2), "C:\\p\\plugin.json"), EXPECTED);
  assertEquals(parseManifest(EXAMPLE.replaceAll("\n", "\r\n"), "plugin.toml"), EXPECTED);
});

Deno.test("parseManifest() fills in what a manifest leaves out", () => {
  assertEquals(parseManifest(MINIMAL, "plugin.toml"), {
    id: "acme.weather",
    version: "1.0.0",
    main: "main.ts",
    name: "acme.weather",
    description: "",
    license: undefined,
    homepage: undefined,
    categories: [],
    stage: "stable",
    engines: { cordon: undefined, deno: undefined },
    run: { mode: "process", phase: "services", activate: ["startup"], idleStopMs: undefined },
    permissions: [],
    requires: {},
    optional: {},
    conflicts: {},
    provides: {},
    uses: {},
    resources: {},
    events: { publishes: [], subscribes: [], topics: {} },
    limits: {
      memoryBytes: undefined,
      cpuShare: undefined,
      callTimeoutMs: 5_000,
      startTimeoutMs: 10_000,
      storageBytes: undefined,
      fileBytes: undefined,
      descriptors: undefined,
      threads: undefined,
      streamIdleMs: 300_000,
      logRate: { count: 200, periodMs: 1_000 },
    },
    health: {
      intervalMs: 15_000,
      timeoutMs: 3_000,
      restart: "on-failure",
      backoffMs: [1_000, 60_000],
      maxRestarts: { count: 5, periodMs: 600_000 },
      failures: 3,
      lagMs: 1_000,
      errorRate: 0.5,
      dependency: "wait",
    },
    reload: {
      state: "none",
      exclusive: false,
      drainMs: 5_000,
      unfinished: "finish",
      timeoutMs: 2_000,
      stateBytes: 8 * 2 ** 20,
      stateSchema: undefined,
      trialMs: 60_000,
      trialCrashes: 0,
    },
    config: undefined,
    ui: undefined,
  });
});

Deno.test("parseManifest() reports every problem at once, each with its path and line", () => {
  const text = `schema = 2
[plugin]
id = "Weather"
version = "1"
colour = "blue"
[run]
mode = "thread"
phase = 3
[[permissions.net]]
hosts = ["api.test:443", "api.test"]
[[permissions.net]]
hosts = []
why = "no"
[limits]
memory = "lots"
[nonsense]
`;
  assertProblems("all", findProblems(text), [
    ["schema", 1, "expected 1"],
    ["plugin.id", 3, '"publisher.name"'],
    ["plugin.version", 4, '"1" is no semantic version'],
    ["plugin.main", 2, "is missing: expected string"],
    ["plugin.colour", 5, "is not known here"],
    ["run.mode", 7, '"process"|"worker"'],
    ["run.phase", 8, '"boot"|"system"'],
    ["permissions.net[0].hosts[1]", 10, '"api.test" has no port'],
    ["permissions.net[1].hosts", 12, "expected array to have >=1 items"],
    ["permissions.net[1].why", 13, "is not known here"],
    ["limits.memory", 15, 'Cannot parse size "lots"'],
    ["nonsense", 16, "is not known here"],
  ]);
});

/** What is added to the minimal manifest, and the problems it has. */
const BROKEN: readonly [name: string, added: string, problems: Found[]][] = [
  ["an unknown table", "[extra]\nx = 1", [["extra", 6, "is not known here"]]],
  ["an unknown key of a table", "[run]\nspeed = 1", [["run.speed", 7, "is not known here"]]],
  ["an unknown key of a list's entry", "[[permissions.read]]\npaths = ['/a']\nmode = 1", [[
    "permissions.read[0].mode",
    8,
    "is not known here",
  ]]],
  ["an unknown key of an inline table", '[provides]\na = { version = "1.0.0", methods = [], x = 1 }', [[
    "provides.a.x",
    7,
    "is not known here",
  ]]],
  ["an unknown kind of permission", "[[permissions.hrtime]]", [[
    "permissions.hrtime",
    6,
    "is not known here",
  ]]],
  ["the values of another kind", "[[permissions.env]]\nhosts = ['a.test:1']", [
    ["permissions.env[0].names", 6, "is missing: expected array"],
    ["permissions.env[0].hosts", 7, "is not known here"],
  ]],
  ["the import permission", "[[permissions.import]]\nhosts = ['jsr.io:443']", [[
    "permissions.import",
    6,
    "import is never granted",
  ]]],
  ["a permission that is no list", "[permissions.net]\nhosts = ['a.test:1']", [[
    "permissions.net",
    6,
    "expected array",
  ]]],
  ["a table that is a text", "[events]\npublishes = 'a'", [["events.publishes", 7, "expected array"]]],
  ["a reason over two lines", '[[permissions.read]]\npaths = ["/a"]\nreason = "a\\nb"', [[
    "permissions.read[0].reason",
    8,
    "holds a control character",
  ]]],
  ["values over several lines", "[[permissions.read]]\npaths = [\n  '/a',\n  'b',\n]", [[
    "permissions.read[0].paths[1]",
    7,
    "is not absolute",
  ]]],
  ["hostile permission values", '[[permissions.read]]\npaths = ["/a,/b", "/*", "/a/..", "", "/\\u0000"]', [
    ["permissions.read[0].paths[0]", 7, "holds a comma"],
    ["permissions.read[0].paths[1]", 7, "holds a wildcard"],
    ["permissions.read[0].paths[2]", 7, 'holds ".."'],
    ["permissions.read[0].paths[3]", 7, "is empty"],
    ["permissions.read[0].paths[4]", 7, "control character"],
  ]],
  ["units", "[limits]\nmemory = '128'\ncpu = '50'\ncall_timeout = '5 s'\nstorage = 5\nlog_rate = '200'", [
    ["limits.memory", 7, 'Cannot parse size "128"'],
    ["limits.cpu", 8, 'Cannot parse share "50"'],
    ["limits.call_timeout", 9, 'Cannot parse duration "5 s"'],
    ["limits.storage", 10, "expected string"],
    ["limits.log_rate", 11, 'Cannot parse rate "200"'],
  ]],
  ["health", "[health]\nbackoff = ['1s']\nrestart = 'always?'\nmax_restarts = '5'", [
    ["health.restart", 8, '"never"|"on-failure"|"always"'],
    ["health.backoff", 7, "expected"],
    ["health.max_restarts", 9, "Cannot parse rate"],
  ]],
  ["ranges", "[requires]\n'a.b' = 'soon'\n'a.c' = ''\n[conflicts]\n'a.d' = 1\n[engines]\ndeno = 'two'", [
    ["engines.deno", 12, '"two" is no range'],
    ['requires."a.b"', 7, '"soon" is no range'],
    ['requires."a.c"', 8, '"" is no range'],
    ['conflicts."a.d"', 10, "expected string"],
  ]],
  ["ids", "[requires]\nweather = '*'\n'A.b' = '*'\n'a.b.c' = '*'\n[requires.optional]\n'a._' = '*'", [
    ['requires.optional."a._"', 11, '"publisher.name"'],
    ["requires.weather", 7, "expected a plugin id as key"],
    ['requires."A.b"', 8, "expected a plugin id as key"],
    ['requires."a.b.c"', 9, "expected a plugin id as key"],
  ]],
  [
    "itself as a dependency",
    "[requires]\n'acme.weather' = '*'\n[conflicts]\n'acme.weather' = '*'\n[requires.optional]\n'acme.weather' = '*'",
    [
      ['requires."acme.weather"', 7, "names the plugin itself"],
      ['conflicts."acme.weather"', 9, "names the plugin itself"],
      ['requires.optional."acme.weather"', 11, "names the plugin itself"],
    ],
  ],
  [
    "its own capability",
    "[provides]\n'geo.code' = { version = '1.0.0', methods = [] }\n[uses]\n'geo.code' = '*'",
    [[
      'uses."geo.code"',
      9,
      "is provided by the plugin itself",
    ]],
  ],
  [
    "names every object has",
    "[provides]\na = { version = '1.0.0', methods = ['toString', 'then', 'constructor', '__proto__', 'ok'] }\n[uses]\ntoString = '*'",
    [
      ["provides.a.methods[0]", 7, "every object's own"],
      ["provides.a.methods[1]", 7, "every object's own"],
      ["provides.a.methods[2]", 7, "every object's own"],
      ["provides.a.methods[3]", 7, "every object's own"],
      ["uses.toString", 9, "expected a name in lower case"],
    ],
  ],
  [
    "names every handle has",
    "[provides]\na = { version = '1.0.0', methods = ['available', 'provider', 'onChange', 'onchange'] }",
    [
      ["provides.a.methods[0]", 7, "every handle on a capability has this name"],
      ["provides.a.methods[1]", 7, "every handle on a capability has this name"],
      ["provides.a.methods[2]", 7, "every handle on a capability has this name"],
    ],
  ],
  [
    "names of methods and capabilities",
    "[provides]\n'Geo Code' = 1\n'geo' = { version = '1.0.0', methods = ['a b', '', '1a', 'a-b'] }",
    [
      ['provides."Geo Code"', 7, "expected a name in lower case"],
      ["provides.geo.methods[0]", 8, "expected a method name"],
      ["provides.geo.methods[1]", 8, "expected a method name"],
      ["provides.geo.methods[2]", 8, "expected a method name"],
      ["provides.geo.methods[3]", 8, "expected a method name"],
    ],
  ],
  [
    "parts that do not fit, beside a mistake elsewhere",
    "[run]\nidle_stop = '5m'\nmode = 1\n[requires]\n'acme.weather' = '*'\n'x' = 1",
    [
      ["run.idle_stop", 7, "only goes with activate"],
      ["run.mode", 8, '"process"|"worker"'],
      ['requires."acme.weather"', 10, "names the plugin itself"],
      ["requires.x", 11, "expected string"],
      ["requires.x", 11, "expected a plugin id as key"],
    ],
  ],
  ["a use that is neither range nor table", "[uses]\na = 1\nb = { range = '*' }", [
    ["uses.a", 7, "expected a range"],
    ["uses.b", 8, "expected a range"],
  ]],
  [
    "shared things that are none",
    "[resources]\n'acme.Printer' = 'lock'\nacme.printer = 'lock'\na = 'semaphore'\n" +
    "b = { kind = 'semaphore', permits = 0 }\nc = { kind = 'cache' }\nd = { kind = 'lock', access = 'read' }\n" +
    "e = { kind = 'blob', max = '4 apples' }",
    [
      ['resources."acme.Printer"', 7, "expected a name in lower case"],
      ["resources.acme", 8, "a dotted name needs quotes"],
      ["resources.a", 9, "1024 permits at most"],
      ["resources.b.permits", 10, ">=1"],
      ["resources.c", 11, 'kind = "cache", max = "4MiB"'],
      ["resources.d.access", 12, "not known"],
      ["resources.e.max", 13, "Cannot parse size"],
    ],
  ],
  [
    "shared things that are too large",
    "[resources]\na = { kind = 'cache', max = '200MiB' }\nb = { kind = 'blob', max = '57MiB' }",
    [["resources", 6, "more than 256 MiB"]],
  ],
  [
    "ways to be started",
    "[run]\nactivate = ['on:boot', 'on:event:', 'on:event:A', 'on:event:a.**.b', 'on:call']",
    [
      ["run.activate[0]", 7, '"startup", "on:call"'],
      ["run.activate[1]", 7, "expected a topic pattern"],
      ["run.activate[2]", 7, "expected a topic pattern"],
      ["run.activate[3]", 7, "expected a topic pattern"],
    ],
  ],
  ["no way to be started", "[run]\nactivate = []", [["run.activate", 7, ">=1 items"]]],
  ["idle_stop without a way to start again", "[run]\nactivate = ['startup', 'on:call']\nidle_stop = '5m'", [[
    "run.idle_stop",
    8,
    'only goes with activate = ["on:',
  ]]],
  ["topics", "[events]\npublishes = ['a.*', 'A', '', 'a..b']\nsubscribes = ['**.a', 'a*', 'a.**']", [
    ["events.publishes[0]", 7, "expected a topic"],
    ["events.publishes[1]", 7, "expected a topic"],
    ["events.publishes[2]", 7, "expected a topic"],
    ["events.publishes[3]", 7, "expected a topic"],
    ["events.subscribes[0]", 8, "expected a topic pattern"],
    ["events.subscribes[1]", 8, "expected a topic pattern"],
  ]],
  ["files outside the folder", "[config]\nschema = '../a.json'\nversion = 0\n[ui]\npanel = '/a.html'", [
    ["config.schema", 7, "is no path inside the plugin's folder"],
    ["config.version", 8, ">=1"],
    ["ui.panel", 10, "is no path inside the plugin's folder"],
  ]],
];

Deno.test("parseManifest() says what is wrong and where, whatever is wrong", () => {
  for (const [name, added, problems] of BROKEN) {
    const found = findProblems(MINIMAL + added);
    const order = (list: readonly Found[]) => list.toSorted(([a], [b]) => (a! < b! ? -1 : a! > b! ? 1 : 0));
    assertProblems(name, order(found), order(problems));
  }
});

Deno.test("parseManifest() refuses a main module, id or version that is none", () => {
  const mains = [
    "../main.ts",
    "/main.ts",
    "a//b.ts",
    "./main.ts",
    "a\\b.ts",
    "main.py",
    "main",
    "",
    "data:x.ts",
    "a/../b.ts",
  ];
  for (const main of mains) {
    const [[path, line] = []] = findProblems(MINIMAL.replace('"main.ts"', JSON.stringify(main)));
    assertEquals([path, line], ["plugin.main", 5], main);
  }
  for (
    const id of [
      "weather",
      "Acme.weather",
      "acme.weather.eu",
      "acme.",
      ".weather",
      "acme.1",
      "acme._",
      "a b.c",
      `a.${"b".repeat(64)}`,
    ]
  ) {
    const [[path, line] = []] = findProblems(MINIMAL.replace('"acme.weather"', JSON.stringify(id)));
    assertEquals([path, line], ["plugin.id", 3], id);
  }
  for (const version of ["1", "1.0", "v", "", "1.0.0.0", "^1.0.0", `1.0.0-${"a".repeat(300)}`]) {
    const [[path, line] = []] = findProblems(MINIMAL.replace('"1.0.0"', JSON.stringify(version)));
    assertEquals([path, line], ["plugin.version", 4], version);
  }
});

Deno.test("parseManifest() tells path and line in JSON", () => {
  const text = `{
  "schema": 1,
  "plugin": { "id": "acme.weather",
    "version": 1, "main": "main.ts" },
  "permissions": {
    "net": [
      { "hosts": ["a.test:1"] },
      { "hosts": [
        "a.test:1",
        "a.test"
      ], "x": 1 }
    ]
  },
  "plugin2": {}
}`;
  assertProblems("json", findProblems(text, "plugin.json"), [
    ["plugin.version", 4, "expected string"],
    ["permissions.net[1].hosts[1]", 10, "has no port"],
    ["permissions.net[1].x", 11, "is not known here"],
    ["plugin2", 14, "is not known here"],
  ]);
});

Deno.test("parseManifest() refuses keys that stand twice", () => {
  const json =
    '{"schema": 1,\n"plugin": {"id": "a.b", "version": "1.0.0",\n"main": "a.ts", "m\\u0061in": "b.ts"},\n"schema": 1}';
  assertProblems("json", findProblems(json, "plugin.json"), [
    ["plugin.main", 3, "stands here twice"],
    ["schema", 4, "stands here twice"],
  ]);
  // One parser of TOML refuses it as a mistake in syntax, the other takes it and leaves it to us.
  for (const added of ["[run]\nmode = 'process'\nmode = 'worker'", "[ui]\npanel = 'a'\n[ui]\npanel = 'b'"]) {
    assertEquals(findProblems(MINIMAL + added).length > 0, true);
  }
});

Deno.test("parseManifest() tells the line of a mistake in the syntax", () => {
  const toml: [string, number][] = [
    ["schema = 1\n[plugin", 2],
    ["schema = ", 1],
    ["a = 1\nb = 'x\nc = 2", 2],
    ["a\u0000 = 1", 1],
  ];
  for (const [text, line] of toml) {
    assertProblems(text, findProblems(text), [[undefined, line, "is not TOML"]]);
  }
  const json: [string, number][] = [
    ["", 1],
    ["abc", 1],
    ["{", 1],
    ['{\n"a": 1,\n}', 3],
    ['{\n"a": 1\n"b": 2}', 3],
    ['{\n"a": }', 2],
    ['{\n"a": "x\n"}', 2],
    ['{\n\n"a": tru}', 3],
    ['{\n"a": 1,\n', 3],
    ["{}\n{}", 2],
    ["\n\n// comment", 3],
  ];
  for (const [text, line] of json) {
    assertProblems(text, findProblems(text, "plugin.json"), [[undefined, line, "is not JSON"]]);
  }
});

Deno.test("parseManifest() refuses what is no table", () => {
  for (const text of ["null", "[]", "1", '"text"', "true"]) {
    assertProblems(text, findProblems(text, "plugin.json"), [["", undefined, "expected object"]]);
  }
});

Deno.test("parseManifest() refuses a text of 10 MB without reading it", () => {
  const text = "x".repeat(10_000_000);
  for (const file of ["plugin.toml", "plugin.json"]) {
    assertProblems(file, findProblems(text, file), [[undefined, undefined, "is larger than 64 KiB"]]);
  }
});

Deno.test("parseManifest() comes to an end with documents made to be slow", () => {
  const levels = MAX_MANIFEST_BYTES / 4;
  const fields = '"schema":1,"plugin":{"id":"a.b","version":"1.0.0","main":"main.ts"';
  const json = [
    "[".repeat(levels) + "]".repeat(levels),
    `{${fields},"categories":${"[".repeat(levels)}${"]".repeat(levels)}}}`,
    `{${fields}},"uses":{"x":${'{"a":'.repeat(30_000)}1${"}".repeat(30_000)}}}`,
    `{${fields}},"x":"${"\\n".repeat(levels)}"}`,
    `{${Array.from({ length: 20_000 }, (_, index) => `"${index}":0`).join()}}`,
  ];
  for (const text of json) findProblems(text, "plugin.json");
  const toml = [
    `x = ${"[".repeat(levels)}`,
    `x = ${"{a=".repeat(30_000)}`,
    `x.${"a.".repeat(levels)}b = 1`,
    `[x.${"a.".repeat(levels)}b]`,
    `[[x.${"a.".repeat(levels)}b]]`,
    // A line in a list that begins like a table and never ends.
    `x = [\n[${" ".repeat(200_000)}\n]]`,
    `x = [\n[${"\t ".repeat(100_000)}1\n]]`,
    `x = """\n${"[ ".repeat(50_000)}\n"""`,
    Array.from({ length: 15_000 }, (_, index) => `a${index} = 1`).join("\n"),
    Array.from({ length: 10_000 }, () => "[[permissions.net]]").join("\n"),
  ];
  for (const text of toml) findProblems(`${MINIMAL}\n${text}`);
});

Deno.test("parseManifest() takes values nested without end for wrong, wherever they are", () => {
  const depth = 15_000;
  const deep = [`${"[".repeat(depth)}${"]".repeat(depth)}`, `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`];
  for (const path of listPaths(parseToml(EXAMPLE)).slice(1)) {
    const document = parseToml(EXAMPLE);
    // deno-lint-ignore no-explicit-any -- walks a document of any shape
    const parent = path.slice(0, -1).reduce<any>((inner, key) => inner[key], document);
    parent[path.at(-1)!] = "@@";
    for (const value of deep) findProblems(JSON.stringify(document).replace('"@@"', value), "plugin.json");
  }
});

Deno.test("parseManifest() reports fifty problems, and how many more there are", () => {
  const found = findProblems(MINIMAL + Array.from({ length: 200 }, (_, index) => `k${index} = 1`).join("\n"));
  assertEquals(found.length, 51);
  assertEquals(found.at(-1), [undefined, undefined, "and 150 more problems"]);
});

Deno.test("InvalidPluginError has every problem in its message, as file:line: path: message", () => {
  const error = assertThrows(
    () => parseManifest(`${MINIMAL}[run]\nmode = 1\nphase = 2`, "/p/plugin.toml"),
    InvalidPluginError,
  );
  assertStringIncludes(error.message, 'Cannot use "/p/plugin.toml": 2 problems\n  plugin.toml:7: run.mode: ');
  assertStringIncludes(error.message, "\n  plugin.toml:8: run.phase: ");
});

/** Any text of at most so many UTF-16 units, lone surrogates included. */
function anyText(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff }));
  return fc.array(unit, { maxLength }).map((units) => String.fromCharCode(...units));
}

/** Parses, and lets pass only what a manifest may fail with. */
function tryManifest(text: string, file: string): void {
  try {
    parseManifest(text, file);
  } catch (error) {
    if (!(error instanceof InvalidPluginError)) throw error;
    const lines = text.split(/\r\n?|\n/).length;
    for (const { line, message } of error.problems) {
      assert(
        message !== "" && (line === undefined || (line >= 1 && line <= lines)),
        `${line} of ${lines}: ${message}`,
      );
    }
  }
}

Deno.test("parseManifest() throws nothing but InvalidPluginError, whatever the text", () => {
  const piece = fc.constantFrom(
    ...[
      "\n",
      " = ",
      "[",
      "]",
      "[[",
      "]]",
      "{",
      "}",
      ",",
      ".",
      '"',
      "'",
      '"""',
      "'''",
      "#",
      "\\",
      "\r",
      "\u2028",
      "1",
      "true",
      "1979-05-27",
      "nan",
    ],
    ...[
      "schema",
      "plugin",
      "id",
      "acme.weather",
      "permissions",
      "net",
      "hosts",
      "requires",
      "optional",
      "provides",
      "__proto__",
      "toString",
    ],
  );
  const soup = fc.array(fc.oneof(piece, anyText(2)), { maxLength: 25 }).map((
    pieces,
  ) => pieces.join(""));
  fc.assert(
    fc.property(soup, fc.constantFrom("plugin.toml", "plugin.json"), fc.boolean(), (text, file, isAdded) => {
      tryManifest(isAdded ? MINIMAL + text : text, file);
    }),
    { numRuns: 800 },
  );
});

Deno.test("parseManifest() throws nothing but InvalidPluginError when a good text is damaged", () => {
  const at = fc.integer({ min: 0, max: EXAMPLE.length });
  fc.assert(
    fc.property(
      at,
      fc.integer({ min: 0, max: 12 }),
      anyText(3),
      (at, removed, added) => {
        tryManifest(EXAMPLE.slice(0, at) + added + EXAMPLE.slice(at + removed), "plugin.toml");
      },
    ),
    { numRuns: 400 },
  );
});

/** The paths of every value in a document. */
function listPaths(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, item]) =>
      listPaths(item, [...path, Array.isArray(value) ? Number(key) : key])
    ),
  ];
}

Deno.test("parseManifest() throws nothing but InvalidPluginError when a good document has any value anywhere", () => {
  const paths = listPaths(parseToml(EXAMPLE)).slice(1);
  fc.assert(
    fc.property(
      fc.constantFrom(...paths),
      fc.jsonValue(),
      fc.option(fc.string({ maxLength: 5 })),
      (path, value, key) => {
        const document = parseToml(EXAMPLE);
        // deno-lint-ignore no-explicit-any -- walks a document of any shape
        const parent = path.slice(0, -1).reduce<any>((inner, key) => inner[key], document);
        parent[key ?? path.at(-1)!] = value;
        tryManifest(JSON.stringify(document), "plugin.json");
        tryManifest(JSON.stringify(value), "plugin.json");
      },
    ),
    { numRuns: 400 },
  );
});

const TOPICS = `schema = 1
[plugin]
id = "acme.weather"
version = "1.0.0"
main = "main.ts"
[events]
publishes = ["weather.updated", "weather.alarm", "weather.tick"]
`;

Deno.test("parseManifest() reads how the events of a topic are delivered", () => {
  const text = `${TOPICS}[events.topics."weather.updated"]
delivery = "at-least-once"
retain = true
keep = { events = 500, age = "2h", size = "1MiB" }
[events.topics."weather.alarm"]
delivery = "at-least-once"
[events.topics."weather.tick"]
retain = true
`;
  assertEquals(parseManifest(text, "plugin.toml").events.topics, {
    "weather.updated": { retain: true, keep: { maxEvents: 500, maxAgeMs: 7_200_000, maxBytes: 1 << 20 } },
    "weather.alarm": {
      retain: false,
      keep: { maxEvents: 10_000, maxAgeMs: 604_800_000, maxBytes: 64 << 20 },
    },
    "weather.tick": { retain: true, keep: undefined },
  });
});

Deno.test("parseManifest() refuses deliveries that mean nothing", () => {
  const many = Array.from({ length: 33 }, (_, n) => `t${n}`);
  const cases: [text: string, problem: string][] = [
    [
      `${TOPICS}[events.topics."other"]\nretain = true\n`,
      "events.topics.other: is not among events.publishes",
    ],
    [`${TOPICS}[events.topics."weather.tick"]\nkeep = {}\n`, 'only goes with delivery = "at-least-once"'],
    [`${TOPICS}[events.topics."weather.tick"]\ndelivery = "exactly-once"\n`, "delivery"],
    [`${TOPICS}[events.topics."Weather"]\n`, "Weather"],
    [
      `${TOPICS}[events.topics."weather.tick"]\ndelivery = "at-least-once"\nkeep = { size = "1GiB" }\n`,
      "more than 256MiB",
    ],
    [
      TOPICS.replace(/publishes.*/, `publishes = ${JSON.stringify(many)}`) +
      many.map((topic) => `[events.topics.${topic}]\ndelivery = "at-least-once"\n`).join(""),
      "events.topics: holds more than 32 topics",
    ],
  ];
  for (const [text, problem] of cases) {
    const error = assertThrows(() => parseManifest(text, "plugin.toml"), InvalidPluginError);
    assertStringIncludes(error.message, problem);
  }
});
