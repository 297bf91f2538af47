import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { openMemoryDatabase } from "../../src/store/database.ts";
import { Journal, type JournalEvent } from "../../src/store/journal.ts";

function createJournal(options?: { maxEvents: number }): Journal {
  return new Journal(openMemoryDatabase(), options);
}

async function take(events: AsyncIterator<JournalEvent>, count: number): Promise<number[]> {
  const seqs: number[] = [];
  while (seqs.length < count) seqs.push((await events.next()).value.seq);
  return seqs;
}

function append(journal: Journal, count: number): void {
  for (let index = 0; index < count; index++) journal.append("test", { index });
}

Deno.test("Journal.append() numbers events, with time, type, id and facts", () => {
  const journal = createJournal();
  journal.append("host.start", {});
  journal.append("plugin.state", { to: "running" }, "acme.geo");
  const [first, second] = journal.list();
  assertEquals({ ...first, time: "" }, { seq: 1, time: "", type: "host.start", facts: {} });
  assertEquals({ ...second, time: "" }, {
    seq: 2,
    time: "",
    type: "plugin.state",
    id: "acme.geo",
    facts: { to: "running" },
  });
  assertStrictEquals(new Date(first!.time).toISOString(), first!.time);
});

Deno.test("Journal.list() is a copy", () => {
  const journal = createJournal();
  const before = journal.list();
  append(journal, 1);
  assertEquals([before.length, journal.list().length], [0, 1]);
});

Deno.test("Journal.follow() begins with what comes after the call, read at once or later", async () => {
  const journal = createJournal();
  append(journal, 3);
  await using events = journal.follow();
  append(journal, 2);
  assertEquals(await take(events, 2), [4, 5]);
  const waiting = events.next();
  append(journal, 1);
  assertStrictEquals((await waiting).value.seq, 6);
});

Deno.test("Journal.follow() begins where it is told to, in the past or to come", async () => {
  const journal = createJournal();
  append(journal, 5);
  await using past = journal.follow({ from: 2 });
  assertEquals(await take(past, 4), [2, 3, 4, 5]);
  await using before = journal.follow({ from: 0 });
  assertEquals(await take(before, 2), [1, 2]);
  await using future = journal.follow({ from: 8 });
  const waiting = future.next();
  append(journal, 4);
  assertStrictEquals((await waiting).value.seq, 8);
});

Deno.test("Journal.follow() gives several readers everything, each at its own pace", async () => {
  const journal = createJournal();
  await using fast = journal.follow();
  await using slow = journal.follow();
  append(journal, 3);
  assertEquals(await take(fast, 3), [1, 2, 3]);
  const waiting = fast.next();
  append(journal, 1);
  assertStrictEquals((await waiting).value.seq, 4);
  assertEquals(await take(slow, 4), [1, 2, 3, 4]);
});

Deno.test("Journal.follow() ends when its signal aborts, and only then it", async () => {
  const journal = createJournal();
  const controllers = [new AbortController(), new AbortController()];
  const readers = controllers.map(({ signal }) => journal.follow({ signal }));
  const [first, second] = readers.map((events) => events.next());
  controllers[0]!.abort();
  assertStrictEquals((await first!).done, true);
  append(journal, 1);
  assertStrictEquals((await second!).value.seq, 1);
  controllers[1]!.abort();
  assertStrictEquals((await readers[1]!.next()).done, true);
  // Not even for what is there already.
  const aborted = journal.follow({ from: 1, signal: AbortSignal.abort() });
  assertStrictEquals((await aborted.next()).done, true);
});

Deno.test("Journal.close() lets readers finish what is there, then ends them", async () => {
  const journal = createJournal();
  const events = journal.follow({ from: 1 });
  const waiting = journal.follow({ from: 10 }).next();
  append(journal, 2);
  journal.close();
  journal.close();
  assertEquals(await take(events, 2), [1, 2]);
  assertStrictEquals((await events.next()).done, true);
  assertStrictEquals((await waiting).done, true);
});

Deno.test("Journal keeps as many events as it may, and readers who fall behind go on with the oldest", async () => {
  const journal = createJournal({ maxEvents: 1_000 });
  await using events = journal.follow();
  append(journal, 2_500);
  const kept = journal.list();
  assert(kept.length >= 1_000 && kept.length < 2_000, `${kept.length} are kept`);
  assertStrictEquals(kept.at(-1)!.seq, 2_500);
  assertEquals(await take(events, 2), [kept[0]!.seq, kept[0]!.seq + 1]);
  assert(kept.every(({ seq }, index) => seq === kept[0]!.seq + index));
});

Deno.test("Journal.list() tells the events of one plugin, from a position, and only the last ones", () => {
  const journal = createJournal();
  for (const id of ["a.a", "b.b", "a.a", "a.a"]) journal.append("test", {}, id);
  assertEquals(journal.list({ id: "a.a" }).map(({ seq }) => seq), [1, 3, 4]);
  assertEquals(journal.list({ id: "a.a", from: 2, last: 1 }).map(({ seq }) => seq), [4]);
});

Deno.test("Journal goes on where the database left off", () => {
  const database = openMemoryDatabase();
  append(new Journal(database), 3);
  const journal = new Journal(database);
  append(journal, 1);
  assertEquals([journal.lastSeq, journal.list().length], [4, 4]);
});
