import { assert, assertEquals } from "@std/assert";
import { KIT_NEEDS } from "../src/cli/scaffold.ts";
import { findCycles } from "../src/solver/cycles.ts";
import config from "../deno.json" with { type: "json" };

const ROOT = new URL("../", import.meta.url);

/** Everything that others import or run. */
const ENTRIES = [
  "mod.ts",
  "cli.ts",
  "src/sdk/mod.ts",
  "src/sdk/testing/mod.ts",
  "src/sandbox/bootstrap/main.ts",
  "src/sandbox/bootstrap/worker_main.ts",
  "src/sandbox/kernel/launcher_main.ts",
];

/** The files made by a tool. */
const GENERATED = ["src/sandbox/bootstrap_source.ts", "src/sandbox/launcher_source.ts"];

/** Parts that everybody but the sandbox's side may import. */
const BOTTOM = ["errors", "internal"];

/**
 * What each part may import besides the bottom: section 2 of the design as
 * data. `part:types` stands for types only, `part/file.ts` for one file.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  // Layer 0.
  errors: [],
  internal: [],
  // Layer 1: pure.
  permissions: [],
  manifest: ["permissions"],
  solver: [],
  contracts: [],
  // Layer 2.
  rpc: [],
  store: [],
  // Layer 3.
  sandbox: ["permissions", "rpc"],
  // What a plugin and its host sent each other, and its comparison with what they send now.
  recording: ["permissions:types", "rpc"],
  config: ["store"],
  // Providers are taken in one order, when plugins are resolved and when they run.
  bus: [
    "permissions",
    "rpc:types",
    // The values of events are encoded as they travel, and kept so.
    "rpc/carried_value.ts",
    "rpc/frame.ts",
    "rpc/message.ts",
    "solver/offers.ts",
    "manifest/shared_resource.ts:types",
    "store:types",
    "sdk:types",
  ],
  installer: ["contracts", "manifest", "solver", "store"],
  // Layer 4. The files of a plugin are checked and prepared by the installer.
  lifecycle: [
    "permissions",
    "manifest",
    "solver",
    "contracts",
    "rpc",
    "store",
    "sandbox",
    "recording",
    "config",
    "bus",
    "installer",
    // What plugins may answer.
    "sdk:types",
  ],
  // Layer 5.
  reload: [
    "permissions",
    "manifest",
    "contracts",
    "solver",
    "rpc",
    "store",
    "config",
    "bus",
    "installer",
    "lifecycle",
  ],
  cluster: ["bus"],
  // Layer 6.
  host: [
    "permissions",
    "manifest",
    "solver",
    "store",
    "config",
    "bus",
    "sandbox",
    "installer",
    "lifecycle",
    "reload",
    "cluster",
    "sdk:types",
  ],
  // Between: steering a host from this process or another.
  control: [
    "host:types",
    "bus:types",
    "rpc",
    "manifest/manifest.ts",
    "lifecycle:types",
    "permissions:types",
    "solver:types",
    "store:types",
  ],
  // Layer 7: the host, and types that mod.ts exports.
  cli: [
    "host",
    "control",
    "lifecycle/explain.ts",
    // Which states mean that a plugin serves.
    "lifecycle/state.ts",
    // The words for crashes.
    "lifecycle/crashes/crash_words.ts",
    // Read before there is a host: it says how one is opened.
    "lifecycle/consent/site_file.ts",
    // Learning ends in a change of the manifest.
    "lifecycle/consent/learning.ts",
    "lifecycle/consent/manifest_file.ts",
    // The words for shared things.
    "manifest/shared_resource.ts",
    // A recording is read before there is a host, and says which plugin is meant.
    "lifecycle/recordings/replaying.ts",
    "recording",
    "manifest/edit.ts",
    // As do the types of what a plugin uses.
    "lifecycle/capabilities/capability_types.ts",
    "manifest/edit_uses.ts",
    // The words for scores.
    "permissions/exposure.ts",
    // What this machine can do.
    "sandbox/kernel_support.ts",
    // The words for sizes.
    "sandbox/limits/limit.ts",
    "sandbox:types",
    // The tests of a plugin need no host.
    "installer/plugin_tests.ts",
    "bus:types",
    "lifecycle:types",
    "manifest:types",
    "permissions:types",
    "solver:types",
    "store:types",
  ],
  web: [
    "host",
    "bus:types",
    "lifecycle:types",
    "manifest:types",
    "permissions:types",
    "solver:types",
    "store:types",
  ],
  // Aside.
  sdk: ["rpc/message.ts:types", "rpc/protocol.ts:types"],
  // The authors' kit: both sides of one plugin, without what reaches outside of the process.
  testing: [
    "errors",
    "manifest",
    "permissions",
    "rpc",
    "bus",
    "bootstrap",
    "sandbox/sandbox.ts:types",
    "internal/log_record.ts:types",
    "lifecycle/telemetry/call_observer.ts:types",
    "lifecycle/capabilities/provided_capability.ts",
    "lifecycle/events/event_delivery.ts",
    "lifecycle/instance.ts",
    "lifecycle/start_attempt.ts",
    "lifecycle/services/plugin_services.ts",
    "recording",
    "internal/settles_within.ts",
    "internal/trace_context.ts",
    "sdk:types",
  ],
  bootstrap: ["errors", "rpc", "sdk"],
  // Not a part of the layers: they are what the outside sees.
  "mod.ts": [
    "errors:types",
    "errors",
    "host",
    "internal:types",
    "bus",
    "lifecycle",
    "manifest",
    "permissions",
    "recording",
    "sandbox",
    "sdk:types",
    "solver",
    "store",
  ],
  "cli.ts": ["cli"],
};

/** Constants and the reading of the log, which the host does not hand out; each has to be needed still. */
const EXCEPTIONS: readonly string[] = [
  "src/cli/commands/check.ts imports src/permissions/parse.ts",
  "src/cli/commands/logs.ts imports src/rpc/protocol.ts",
  "src/cli/commands/logs.ts imports src/store/log_store.ts",
  // The rule for ids, to name a plugin by.
  "src/cli/commands/new.ts imports src/manifest/parse.ts",
];

