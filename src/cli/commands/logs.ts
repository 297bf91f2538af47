/**
 * `cordon logs [ID]`: what plugins logged and printed.
 *
 * @module
 */

import { CordonError } from "../../errors.ts";
import type { LogRecord } from "../../internal/log_record.ts";
import { parseDuration } from "../../internal/units.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import { LOG_LEVELS } from "../../rpc/protocol.ts";
import { followLog, readLog } from "../../store/log_store.ts";
import { type CommandContext, dataDir } from "../options.ts";
import type { Output, Style } from "../output.ts";

const DEFAULT_LINES = 200;
const LEVEL_STYLES: Readonly<Record<LogRecord["level"], Style>> = {
  debug: "dim",
  info: "green",
  warn: "yellow",
  error: "red",
};

/** Shows the log. */
export async function logs(context: CommandContext, id?: string): Promise<number> {
  const { output, options, signal } = context;
  const isWanted = createFilter({
    id,
    level: options.level as string | undefined,
    since: options.since as string | undefined,
  });
  const count = (options.lines as number | undefined) ?? DEFAULT_LINES;
  const data = dataDir(context);
  const last: LogRecord[] = [];
  for await (const record of readLog(data)) {
    if (isWanted(record)) last.push(record);
    if (last.length > count) last.shift();
  }
  for (const record of last) print(record, output);
  if (options.follow !== true) {
    if (last.length === 0) output.notice(`There is nothing in the log of "${data}".`);
    return 0;
  }
  for await (const record of followLog(data, { signal })) if (isWanted(record)) print(record, output);
  signal.throwIfAborted();
  return 0;
}

function createFilter(
  { id, level, since }: { id: string | undefined; level: string | undefined; since: string | undefined },
): (record: LogRecord) => boolean {
  const first = since === undefined ? "" : parseSince(since);
  const lowest = LOG_LEVELS.findIndex((known) => known === (level ?? "debug"));
  if (lowest < 0) {
    throw new CordonError("usage", `Cannot show level "${level}"`, {
      hint: `Levels are ${LOG_LEVELS.join(", ")}`,
    });
  }
  return (record) =>
    (id === undefined || record.id === id) && LOG_LEVELS.indexOf(record.level) >= lowest &&
    record.time >= first;
}

/** The ISO time that `"10m"` (ago) or a date stands for. */
function parseSince(text: string): string {
  const time = /^\d+(\.\d+)?[a-z]+$/.test(text) ? Date.now() - parseDuration(text) : Date.parse(text);
  if (Number.isNaN(time)) {
    throw new CordonError("usage", `Cannot read --since "${text}"`, {
      hint: 'Give "10m" for ten minutes ago, or a date',
    });
  }
  return new Date(time).toISOString();
}

function print(record: LogRecord, output: Output): void {
  output.document(record);
  const level = output.style(LEVEL_STYLES[record.level], record.level.padEnd(5));
  const facts = record.facts === undefined
    ? ""
    : ` ${output.style("dim", sanitizeText(JSON.stringify(record.facts)))}`;
  output.line(
    `${record.time.slice(11, 23)}  ${level}  ${sanitizeText(record.id)}  ${
      sanitizeText(record.message)
    }${facts}`,
  );
}
