import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { CatalogueEntry } from "../../src/lifecycle/catalogue_entry.ts";
import { type PluginEntry, PluginTable } from "../../src/lifecycle/plugin_table.ts";
import type { BlockReason, PluginState } from "../../src/lifecycle/state.ts";
import { parseManifest } from "../../src/manifest/parse.ts";
import { Registry } from "../../src/lifecycle/registry.ts";
import { openMemoryDatabase } from "../../src/store/database.ts";
import type { Journal } from "../../src/store/journal.ts";

function find(id: string): CatalogueEntry {
  const manifest = parseManifest(
    `schema = 1\n[plugin]\nid = "${id}"\nversion = "1.0.0"\nmain = "main.ts"\n`,
    "plugin.toml",
  );
  return {
    found: { id, dir: `/plugins/${id}`, manifest, problems: [] },
    report: undefined,
    files: undefined,
  };
}

function broken(name: string): CatalogueEntry {
  const problems = [{ message: "is broken" }];
  return {
    found: { id: name, dir: `/plugins/${name}`, manifest: undefined, problems },
    report: undefined,
    files: undefined,
  };
}

function createTable(): { table: PluginTable; journal: Journal } {
  const registry = new Registry(openMemoryDatabase());
  return { table: new PluginTable(registry), journal: registry.journal };
}

function moveAlong(table: PluginTable, entry: PluginEntry, ...states: PluginState[]): void {
  for (const state of states) table.move(entry, state);
}

Deno.test("PluginTable lists plugins by id, those without a manifest too", () => {
  const { table } = createTable();
  const added = ["b.b", "a.c", "a.b"].map((id) => table.add(find(id)));
  const unnamed = table.add(broken("a.z"));
  assertEquals(table.list().map(({ id }) => id), ["a.b", "a.c", "a.z", "b.b"]);
  assertStrictEquals(table.find("a.c"), added[1]);
  assertStrictEquals(table.find("a.z"), unnamed);
  assertStrictEquals(table.find("toString"), undefined);
  assertEquals([unnamed.state, unnamed.problems], ["discovered", [{ message: "is broken" }]]);
});

Deno.test("PluginTable.find() prefers a plugin with a manifest to a folder of the same name", () => {
  const { table } = createTable();
  table.add(broken("a.b"));
  const named = table.add(find("a.b"));
  assertStrictEquals(table.find("a.b"), named);
  assertStrictEquals(table.list().length, 2);
});

Deno.test("PluginTable.move() tells the journal of each move, with its detail", () => {
  const { table, journal } = createTable();
  const entry = table.add(find("a.b"));
  table.move(entry, "blocked", { reason: "consent", message: "Nobody granted it", hint: "Grant it" });
  table.move(entry, "ready");
  assertEquals(journal.list().map(({ type, id, facts }) => ({ type, id, facts })), [
    {
      type: "plugin.state",
      id: "a.b",
      facts: {
        from: "discovered",
        to: "blocked",
        reason: "consent",
        message: "Nobody granted it",
        hint: "Grant it",
      },
    },
    { type: "plugin.state", id: "a.b", facts: { from: "blocked", to: "ready" } },
  ]);
  assertEquals([entry.state, entry.detail], ["ready", {}]);
});

Deno.test("PluginTable.move() refuses a move that is not in the table, and changes nothing", () => {
  const { table, journal } = createTable();
  const entry = table.add(find("a.b"));
  assertThrows(
    () => table.move(entry, "running"),
    RangeError,
    'Cannot move "a.b" from discovered to running',
  );
  assertEquals([entry.state, journal.list().length], ["discovered", 0]);
});

Deno.test("PluginTable.move() takes a plugin through start, stop, failure and start again", () => {
  const { table, journal } = createTable();
  const entry = table.add(find("a.b"));
  moveAlong(table, entry, "ready", "starting", "running", "stopping", "stopped", "starting", "running");
  moveAlong(table, entry, "backoff", "starting", "failed", "starting", "running", "reloading", "running");
  moveAlong(
    table,
    entry,
    "degraded",
    "running",
    "stopping",
    "stopped",
    "discovered",
    "invalid",
    "discovered",
    "ready",
  );
  assertStrictEquals(entry.state, "ready");
  const moves = journal.list().map(({ facts }) => facts as { from: string; to: string });
  for (const [index, { from }] of moves.entries()) {
    assertStrictEquals(from, index === 0 ? "discovered" : moves[index - 1]!.to);
  }
});

Deno.test("PluginTable.refusal() says by its code why a plugin cannot be had", () => {
  const refuse = (path: PluginState[], reason?: BlockReason) => {
    const { table } = createTable();
    const entry = table.add(find("a.b"));
    for (const [index, state] of path.entries()) {
      table.move(
        entry,
        state,
        index === path.length - 1 && reason !== undefined ? { reason, message: "Cannot", hint: "Do" } : {},
      );
    }
    return table.refusal(entry);
  };
  const codes: Record<BlockReason, string> = {
    consent: "consent",
    policy: "policy",
    dependency: "dependency",
    conflict: "conflict",
    variable: "invalid_input",
    rejected: "rejected",
  };
  for (const [reason, code] of Object.entries(codes)) {
    const error = refuse(["blocked"], reason as BlockReason);
    assertEquals([error.code, error.message, error.hint], [code, "Cannot", "Do"]);
    assertEquals(error.facts, { id: "a.b", state: "blocked" });
  }
  assertStrictEquals(refuse(["invalid"]).code, "invalid_plugin");
  assertStrictEquals(refuse(["ready", "starting", "failed"]).code, "start_failed");
  assertStrictEquals(refuse(["ready", "starting", "stopping", "stopped"]).code, "not_running");
  assertStrictEquals(refuse(["ready", "starting", "backoff"]).code, "plugin_down");
  assertStringIncludes(refuse(["ready"]).message, 'Cannot use "a.b": it is ready');
});

Deno.test("PluginTable.remove() forgets a plugin and tells the journal, with or without a manifest", () => {
  const { table, journal } = createTable();
  const [first, second] = [table.add(broken("a.b")), table.add(broken("a.b"))];
  const named = table.add(find("a.b"));
  table.remove(second);
  assertEquals(table.list().length, 2);
  assertStrictEquals(table.find("a.b"), named);
  table.remove(named);
  assertStrictEquals(table.find("a.b"), first);
  assertEquals(journal.list().map(({ type, id, facts }) => ({ type, id, facts })), [
    { type: "plugin.removed", id: "a.b", facts: { dir: "/plugins/a.b" } },
    { type: "plugin.removed", id: "a.b", facts: { dir: "/plugins/a.b" } },
  ]);
});

Deno.test("PluginTable.remove() refuses a plugin that is about to run", () => {
  const { table } = createTable();
  const entry = table.add(find("a.b"));
  entry.starting = Promise.resolve();
  assertThrows(() => table.remove(entry), RangeError, 'Cannot remove "a.b": it is discovered');
});
