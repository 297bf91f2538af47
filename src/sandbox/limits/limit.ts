/**
 * The limits there are, and the words for their figures.
 *
 * @module
 */

/** A limit of a running plugin, by its name in the manifest; `responsiveness` has none there. */
export type LimitName =
  | "memory"
  | "cpu"
  | "responsiveness"
  | "descriptors"
  | "threads"
  | "storage"
  | "file_size"
  | "log_rate";

/** All of them. */
export const LIMIT_NAMES: readonly LimitName[] = [
  "memory",
  "cpu",
  "responsiveness",
  "descriptors",
  "threads",
  "storage",
  "file_size",
  "log_rate",
];

/** In what a limit is counted: bytes, percent of a core, milliseconds, things, or records a second. */
export type LimitUnit = "bytes" | "percent" | "ms" | "count" | "per second";

/** The unit of each limit. */
export const LIMIT_UNITS: Readonly<Record<LimitName, LimitUnit>> = {
  memory: "bytes",
  cpu: "percent",
  responsiveness: "ms",
  descriptors: "count",
  threads: "count",
  storage: "bytes",
  file_size: "bytes",
  log_rate: "per second",
};

/** What a plugin used of something that is limited. */
export interface LimitFigure {
  /** Which limit. */
  readonly limit: LimitName;
  /** What was used, in the limit's unit. */
  readonly used: number;
  /** What may be used. */
  readonly allowed: number;
}

/** What was used and what may be used, as half a sentence. */
export function formatFigure({ limit, used, allowed }: LimitFigure): string {
  switch (limit) {
    case "memory":
      return `it used ${formatBytes(used)} of memory and may use ${formatBytes(allowed)} (limits.memory)`;
    case "storage":
      return `it keeps ${formatBytes(used)} in files and may keep ${formatBytes(allowed)} (limits.storage)`;
    case "file_size":
      return `a file of it has ${formatBytes(used)} and may have ${formatBytes(allowed)} (limits.file_size)`;
    case "cpu":
      return `it used ${Math.round(used)} % of a core and may use ${Math.round(allowed)} % (limits.cpu)`;
    case "responsiveness":
      return `it computed for ${formatSeconds(used)} without taking a message and may for ${
        formatSeconds(allowed)
      } (limits.call_timeout, 5 s at least)`;
    case "descriptors":
      return `it had ${used} files and sockets open and may have fewer than ${allowed} (limits.descriptors)`;
    case "threads":
      return `it had ${used} threads and may have fewer than ${allowed} (limits.threads)`;
    case "log_rate":
      return `it went on logging ${used} records a second and may log ${allowed} (limits.log_rate)`;
    default:
      return limit satisfies never;
  }
}

/** A quantity of something that is limited, for people. */
export function formatQuantity(quantity: number, unit: LimitUnit): string {
  switch (unit) {
    case "bytes":
      return formatBytes(quantity);
    case "percent":
      return `${Math.round(quantity)} %`;
    case "ms":
      return formatSeconds(quantity);
    case "per second":
      return `${Math.round(quantity)}/s`;
    case "count":
      return `${quantity}`;
    default:
      return unit satisfies never;
  }
}

/** A size for people, in the unit that suits it. */
export function formatBytes(bytes: number): string {
  if (bytes < 2 ** 20) return `${Math.ceil(bytes / 2 ** 10)} KiB`;
  const mib = bytes / 2 ** 20;
  return `${mib < 10 ? Number(mib.toFixed(1)) : Math.round(mib)} MiB`;
}

function formatSeconds(ms: number): string {
  return `${Number((ms / 1_000).toFixed(1))} s`;
}
