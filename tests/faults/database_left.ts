/**
 * The database as a killed host left it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { openDatabase } from "../../src/store/database.ts";
import { PluginStore } from "../../src/store/plugin_store.ts";
import { ProcessStore } from "../../src/store/process_store.ts";

/** Whether it is sound and holds every entry of the journal up to one that was acknowledged. */
export function assertKept(data: string, kept: number): void {
  const { database, movedTo } = openDatabase(`${data}/cordon.db`);
  using open = database;
  assertEquals(movedTo, undefined, "the database was damaged");
  assertEquals(open.get("PRAGMA integrity_check"), { integrity_check: "ok" });
  const count = open.get<{ count: number }>("SELECT count(*) AS count FROM journal WHERE seq <= ?", kept);
  assertEquals(count?.count, kept, "entries that were acknowledged are lost");
}

/** Where it says the plugins stand. */
export function readStates(data: string): { id: string; state: string; pid: number | undefined }[] {
  using database = openDatabase(`${data}/cordon.db`).database;
  return new PluginStore(database).list().map(({ id, state, pid }) => ({ id, state, pid }));
}

/** The processes that it says plugins have. */
export function readProcesses(data: string): { plugin: string; pid: number }[] {
  using database = openDatabase(`${data}/cordon.db`).database;
  return new ProcessStore(database).list().map(({ plugin, pid }) => ({ plugin, pid }));
}