/** The bootstrap shares a realm with hostile code: whatever is loaded there is listed here by name. */
const BOOTSTRAP_CLOSURE = [
  "node:wasi",
  "node:worker_threads",
  "src/errors.ts",
  "src/rpc/cancellation.ts",
  "src/rpc/carried_value.ts",
  "src/rpc/channel.ts",
  "src/rpc/deadlines.ts",
  "src/rpc/discard_streams.ts",
  "src/rpc/frame.ts",
  "src/rpc/handshake.ts",
  "src/rpc/incoming_call.ts",
  "src/rpc/incoming_calls.ts",
  "src/rpc/incoming_stream.ts",
  "src/rpc/message.ts",
  "src/rpc/outgoing_calls.ts",
  "src/rpc/outgoing_stream.ts",
  "src/rpc/peer.ts",
  "src/rpc/peer_bounds.ts",
  "src/rpc/protocol.ts",
  "src/rpc/remote_error.ts",
  "src/rpc/stream_table.ts",
  "src/rpc/streams.ts",
  "src/rpc/weight.ts",
  "src/sandbox/bootstrap/capability_handle.ts",
  "src/sandbox/bootstrap/capability_scope.ts",
  "src/sandbox/bootstrap/connection.ts",
  "src/sandbox/bootstrap/current_call.ts",
  "src/sandbox/bootstrap/event_scope.ts",
  "src/sandbox/bootstrap/lockdown.ts",
  "src/sandbox/bootstrap/log_scope.ts",
  "src/sandbox/bootstrap/main.ts",
  "src/sandbox/bootstrap/plugin.ts",
  "src/sandbox/bootstrap/plugin_state.ts",
  "src/sandbox/bootstrap/resource_scope.ts",
  "src/sandbox/bootstrap/scope.ts",
];

