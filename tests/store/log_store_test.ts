import { assert, assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import type { LogRecord } from "../../src/internal/log_record.ts";
import { followLog, logPath, LogStore, readLog, tryParseLogRecord } from "../../src/store/log_store.ts";

/** A data folder that is gone at the end of the test. */
async function makeDataDir(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "cordon-test-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function record(message: string, rest: Partial<LogRecord> = {}): LogRecord {
  return { time: "2026-01-01T00:00:00.000Z", id: "acme.geo", level: "info", source: "log", message, ...rest };
}

/** Writes records, each in a turn of its own where `turns` says so, and waits for them. */
async function write(path: string, records: readonly LogRecord[], { turns = false } = {}): Promise<string[]> {
  const problems: string[] = [];
  await using store = new LogStore(path, (message) => problems.push(message));
  for (const record of records) {
    store.append(record);
    if (turns) await store[Symbol.asyncDispose]();
  }
  return problems;
}

async function readMessages(path: string): Promise<string[]> {
  const messages: string[] = [];
  for await (const { message } of readLog(path)) messages.push(message);
  return messages;
}

Deno.test("LogStore keeps records as lines of JSON, in order, only for its owner", async () => {
  await using data = await makeDataDir();
  const records = [
    record("one", { facts: { n: 1 } }),
    record("two\nlines", { level: "warn", source: "stderr" }),
  ];
  assertEquals(await write(data.path, records), []);
  assertEquals(await write(data.path, [record("three")], { turns: true }), []);
  assertEquals(await Array.fromAsync(readLog(data.path)), [...records, record("three")]);
  const text = await Deno.readTextFile(logPath(data.path));
  assertStrictEquals(text.split("\n").length, 4);
  assertStrictEquals((await Deno.stat(logPath(data.path))).mode! & 0o777, 0o600);
});

Deno.test("LogStore cuts long messages, and takes facts that cannot be written for what they are", async () => {
  await using data = await makeDataDir();
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const deep = JSON.parse("[".repeat(100_000) + "]".repeat(100_000)) as unknown;
  const problems = await write(data.path, [
    record("before"),
    record("x".repeat(20_000)),
    record("cycle", { facts: cycle }),
    record("bigint", { facts: 1n }),
    record("deep", { facts: deep }),
    record("long", { facts: "x".repeat(100_000) }),
    record("function", { facts: () => 1 }),
    record("after"),
  ]);
  assertEquals(problems, []);
  const records = await Array.fromAsync(readLog(data.path));
  // Nested too deep may be too long or beyond what can be written; either is said.
  const said = records.map(({ facts, message }) =>
    message === "deep" && typeof facts === "string" ? "[cut]" : facts
  );
  assertEquals(said, [
    undefined,
    undefined,
    "[cannot be shown]",
    "[cannot be shown]",
    "[cut]",
    "[cut]",
    null,
    undefined,
  ]);
  assertStrictEquals(records[1]!.message, `${"x".repeat(8_192)} [cut]`);
  assertEquals([records[0]!.message, records.at(-1)!.message], ["before", "after"]);
});

Deno.test("LogStore keeps one older file when the log is full", async () => {
  await using data = await makeDataDir();
  await write(data.path, [record("oldest")]);
  const filler = Array.from({ length: 1_100 }, () => record("x".repeat(8_000)));
  await write(data.path, filler);
  await write(data.path, [record("newest")]);
  const sizes = async () => [
    (await Deno.stat(logPath(data.path))).size,
    (await Deno.stat(`${logPath(data.path)}.1`)).size,
  ];
  const [size, olderSize] = await sizes();
  assert(size! < 1_000 && olderSize! > 8 * 1024 * 1024);
  const messages = await readMessages(data.path);
  assertEquals([messages[0], messages.at(-1), messages.length], ["oldest", "newest", 1_102]);
  // The next time the oldest goes.
  await write(data.path, filler);
  await write(data.path, [record("last")]);
  const left = await readMessages(data.path);
  assertEquals([left[0], left.at(-1), left.includes("oldest")], ["newest", "last", false]);
});

Deno.test("LogStore drops what comes faster than it can be written, and says how much", async () => {
  await using data = await makeDataDir();
  await write(data.path, Array.from({ length: 5_000 }, (_, index) => record(`m${index}`)));
  const messages = await readMessages(data.path);
  assertStrictEquals(messages.length, 4_097);
  assertEquals(messages.slice(0, 2), ["m0", "m1"]);
  assertStringIncludes(messages.at(-1)!, "904 records were dropped");
});

Deno.test("LogStore complains once when it cannot write, and never throws", async () => {
  await using data = await makeDataDir();
  // A file where the folder ought to be.
  await Deno.writeTextFile(`${data.path}/logs`, "");
  const problems: string[] = [];
  await using store = new LogStore(data.path, (message) => problems.push(message));
  for (let index = 0; index < 3; index++) {
    store.append(record(`m${index}`));
    await store[Symbol.asyncDispose]();
  }
  assertStrictEquals(problems.length, 1);
  assertStringIncludes(problems[0]!, `Cannot write the log "${logPath(data.path)}"`);
  // And goes on where it can again.
  await Deno.remove(`${data.path}/logs`);
  store.append(record("again"));
  await store[Symbol.asyncDispose]();
  assertEquals(await readMessages(data.path), ["again"]);
  assertStrictEquals(problems.length, 1);
});

Deno.test("LogStore begins a line of its own after a write that failed", async () => {
  await using data = await makeDataDir();
  await using store = new LogStore(data.path, () => {});
  const append = async (message: string) => {
    store.append(record(message));
    await store[Symbol.asyncDispose]();
  };
  await append("one");
  await Deno.rename(`${data.path}/logs`, `${data.path}/away`);
  await Deno.writeTextFile(`${data.path}/logs`, "");
  await append("lost");
  await Deno.remove(`${data.path}/logs`);
  await Deno.rename(`${data.path}/away`, `${data.path}/logs`);
  // What a disk had room for.
  await Deno.writeTextFile(logPath(data.path), JSON.stringify(record("lost")).slice(0, 30), { append: true });
  await append("two");
  assertEquals(await readMessages(data.path), ["one", "two"]);
});

Deno.test("LogStore complains once about a full disk", async () => {
  // A device that is always full stands in for one.
  if (Deno.build.os !== "linux") return;
  await using data = await makeDataDir();
  await Deno.mkdir(`${data.path}/logs`);
  await Deno.symlink("/dev/full", logPath(data.path));
  const problems = await write(data.path, [record("one"), record("two")], { turns: true });
  assertStrictEquals(problems.length, 1);
  assertStringIncludes(problems[0]!, "No space left on device");
});

Deno.test("LogStore writes everything before it is disposed of", async () => {
  await using data = await makeDataDir();
  const store = new LogStore(data.path, () => {});
  store.append(record("first"));
  const disposed = store[Symbol.asyncDispose]();
  store.append(record("while it ends"));
  await disposed;
  assertEquals(await readMessages(data.path), ["first", "while it ends"]);
});

Deno.test("readLog() leaves out a half-written line, and the record written next is whole", async () => {
  await using data = await makeDataDir();
  await write(data.path, [record("one")]);
  const half = JSON.stringify(record("lost")).slice(0, 30);
  await Deno.writeTextFile(logPath(data.path), half, { append: true });
  assertEquals(await readMessages(data.path), ["one"]);
  await write(data.path, [record("two")]);
  assertEquals(await readMessages(data.path), ["one", "two"]);
});

Deno.test("readLog() reads nothing where there is nothing, and leaves out what is no record", async () => {
  await using data = await makeDataDir();
  assertEquals(await readMessages(data.path), []);
  await Deno.mkdir(`${data.path}/logs`);
  const lines = [
    "null",
    "[]",
    "1",
    '{"id": 1, "message": "x"}',
    '{"id": "a"}',
    "",
    "{",
    "\u0000",
    JSON.stringify(record("good")),
  ];
  await Deno.writeTextFile(logPath(data.path), lines.join("\n"));
  await Deno.writeFile(`${logPath(data.path)}.1`, Uint8Array.of(0xff, 0xfe, 0x0a));
  assertEquals(await readMessages(data.path), ["good"]);
  for (const line of lines.slice(0, -1)) assertStrictEquals(tryParseLogRecord(line), undefined, line);
});

Deno.test("followLog() yields what is appended from now on, over a rotation too, until its signal aborts", async () => {
  await using data = await makeDataDir();
  await write(data.path, [record("before")]);
  const controller = new AbortController();
  const records = followLog(data.path, { signal: controller.signal });
  const next = async () => (await records.next()).value?.message;
  let waiting = next();
  // The watcher has to be there before what it is to see.
  await writeUntil(waiting, () => write(data.path, [record("first")]));
  assertStrictEquals(await waiting, "first");

  await write(data.path, [record("old file")]);
  await Deno.rename(logPath(data.path), `${logPath(data.path)}.1`);
  await write(data.path, [record("new")]);
  const seen: unknown[] = [];
  while (seen.at(-1) !== "new") seen.push(await next());
  assertEquals(seen.filter((message) => message !== "first"), ["old file", "new"]);

  waiting = next();
  controller.abort();
  assertStrictEquals(await waiting, undefined);
  await Array.fromAsync(followLog(data.path, { signal: AbortSignal.abort() }));
});

/** Repeats `write` until `arrived` settles: a watcher says nothing when it is ready. */
async function writeUntil(arrived: Promise<unknown>, write: () => Promise<unknown>): Promise<void> {
  let hasArrived = false;
  void arrived.then(() => hasArrived = true);
  while (!hasArrived) {
    await write();
    await Deno.stat(".");
  }
}

Deno.test("followLog() fails where the log cannot be", async () => {
  await using data = await makeDataDir();
  await Deno.writeTextFile(`${data.path}/logs`, "");
  const { signal } = new AbortController();
  await assertRejects(() => followLog(data.path, { signal }).next());
});
