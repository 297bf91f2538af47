/**
 * What the log of the plugins is made of.
 *
 * @module
 */

/** One line of the log. */
export interface LogRecord {
  /** When, as an ISO 8601 date and time. */
  readonly time: string;
  /** Plugin id. */
  readonly id: string;
  /** Weight. */
  readonly level: "debug" | "info" | "warn" | "error";
  /** `log` for `ctx.log`, else the stream the plugin printed on. */
  readonly source: "log" | "stdout" | "stderr";
  /** What it says. */
  readonly message: string;
  /** Facts, where there are some. */
  readonly facts?: unknown;
}
