/**
 * The log of the plugins: JSON lines in the data folder, one file and one
 * older one. What plugins print is untrusted: it is bounded and kept as data.
 *
 * @module
 */

import { ensureDir, exists } from "@std/fs";
import { errorMessage } from "../errors.ts";
import type { LogRecord } from "../internal/log_record.ts";

const MAX_FILE_BYTES = 8 * 1024 * 1024;
const MAX_QUEUED = 4_096;
const MAX_MESSAGE = 8_192;
const MAX_FACTS = 32_768;

/** Path of the log in a data folder. */
export function logPath(dataDir: string): string {
  return `${dataDir}/logs/plugins.jsonl`;
}

/** Appends to the log; never fails and never blocks the host. */
export class LogStore implements AsyncDisposable {
  readonly #path: string;
  readonly #onProblem: (message: string) => void;
  #queue: string[] = [];
  #dropped = 0;
  #hasWritten = false;
  #writing: Promise<void> | undefined;
  #hasComplained = false;

  /**
   * @param dataDir The data folder.
   * @param onProblem Told once when the log cannot be written.
   */
  constructor(dataDir: string, onProblem: (message: string) => void) {
    this.#path = logPath(dataDir);
    this.#onProblem = onProblem;
  }

  /** Queues a record; when too many wait, it is dropped and counted. */
  append(record: LogRecord): void {
    if (this.#queue.length >= MAX_QUEUED) {
      this.#dropped++;
      return;
    }
    this.#queue.push(formatLogRecord(record));
    this.#writing ??= this.#write();
  }

  /** Settles when everything queued is written. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // One turn later more may have come: fewer, larger writes.
    await Promise.resolve();
    try {
      await ensureDir(this.#path.slice(0, this.#path.lastIndexOf("/")));
      while (this.#queue.length > 0) {
        const lines = this.#queue;
        this.#queue = [];
        if (this.#dropped > 0) lines.push(formatLogRecord(droppedRecord(this.#dropped)));
        this.#dropped = 0;
        await this.#rotate();
        // A host that was killed may have left half a line: ours begins on one of its own.
        if (!this.#hasWritten && await endsInsideLine(this.#path)) lines.unshift("");
        this.#hasWritten = true;
        await Deno.writeTextFile(this.#path, lines.join("\n") + "\n", { append: true, mode: 0o600 });
      }
    } catch (error) {
      this.#queue = [];
      // A full disk may have taken half a line.
      this.#hasWritten = false;
      if (!this.#hasComplained) {
        this.#onProblem(`Cannot write the log "${this.#path}": ${errorMessage(error)}`);
      }
      this.#hasComplained = true;
    } finally {
      this.#writing = undefined;
    }
  }

  async #rotate(): Promise<void> {
    if (!await exists(this.#path) || (await Deno.stat(this.#path)).size < MAX_FILE_BYTES) return;
    await Deno.rename(this.#path, `${this.#path}.1`);
  }
}

/** Reads the log, the older file first; lines that are none are left out. */
export async function* readLog(dataDir: string): AsyncGenerator<LogRecord> {
  for (const path of [`${logPath(dataDir)}.1`, logPath(dataDir)]) {
    if (!await exists(path)) continue;
    for (const line of (await Deno.readTextFile(path)).split("\n")) {
      const record = tryParseLogRecord(line);
      if (record !== undefined) yield record;
    }
  }
}

/** Follows what is appended to the log from now on, until `signal` aborts. */
export async function* followLog(
  dataDir: string,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<LogRecord> {
  const path = logPath(dataDir);
  await ensureDir(path.slice(0, path.lastIndexOf("/")));
  using watcher = Deno.watchFs(path.slice(0, path.lastIndexOf("/")));
  const onAbort = () => watcher.close();
  signal.addEventListener("abort", onAbort, { once: true });
  let position = await sizeOf(path);
  try {
    if (signal.aborted) return;
    for await (const _change of watcher) {
      const size = await sizeOf(path);
      if (size < position) {
        // It was rotated: what came before that is in the older file now.
        const { records } = await readFrom(`${path}.1`, position);
        position = 0;
        yield* records;
      }
      if (size === position) continue;
      const { records, end } = await readFrom(path, position);
      position = end;
      yield* records;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function sizeOf(path: string): Promise<number> {
  return await exists(path) ? (await Deno.stat(path)).size : 0;
}

/** The records of whole lines from a position on; none where there is no file. */
async function readFrom(path: string, position: number): Promise<{ records: LogRecord[]; end: number }> {
  if (!await exists(path)) return { records: [], end: position };
  using file = await Deno.open(path);
  await file.seek(position, Deno.SeekMode.Start);
  const bytes = new Uint8Array(await new Response(file.readable).arrayBuffer());
  const length = bytes.lastIndexOf(10) + 1;
  const records = new TextDecoder().decode(bytes.subarray(0, length)).split("\n")
    .flatMap((line) => tryParseLogRecord(line) ?? []);
  return { records, end: position + length };
}

async function endsInsideLine(path: string): Promise<boolean> {
  if (await sizeOf(path) === 0) return false;
  using file = await Deno.open(path);
  await file.seek(-1, Deno.SeekMode.End);
  const last = new Uint8Array(1);
  await file.read(last);
  return last[0] !== 10;
}

/** A record as one line; facts that are too long or cannot be written give way to a word about it. */
function formatLogRecord({ facts, ...record }: LogRecord): string {
  const isLong = record.message.length > MAX_MESSAGE;
  const message = isLong ? `${record.message.slice(0, MAX_MESSAGE)} [cut]` : record.message;
  const line = JSON.stringify({ ...record, message });
  if (facts === undefined) return line;
  return `${line.slice(0, -1)},"facts":${formatFacts(facts)}}`;
}

function formatFacts(facts: unknown): string {
  try {
    const text = JSON.stringify(facts) ?? "null";
    return text.length <= MAX_FACTS ? text : '"[cut]"';
  } catch {
    // A cycle, a bigint, or nested too deep: facts are what a plugin made of them.
    return '"[cannot be shown]"';
  }
}

/** Reads one line of the log. */
export function tryParseLogRecord(line: string): LogRecord | undefined {
  try {
    const record = JSON.parse(line) as LogRecord;
    return typeof record.id === "string" && typeof record.message === "string" ? record : undefined;
  } catch {
    // The last line may be half written when the host was killed.
    return undefined;
  }
}

function droppedRecord(count: number): LogRecord {
  return {
    time: new Date().toISOString(),
    id: "cordon",
    level: "warn",
    source: "log",
    message: `${count} records were dropped because they came faster than they could be written`,
  };
}
