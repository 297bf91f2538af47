/**
 * What a plugin logs and prints, at the rate that its manifest allows.
 *
 * @module
 */

import { RateLimiter } from "../../internal/rate_limiter.ts";
import { sanitizeText } from "../../internal/sanitize_text.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { LOG_LEVELS } from "../../rpc/protocol.ts";
import type { LogRecord } from "../../internal/log_record.ts";
import type { Service } from "./service.ts";

/** Takes log records. */
export type TakeRecord = (record: LogRecord) => void;

/** Hears a line as the plugin wrote it. */
export type HearLine = (source: LogRecord["source"], line: string) => void;

/** The log of one plugin. */
export class LogService implements Service {
  readonly #id: string;
  readonly #take: TakeRecord;
  readonly #hear: HearLine;
  readonly #rate: RateLimiter;
  #suppressed = 0;

  readonly handlers: Service["handlers"] = {};
  readonly notifications: Service["notifications"] = {
    log: ([level, message, facts]) => this.#log(level, message, facts),
  };

  /**
   * @param manifest The plugin's manifest.
   * @param options Who takes its records, and who hears each line before some are dropped.
   */
  constructor(
    { id, limits }: Manifest,
    { log, hear = () => {} }: { readonly log: TakeRecord; readonly hear?: HearLine },
  ) {
    this.#id = id;
    this.#take = log;
    this.#hear = hear;
    this.#rate = new RateLimiter(limits.logRate);
  }

  /** Takes a line that the plugin printed. */
  print(stream: "stdout" | "stderr", line: string): void {
    this.#hear(stream, line);
    this.#record(() => ({
      level: stream === "stdout" ? "info" : "warn",
      source: stream,
      message: sanitizeText(line),
    }));
  }

  /** Says what was left out. */
  [Symbol.dispose](): void {
    this.#reportSuppressed();
  }

  #log(level: unknown, message: unknown, facts: unknown): void {
    if (typeof message === "string") this.#hear("log", message);
    this.#record(() => ({
      level: LOG_LEVELS.find((known) => known === level) ?? "info",
      source: "log",
      message: sanitizeText(String(message)),
      ...(facts === null || facts === undefined ? {} : { facts }),
    }));
  }

  /** Keeps a record; one that comes too fast is not even made. */
  #record(make: () => Omit<LogRecord, "time" | "id">): void {
    if (!this.#rate.take()) {
      this.#suppressed++;
      return;
    }
    this.#reportSuppressed();
    this.#write(make());
  }

  #reportSuppressed(): void {
    if (this.#suppressed === 0) return;
    const message =
      `${this.#suppressed} records were dropped because they came faster than limits.log_rate allows`;
    this.#suppressed = 0;
    this.#write({ level: "warn", source: "log", message });
  }

  #write(record: Omit<LogRecord, "time" | "id">): void {
    this.#take({ time: new Date().toISOString(), id: this.#id, ...record });
  }
}
