import { assertEquals, assertMatch } from "@std/assert";
import { type ExplainFacts, explainPlugin } from "../../src/lifecycle/explain.ts";
import type { CrashReport } from "../../src/lifecycle/crashes/crash_report.ts";
import type { PluginInfo } from "../../src/lifecycle/plugin_summary.ts";
import type { JournalEvent } from "../../src/store/journal.ts";
import { manifestText, openFixtures, writePlugin } from "../fixtures/start_host.ts";

const TIME = "2026-01-02T03:04:05.000Z";

/** A plugin in some state; everything else is as it is without news. */
function plugin(state: PluginInfo["state"], more: Partial<PluginInfo> = {}): PluginInfo {
  return {
    id: "acme.a",
    version: "1.0.0",
    state,
    problems: [],
    limits: [],
    requests: [],
    methods: [],
    notes: [],
    message: undefined,
    hint: undefined,
    manifest: { permissions: [], health: { maxRestarts: { count: 5, periodMs: 600_000 } } },
    ...more,
  } as unknown as PluginInfo;
}

/** Events as the journal has them. */
function events(
  ...list: readonly (readonly [type: string, facts: Record<string, unknown>])[]
): JournalEvent[] {
  return list.map(([type, facts], index) => ({ seq: index + 1, time: TIME, type, id: "acme.a", facts }));
}

function explain(info: PluginInfo, more: Partial<ExplainFacts> = {}) {
  return explainPlugin({ plugin: info, plugins: [info], edges: [], events: [], crashes: [], ...more });
}

Deno.test("explainPlugin() names the plugin behind it all, and what would change that", () => {
  const a = plugin("blocked", { reason: "dependency", message: "it needs acme.b" });
  const b = plugin("blocked", { id: "acme.b", reason: "dependency" });
  const c = plugin("blocked", { id: "acme.c", message: "waits for consent", hint: "cordon grant acme.c" });
  const edge = (from: string, to: string, optional = false) => ({ from, to, optional, label: "^1" });
  const found = explain(a, {
    plugins: [a, b, c],
    edges: [
      edge("acme.a", "acme.b"),
      edge("acme.b", "acme.c"),
      edge("acme.c", "acme.a"),
      edge("acme.a", "acme.d", true),
    ],
  });
  assertEquals(found.chain.map(({ id }) => id), ["acme.b", "acme.c"]);
  assertEquals(
    found.evidence[0],
    'waits for "acme.b", which waits for "acme.c", which is blocked: waits for consent',
  );
  assertEquals(found.remedy, "cordon grant acme.c");
});

Deno.test("explainPlugin() tells when and why a plugin is started again, and when it was given up", () => {
  const backoff = explain(plugin("backoff"), {
    events: events(
      ["plugin.backoff", { attempt: 2, delayMs: 1_000, reason: "an older one" }],
      ["plugin.backoff", { attempt: 3, delayMs: 5_000, reason: "it ended by itself" }],
      ["plugin.state", { from: "running", to: "backoff" }],
    ),
  });
  assertEquals(backoff.evidence, [
    "is started again: attempt 3 of 5 follows 2026-01-02T03:04:10.000Z: it ended by itself",
  ]);
  assertEquals([backoff.since, backoff.remedy], [TIME, "cordon start acme.a"]);
  const gaveUp = ["plugin.gave_up", { restarts: 5, reason: "5 restarts in 10 min" }] as const;
  const running = ["plugin.state", { from: "starting", to: "running" }] as const;
  assertEquals(explain(plugin("failed"), { events: events(running, gaveUp) }).evidence, [
    `was given up ${TIME} after 5 restarts: 5 restarts in 10 min`,
  ]);
  assertEquals(explain(plugin("failed"), { events: events(gaveUp, running) }).evidence, []);
});

Deno.test("explainPlugin() tells what is known against a plugin's health", () => {
  const found = explain(plugin("degraded"), {
    events: events(
      ["plugin.health", { status: "failing", source: "report", reason: "of the run before" }],
      ["plugin.state", { from: "stopped", to: "starting" }],
      ["plugin.health", { status: "degraded", source: "lag", reason: "its event loop is 400 ms behind" }],
      ["plugin.health", { status: "degraded", source: "errors", reason: "half of its calls fail" }],
      ["plugin.health", { status: "ok", source: "errors" }],
    ),
  });
  assertEquals(found.evidence, [
    `is degraded since ${TIME} by its lag: its event loop is 400 ms behind`,
  ]);
  assertEquals(found.remedy, "cordon restart acme.a");
});