/** What a worker's bootstrap loads besides. */
const WORKER_CLOSURE = [
  "node:console",
  "node:fs",
  "node:module",
  "node:process",
  "src/rpc/life_lock.ts",
  "src/rpc/port_channel.ts",
  "src/sandbox/bootstrap/import_guard.ts",
  "src/sandbox/bootstrap/worker_lockdown.ts",
  "src/sandbox/bootstrap/worker_main.ts",
  "src/sandbox/bootstrap/worker_output.ts",
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

/** The imports reachable from an entry, with paths from the root of the checkout. */
async function readImports(entry: string): Promise<Import[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: {
      specifier: string;
      error?: string;
      dependencies?: { specifier: string; code?: { specifier?: string }; type?: { specifier?: string } }[];
    }[];
  };
  const shorten = (url: string) => url.startsWith(ROOT.href) ? url.slice(ROOT.href.length) : url;
  return modules.flatMap(({ specifier: from, error, dependencies = [] }) => {
    if (from.startsWith(ROOT.href)) assertEquals(error, undefined, from);
    return dependencies.map(({ specifier, code, type }) => ({
      from: shorten(from),
      to: shorten(code?.specifier ?? type?.specifier ?? specifier),
      isType: code === undefined,
    }));
  }).filter(({ from }) => !from.startsWith("links/") && !from.includes(":"));
}

async function listSources(): Promise<string[]> {
  const files: string[] = [];
  const visit = async (dir: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(dir, ROOT))) {
      if (isDirectory) await visit(`${dir}${name}/`);
      else if (/\.[cm]?[jt]sx?$/.test(name)) files.push(`${dir}${name}`);
    }
  };
  await visit("src/");
  return files.sort();
}

const [imports, sources] = await Promise.all([
  Promise.all(ENTRIES.map(readImports)).then((lists) => [
    ...new Map(lists.flat().map((one) => [`${one.from} ${one.to} ${one.isType}`, one])).values(),
  ]),
  listSources(),
]);

function partOf(file: string): string {
  const [top, folder, ...rest] = file.split("/");
  if (top !== "src") return file;
  if (folder === "sandbox" && rest[0] === "bootstrap") return "bootstrap";
  if (folder === "sdk" && rest[0] === "testing") return "testing";
  return folder!.replace(/\.ts$/, "");
}

/** Imports that the table does not have. */
function findForbidden(imports: readonly Import[]): string[] {
  return imports.filter(({ from, to, isType }) => {
    if (!to.startsWith("src/") || partOf(from) === partOf(to)) return false;
    const allowed = MAY_IMPORT[partOf(from)] ?? [];
    const isAside = ["sdk", "testing", "bootstrap", "errors", "internal"].includes(partOf(from));
    const names = [partOf(to), to.slice("src/".length)].flatMap((name) =>
      isType ? [name, `${name}:types`] : [name]
    );
    return !names.some((name) => allowed.includes(name) || (!isAside && BOTTOM.includes(name)));
  }).map(({ from, to }) => `${from} imports ${to}`);
}

function findFileCycles(imports: readonly Import[]): string[][] {
  const within = imports.filter(({ to }) => /^(src\/|mod\.ts|cli\.ts)/.test(to));
  return findCycles([...new Set(within.flatMap(({ from, to }) => [from, to]))], within);
}

/** What is loaded at run time from an entry on, or also what is read for its types. */
function closureOf(entry: string, imports: readonly Import[], { types = false } = {}): string[] {
  const closure = new Set([entry]);
  for (const file of closure) {
    for (const { from, to, isType } of imports) if (from === file && (types || !isType)) closure.add(to);
  }
  return [...closure].sort();
}

Deno.test("Imports go where the layers allow, types included", () => {
  assert(imports.length > 100);
  assertEquals(imports.map(({ from }) => partOf(from)).filter((part) => !(part in MAY_IMPORT)), []);
  assertEquals(findForbidden(imports).filter((found) => !EXCEPTIONS.includes(found)), []);
  assertEquals(EXCEPTIONS.filter((exception) => !findForbidden(imports).includes(exception)), []);
});

Deno.test("The table of layers has no cycle, and names known parts and files", () => {
  const edges = Object.entries(MAY_IMPORT).flatMap(([from, targets]) =>
    [...targets, ...BOTTOM].map((target) => ({ from, to: target.replace(/:types$/, "").split("/")[0]! }))
  ).filter(({ from, to }) => !BOTTOM.includes(from) && from !== to);
  assertEquals(edges.filter(({ to }) => !(to in MAY_IMPORT)), []);
  assertEquals(findCycles(Object.keys(MAY_IMPORT), edges), []);
  const files = Object.values(MAY_IMPORT).flat().filter((name) => name.includes("/")).map((name) =>
    `src/${name.replace(/:types$/, "")}`
  );
  assertEquals(files.filter((file) => !sources.includes(file)), []);
});

