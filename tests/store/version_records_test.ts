import { assertEquals } from "@std/assert";
import { openMemoryDatabase } from "../../src/store/database.ts";
import { VersionRecords } from "../../src/store/version_records.ts";

const ID = "acme.geo";

Deno.test("VersionRecords lists the versions of a plugin, the one that ran last first", () => {
  using database = openMemoryDatabase();
  const records = new VersionRecords(database);
  const hashes = () => records.list(ID).map(({ hash }) => hash);
  for (const hash of ["a", "b", "c"]) records.put({ id: ID, hash, version: "1.0.0", bytes: 10 });
  records.put({ id: "acme.other", hash: "z", version: "1.0.0", bytes: 1 });
  assertEquals(hashes(), ["c", "b", "a"]);
  records.noteRun(ID, "a");
  records.noteRun(ID, "a");
  records.noteRun(ID, "none");
  assertEquals(hashes(), ["a", "c", "b"]);
  records.put({ id: ID, hash: "d", version: "2.0.0", bytes: 10 });
  assertEquals(hashes(), ["d", "a", "c", "b"]);
  records.remove(ID, "a");
  assertEquals(hashes(), ["d", "c", "b"]);
});

Deno.test("VersionRecords keeps verdicts, and the state of a version until it is rejected", () => {
  using database = openMemoryDatabase();
  const records = new VersionRecords(database);
  records.put({ id: ID, hash: "a", version: "1.0.0", bytes: 10 });
  assertEquals([records.get(ID, "a")?.verdict, records.state(ID, "a")], ["trial", undefined]);
  records.markGood(ID, "a");
  records.putState(ID, "a", new Uint8Array([1, 2, 3]));
  records.putState(ID, "none", new Uint8Array([1]));
  const { kept, ...record } = records.get(ID, "a")!;
  assertEquals(typeof kept, "string");
  assertEquals(record, {
    id: ID,
    hash: "a",
    version: "1.0.0",
    verdict: "good",
    reason: undefined,
    successor: undefined,
    bytes: 10,
    stateBytes: 3,
  });
  assertEquals(records.state(ID, "a"), new Uint8Array([1, 2, 3]));
  // What is kept already stays what it is.
  records.put({ id: ID, hash: "a", version: "1.0.0", bytes: 10 });
  assertEquals(records.get(ID, "a")?.verdict, "good");

  records.reject({ id: ID, hash: "a", version: "1.0.0", reason: "it crashed", successor: "b" });
  const rejected = records.get(ID, "a")!;
  assertEquals([rejected.verdict, rejected.reason, rejected.successor], ["rejected", "it crashed", "b"]);
  assertEquals([rejected.bytes, rejected.stateBytes, records.state(ID, "a")], [0, undefined, undefined]);
});

Deno.test("VersionRecords remembers 50 rejected versions of a plugin, the latest", () => {
  using database = openMemoryDatabase();
  const records = new VersionRecords(database);
  records.put({ id: ID, hash: "good", version: "1.0.0", bytes: 10 });
  for (let turn = 0; turn < 60; turn++) {
    records.reject({ id: ID, hash: `h${turn}`, version: "1.1.0", reason: "it crashed", successor: "good" });
  }
  const hashes = records.list(ID).map(({ hash }) => hash);
  assertEquals([hashes.length, hashes[0], hashes[49], hashes[50]], [51, "h59", "h10", "good"]);
});
