import { assertEquals, assertThrows } from "@std/assert";
import { CordonError } from "../../src/errors.ts";
import { openMemoryDatabase } from "../../src/store/database.ts";
import { Journal } from "../../src/store/journal.ts";
import { OwedWrites } from "../../src/store/owed_writes.ts";

/** A journal whose writes fail for as long as the disk is full. */
function openWrites() {
  const database = openMemoryDatabase();
  const journal = new Journal(database);
  const notices: string[] = [];
  const disk = { isFull: false };
  const writes = new OwedWrites({ database, journal, onNotice: (message) => notices.push(message) });
  const note = (type: string) =>
    writes.keep(() => {
      journal.append(type, {});
      if (disk.isFull) throw new CordonError("not_writable", "Cannot write the database: it is full");
    });
  const types = () => journal.list().map(({ type }) => type);
  return {
    database,
    journal,
    notices,
    disk,
    writes,
    note,
    types,
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}

Deno.test("OwedWrites.keep() owes what cannot be written, in order, and says so once", () => {
  using test = openWrites();
  test.note("first");
  test.disk.isFull = true;
  test.note("second");
  test.note("third");
  assertEquals([test.types(), test.journal.lastSeq], [["first"], 1]);
  assertEquals(test.notices.length, 1);
  assertThrows(() => test.writes.settle(), CordonError, "full");
  test.disk.isFull = false;
  test.writes.settle();
  assertEquals(test.types(), ["first", "second", "third"]);
  assertEquals(test.notices.at(-1), "What happens to plugins is kept again");
});

Deno.test("OwedWrites.keep() hands on a failure that will not pass, and owes nothing of it", () => {
  using test = openWrites();
  const broken = () => {
    throw new TypeError("broken");
  };
  assertThrows(() => test.writes.keep(broken), TypeError, "broken");
  test.note("next");
  assertEquals([test.types(), test.notices], [["next"], []]);
});

Deno.test("OwedWrites.keep() fails with the transaction that it is part of", () => {
  using test = openWrites();
  test.disk.isFull = true;
  assertThrows(() => test.database.transaction(() => test.note("part")), CordonError, "full");
  test.disk.isFull = false;
  test.note("later");
  assertEquals(test.types(), ["later"]);
});

Deno.test("OwedWrites owes a bounded number of writes, and tells how many were lost", () => {
  using test = openWrites();
  test.disk.isFull = true;
  for (let count = 0; count < 10_003; count++) test.note(`note.${count}`);
  test.disk.isFull = false;
  test.writes.settle();
  const [first, ...rest] = test.journal.list();
  assertEquals(first?.type, "note.3");
  assertEquals([rest.at(-1)?.type, rest.at(-1)?.facts], ["host.writes_lost", { count: 3 }]);
});