Deno.test("The layers' rule finds an import upward, a value where types are allowed, and another file", () => {
  const find = (from: string, to: string, isType = false) =>
    findForbidden([{ from, to, isType }]).length === 1;
  assert(find("src/rpc/peer.ts", "src/lifecycle/state.ts", true));
  assert(find("src/permissions/parse.ts", "src/manifest/parse.ts"));
  assert(find("src/bus/topic.ts", "src/rpc/peer.ts"));
  assert(find("src/internal/hash.ts", "src/errors.ts"));
  assert(find("src/sdk/mod.ts", "src/rpc/message.ts"));
  assert(find("src/sdk/mod.ts", "src/rpc/peer.ts", true));
  assert(find("src/sdk/mod.ts", "src/internal/hash.ts"));
  assert(find("src/sdk/mod.ts", "src/sdk/testing/mod.ts", true));
  assert(find("src/sdk/testing/mod.ts", "src/lifecycle/runner.ts"));
  assert(find("src/sdk/testing/mod.ts", "src/store/log_store.ts"));
  assert(find("src/sandbox/bootstrap/main.ts", "src/sandbox/sandbox.ts", true));
  assert(find("src/sandbox/process_sandbox.ts", "src/sandbox/bootstrap/main.ts"));
  assert(find("src/cli/main.ts", "src/lifecycle/runner.ts"));
  assert(find("src/unknown/x.ts", "src/store/journal.ts"));
  assert(!find("src/bus/topic.ts", "src/rpc/peer.ts", true));
  assert(!find("src/sdk/mod.ts", "src/rpc/message.ts", true));
  assert(!find("src/manifest/parse.ts", "src/permissions/parse.ts"));
  assert(!find("src/store/journal.ts", "src/internal/hash.ts"));
});

Deno.test("No files import each other in a circle, types included", () => {
  assertEquals(findFileCycles(imports), []);
  const circle = [["src/a.ts", "src/b.ts"], ["src/b.ts", "src/c.ts"], ["src/c.ts", "src/a.ts"]];
  assertEquals(
    findFileCycles(circle.map(([from, to]) => ({ from: from!, to: to!, isType: true }))).length,
    1,
  );
});

Deno.test("The bootstrap loads what is listed here by name and nothing else", () => {
  const entry = "src/sandbox/bootstrap/main.ts";
  assertEquals(closureOf(entry, imports), BOOTSTRAP_CLOSURE);
  const inWorker = closureOf("src/sandbox/bootstrap/worker_main.ts", imports);
  assertEquals(inWorker.filter((file) => !BOOTSTRAP_CLOSURE.includes(file)), WORKER_CLOSURE);
  const more = [...imports, { from: "src/rpc/peer.ts", to: "node:fs", isType: false }];
  assert(closureOf(entry, more).includes("node:fs"));
});

Deno.test("The testing kit loads nothing that opens databases, starts processes or listens", () => {
  const closure = closureOf("src/sdk/testing/mod.ts", imports);
  const reachesOutside = RULES.filter(({ name }) =>
    ["opens a database", "starts a process", "calls native code", "listens"].includes(name)
  );
  assertEquals(reachesOutside.length, 4);
  assertEquals(closure.filter((file) => reachesOutside.some(({ allowed }) => allowed.includes(file))), []);
  assertEquals(closure.filter((file) => file.startsWith("node:")), []);
});

Deno.test("The testing kit needs no package but those that a scaffolded plugin maps, types included", () => {
  const graph = closureOf("src/sdk/testing/mod.ts", imports, { types: true });
  const packages = graph.filter((file) => !file.startsWith("src/")).map((file) =>
    file.replace(/^links\/(\w+)\/.*/, "@std/$1").replace(/^npm:(\w+)@.*/, "$1")
  );
  assertEquals(packages.filter((name) => !KIT_NEEDS.includes(name)), []);
});

Deno.test("Every source file is used by something that is exported or run", () => {
  const used = new Set([...ENTRIES, ...imports.flatMap(({ from, to }) => [from, to])]);
  assertEquals(sources.filter((file) => !used.has(file)), []);
});

/** Something that only some files may do. */
interface Rule {
  /** What it is. */
  readonly name: string;
  /** Selectors of the syntax that does it. */
  readonly selectors: readonly string[];
  /** Files or folders that may. */
  readonly allowed: readonly string[];
  /** Folders it is about; by default all of src. */
  readonly within?: readonly string[];
  /** Made-up code, each line of which is found. */
  readonly samples: readonly string[];
}

