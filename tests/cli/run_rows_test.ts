import { assert, assertEquals, assertMatch } from "@std/assert";
import { countStates, formatLive, type LivePlugin } from "../../src/cli/run_rows.ts";

const NOW = Date.parse("2026-01-02T03:04:05Z");

function plugin(id: string, state: LivePlugin["state"], more: Partial<LivePlugin> = {}): LivePlugin {
  return {
    id,
    version: "1.0.0",
    state,
    since: new Date(NOW - 65_000).toISOString(),
    restarts: 0,
    message: undefined,
    ...more,
  } as LivePlugin;
}

function format(plugins: readonly LivePlugin[], { width = 80, maxLines = 20 } = {}): string[] {
  return formatLive(plugins, { output: { width, style: (_, text) => text }, now: NOW, maxLines });
}

Deno.test("formatLive() shows state, since when, restarts and the last message, in the width there is", () => {
  const plugins = [
    plugin("acme.a", "running"),
    plugin("acme.b", "backoff", { restarts: 3, message: `broken \x1b[31m\n${"x".repeat(200)}` }),
    plugin("acme.c", "starting", { doing: "bundles npm:x" }),
  ];
  const lines = format(plugins);
  assertMatch(lines[0]!, /^PLUGIN +VERSION +STATE +SINCE +RESTARTS +LAST$/);
  assertMatch(lines[1]!, /^acme\.a +1\.0\.0 +running +1 min +0$/);
  assertMatch(lines[2]!, /^acme\.b +1\.0\.0 +backoff +1 min +3 +broken \ufffd\[31m x+…$/);
  assertMatch(lines[3]!, /starting +1 min +0 +bundles npm:x$/);
  assert(lines.every((line) => line.length < 80));
});

Deno.test("formatLive() shows what needs attention first where there is no room for all", () => {
  const many = Array.from({ length: 50 }, (_, index) => plugin(`acme.p${index}`, "running"));
  const lines = format([...many, plugin("acme.bad", "failed"), plugin("acme.new", "starting")], {
    maxLines: 6,
  });
  assertEquals(lines.map((line) => line.split(" ")[0]), [
    "PLUGIN",
    "acme.new",
    "acme.bad",
    "acme.p0",
    "acme.p1",
    "…",
  ]);
  assertEquals(lines.at(-1), "… 48 more");
});

Deno.test("countStates() counts those that serve, and the others by state", () => {
  const plugins = [
    plugin("a", "running"),
    plugin("b", "degraded"),
    plugin("c", "starting"),
    plugin("d", "ready"),
    plugin("e", "ready"),
  ];
  assertEquals(countStates(plugins), "2 of 5 plugins run, 1 starting, 2 ready");
});