Deno.test("explainPlugin() tells of reloads and of versions that were taken back", () => {
  const failed = explain(plugin("running", { pid: 1, tier: "os" }), {
    events: events(
      ["plugin.reloaded", { from: "1.0.0", to: "1.1.0", holdMs: 3.6 }],
      ["plugin.reload_failed", { step: "state", reason: "importState threw", files: ["main.ts"] }],
      ["plugin.rolled_back", { from: "1.1.0", to: "1.0.0", reason: "it crashed twice" }],
    ),
  });
  assertEquals(failed.evidence, [
    `a reload failed ${TIME} at the step "state": importState threw (changed: main.ts)`,
    `went back from 1.1.0 to 1.0.0 ${TIME}: it crashed twice`,
  ]);
  const done = explain(plugin("running"), {
    events: events(["plugin.reloaded", { from: "1.0.0", to: "1.1.0", holdMs: 3.6 }]),
  });
  assertEquals(done.evidence, [`was reloaded ${TIME} from 1.0.0 to 1.1.0; calls were held for 4 ms`]);
  const now = explain(plugin("reloading"), { events: events(["plugin.reload_step", { step: "drain" }]) });
  assertEquals(now.evidence, [`is reloading: at the step "drain" since ${TIME}`]);
});

Deno.test("explainPlugin() takes events that lack facts", () => {
  const bare = events(
    ["plugin.backoff", {}],
    ["plugin.gave_up", {}],
    ["plugin.health", {}],
    ["plugin.reloaded", {}],
    ["plugin.reload_failed", { files: "x", step: 3 }],
    ["plugin.rolled_back", {}],
  );
  assertEquals(explain(plugin("backoff"), { events: bare }).evidence, [
    "is started again: the next attempt follows",
    `a reload failed ${TIME} at the step "3"`,
    `went back ${TIME}`,
  ]);
  assertEquals(explain(plugin("degraded"), { events: bare }).evidence.length, 2);
  assertEquals(explain(plugin("reloading"), { events: bare }).evidence.length, 2);
});

Deno.test("explainPlugin() tells of the last crash", () => {
  const crash = {
    id: "acme.a",
    time: TIME,
    message: '"acme.a" ended by itself with code 1',
    error: { message: "TypeError: no\nmore", stack: [], at: { file: "main.ts", line: 3, column: 7 } },
  } as unknown as CrashReport;
  const { crash: told, evidence } = explain(plugin("failed"), { crashes: [crash] });
  assertEquals(told, { time: TIME, summary: "TypeError: no (main.ts:3:7)" });
  assertEquals(evidence, [
    `crashed ${TIME}: TypeError: no (main.ts:3:7) (cordon crashes acme.a --last)`,
  ]);
});

Deno.test("explainPlugin() finds what a plugin of a real host waits for", async () => {
  const needs = (id: string) => `[requires]\n"local.${id}" = "^1"\n`;
  const quiet = { "main.ts": "export function activate() {}" };
  await using a = await writePlugin({ "plugin.toml": manifestText("local.a", needs("b")), ...quiet });
  await using b = await writePlugin({ "plugin.toml": manifestText("local.b", needs("c")), ...quiet });
  await using c = await writePlugin({
    "plugin.toml": manifestText("local.c"),
    "main.ts": `export function activate() { throw new Error("no luck"); }`,
  });
  await using opened = await openFixtures([], { plugins: [a.dir, b.dir, c.dir] });
  const { host } = opened;
  await host.start();
  const found = explainPlugin({
    plugin: host.info("local.a"),
    plugins: host.list(),
    edges: host.graph.edges,
    events: host.journal.list({ id: "local.a" }),
    crashes: host.crashes("local.a"),
  });
  assertEquals(found.chain.map(({ id, state }) => `${id} ${state}`), ["local.b blocked", "local.c failed"]);
  assertMatch(found.evidence.join("\n"), /which is failed: Cannot start "local\.c": Error: no luck/);
});