/** Selectors of `Deno.name` in each of the ways to write it. */
function usesOfDeno(...names: string[]): string[] {
  const pattern = `/^(${names.join("|")})$/`;
  return [
    `MemberExpression[object.name="Deno"][property.name=${pattern}]`,
    `MemberExpression[object.name="Deno"][property.value=${pattern}]`,
    `VariableDeclarator[init.name="Deno"] > ObjectPattern > Property[key.name=${pattern}]`,
  ];
}

function importsOf(...names: string[]): string[] {
  const pattern = `/^node:(${names.join("|")})$/`;
  return [
    `ImportDeclaration[source.value=${pattern}]`,
    `ImportExpression[source.value=${pattern}]`,
    `ExportNamedDeclaration[source.value=${pattern}]`,
    `ExportAllDeclaration[source.value=${pattern}]`,
  ];
}

const RULES: readonly Rule[] = [
  {
    name: "opens a database",
    selectors: importsOf("sqlite"),
    allowed: ["src/store/database.ts"],
    samples: [
      'import { DatabaseSync } from "node:sqlite";',
      'const { DatabaseSync } = await import("node:sqlite");',
      'export { DatabaseSync } from "node:sqlite";',
      'export * from "node:sqlite";',
    ],
  },
  {
    name: "starts a process",
    selectors: [
      ...usesOfDeno("Command", "spawn", "run", "spawnAndWait"),
      ...importsOf("child_process", "cluster"),
    ],
    allowed: [
      "src/sandbox/plugin_process.ts",
      "src/sandbox/launcher.ts",
      "src/installer/deno_tool.ts",
      // It asks what would be handed on to a process, and starts none.
      "src/sandbox/worker_support.ts",
    ],
    samples: [
      'new Deno.Command("sh");',
      'new Deno["Command"]("sh");',
      "const { Command } = Deno;",
      'import { spawn } from "node:child_process";',
    ],
  },
  {
    name: "calls native code",
    selectors: usesOfDeno(
      "dlopen",
      "UnsafePointer",
      "UnsafePointerView",
      "UnsafeCallback",
      "UnsafeFnPointer",
    ),
    allowed: ["src/sandbox/kernel/libc.ts"],
    samples: ['Deno.dlopen("libc.so.6", {});', "const { dlopen } = Deno;"],
  },
  {
    name: "prints",
    selectors: ['Identifier[name="console"]', ...usesOfDeno("stdout", "stderr"), ...importsOf("console")],
    allowed: [
      "src/cli/output.ts",
      "src/sandbox/kernel/launcher_main.ts",
      "src/sandbox/bootstrap/connection.ts",
      "src/sandbox/bootstrap/worker_output.ts",
    ],
    samples: [
      "console.log(1);",
      "Deno.stdout.writeSync(bytes);",
      "const { stderr } = Deno;",
      "globalThis.console.log(1);",
    ],
  },
  {
    name: "listens",
    selectors: [
      ...usesOfDeno("listen", "listenTls", "listenDatagram", "serve"),
      ...importsOf("net", "http", "http2", "https", "tls", "dgram"),
    ],
    allowed: [
      "src/control/server.ts",
      "src/web/server.ts",
      "src/sandbox/process_sandbox.ts",
      "src/sandbox/permission_broker.ts",
    ],
    samples: [
      "Deno.listen({ port: 0 });",
      "Deno.serve(() => new Response());",
      'import { createServer } from "node:http";',
    ],
  },
  {
    name: "reaches outside from a pure part",
    selectors: [
      "Identifier[name=/^(Deno|fetch|Date|performance|setTimeout|setInterval|crypto|process)$/]",
      'MemberExpression[object.name="Math"][property.name="random"]',
      "ImportDeclaration[source.value=/^node:/]",
    ],
    allowed: [],
    within: ["src/permissions/", "src/manifest/", "src/solver/", "src/contracts/"],
    samples: [
      "Deno.cwd();",
      "fetch(url);",
      "new Date();",
      "performance.now();",
      "Math.random();",
      'import fs from "node:fs";',
    ],
  },
  {
    name: "exports a default",
    selectors: ["ExportDefaultDeclaration", 'ExportSpecifier[exported.name="default"]'],
    allowed: [],
    samples: ["export default 1;", "export { x as default };"],
  },
  {
    name: "declares an enum or a namespace",
    selectors: ["TSEnumDeclaration", "TSModuleDeclaration"],
    allowed: [],
    samples: ["enum Colour { Red }", "const enum Colour { Red }", "namespace Colours {}"],
  },
  {
    name: "says private instead of #",
    selectors: ["[accessibility=/^(private|protected)$/]", "TSParameterProperty"],
    allowed: [],
    samples: [
      "class A { private a = 1; }",
      "class B { private b() {} }",
      "class C { protected c = 1; }",
      "class D { constructor(private readonly d: string) {} }",
    ],
  },
];

/** Lines on which a text breaks a rule. Reads its syntax: comments and texts inside it say nothing. */
function findBreaches({ name, selectors }: Rule, text: string): number[] {
  const found: number[] = [];
  const report = (node: Deno.lint.Node) => found.push(text.slice(0, node.range[0]).split("\n").length);
  const visitor = Object.fromEntries(selectors.map((selector) => [selector, report]));
  const rule: Deno.lint.Rule = { create: () => visitor };
  Deno.lint.runPlugin(
    { name: "architecture", rules: { [name.replaceAll(/[^a-z]/g, "-")]: rule } },
    "source.ts",
    text,
  );
  return [...new Set(found)].sort((a, b) => a - b);
}

for (const rule of RULES) {
  Deno.test(`Nothing in src ${rule.name}, but where it is allowed`, async () => {
    const { within = ["src/"], allowed } = rule;
    const concerned = sources.filter((file) =>
      !GENERATED.includes(file) && !allowed.includes(file) && within.some((folder) => file.startsWith(folder))
    );
    assert(concerned.length > 0);
    const breaches: string[] = [];
    for (const file of concerned) {
      const lines = findBreaches(rule, await Deno.readTextFile(new URL(file, ROOT)));
      breaches.push(...lines.map((line) => `${file}:${line} ${rule.name}`));
    }
    assertEquals(breaches, []);
  });

  Deno.test(`The rule for what ${rule.name} finds made-up code, and passes over comments and texts`, () => {
    const lines = rule.samples.map((_, index) => index + 1);
    assertEquals(findBreaches(rule, rule.samples.join("\n")), lines);
    const quiet = rule.samples.flatMap((
      sample,
    ) => [`// ${sample}`, `/* ${sample} */`, `f(${JSON.stringify(sample)}, \`${sample}\`);`]);
    assertEquals(findBreaches(rule, quiet.join("\n")), []);
  });
}

/** What is wrong with a file's name or length. */
function findFaults(file: string, text: string): string[] {
  const name = file.split("/").at(-1)!;
  return [
    ...(!GENERATED.includes(file) && text.trimEnd().split("\n").length > 300
      ? [`${file} has more than 300 lines`]
      : []),
    ...(/^(index|utils?|helpers?|common|types|manager|misc)\.[a-z]+$/.test(name)
      ? [`${file} says nothing by its name`]
      : []),
    ...(/^[a-z][a-z0-9]*(_[a-z0-9]+)*\.ts$/.test(name) ? [] : [`${file} is not in snake_case`]),
  ];
}

Deno.test("Files have 300 lines at most, and names that say what they hold", async () => {
  const faults: string[] = [];
  for (const file of sources.filter((file) => !file.startsWith("src/web/ui/"))) {
    faults.push(...findFaults(file, await Deno.readTextFile(new URL(file, ROOT))));
  }
  assertEquals(faults, []);
  assertEquals(findFaults("src/a/long.ts", "x\n".repeat(301)).length, 1);
  assertEquals(findFaults("src/a/short.ts", "x\n".repeat(300)), []);
  for (
    const name of [
      "index.ts",
      "utils.ts",
      "helpers.ts",
      "common.ts",
      "types.ts",
      "manager.ts",
      "PluginHost.ts",
      "plugin-host.ts",
    ]
  ) {
    assertEquals(findFaults(`src/a/${name}`, "").length, 1, name);
  }
});

Deno.test("The tests run with their sanitizers on, which are off unless deno.json says so", () => {
  assertEquals([config.test.sanitizeOps, config.test.sanitizeResources], [true, true]);
});
