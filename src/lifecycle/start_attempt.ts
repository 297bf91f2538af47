/**
 * One attempt to start a plugin: how long it may take, what the plugin said
 * last, and what is told when it fails.
 *
 * @module
 */

import { CordonError, errorMessage, isSystemError } from "../errors.ts";
import { settlesWithin } from "../internal/settles_within.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { RemoteError } from "../rpc/remote_error.ts";
import { type LimitBreach, toBreachError } from "./limits/limit_breach.ts";
import type { Sandbox, SandboxExit } from "../sandbox/sandbox.ts";

/** Lines of what it said that are told. */
const MAX_LAST_WORDS = 3;

/** An attempt to start a plugin, from when it is made. */
export class StartAttempt {
  readonly #manifest: Pick<Manifest, "id" | "limits">;
  readonly #limit: AbortSignal;
  readonly #asked: AbortSignal | undefined;
  readonly #lastWords: string[] = [];
  #exit: SandboxExit | undefined;
  /** Ends the start. */
  readonly signal: AbortSignal;

  /**
   * @param manifest Whose start.
   * @param signal Ends it before its time is over.
   */
  constructor(manifest: Pick<Manifest, "id" | "limits">, signal?: AbortSignal) {
    this.#manifest = manifest;
    this.#limit = AbortSignal.timeout(manifest.limits.startTimeoutMs);
    this.#asked = signal;
    this.signal = signal === undefined ? this.#limit : AbortSignal.any([signal, this.#limit]);
  }

  /** How the plugin ended, where that was of its own accord. */
  get exit(): SandboxExit | undefined {
    return this.#exit;
  }

  /** Hears what the plugin prints. */
  hear(stream: "stdout" | "stderr", line: string): void {
    if (stream === "stderr" && this.#lastWords.length < MAX_LAST_WORDS && line.trim() !== "") {
      this.#lastWords.push(line.trim());
    }
  }

  /**
   * Ends what is left of an attempt that failed.
   *
   * @returns `start_failed`, with what to look at, or why the attempt was ended.
   */
  async fail(cause: unknown, sandbox: Sandbox | undefined): Promise<unknown> {
    const exit = this.#exit = sandbox && await endFailed(sandbox, cause);
    if (this.#asked?.aborted) return this.#asked.reason;
    const { id } = this.#manifest;
    return new CordonError("start_failed", `Cannot start "${id}": ${this.#explain(cause, exit)}`, {
      hint: `See what it printed: cordon logs ${id}`,
      cause,
    });
  }

  #explain(cause: unknown, exit: SandboxExit | undefined): string {
    if (this.#limit.aborted) {
      const seconds = this.#manifest.limits.startTimeoutMs / 1_000;
      const why = cause instanceof CordonError && cause.code === "not_ready" ? `: ${cause.message}` : "";
      return `it was not ready within ${seconds} s (limits.start_timeout)${why}`;
    }
    if (exit !== undefined) {
      const how = exit.signal === undefined ? `code ${exit.code}` : `signal ${exit.signal}`;
      const words = this.#lastWords.length === 0 ? "" : ` (${this.#lastWords.join(" ")})`;
      return `its process ended with ${how} before it was ready${words}`;
    }
    if (cause instanceof RemoteError) return `${cause.remoteName}: ${cause.message.split("\n")[0]}`;
    return errorMessage(cause);
  }
}

/** What is told of a start that failed: the limit that it reached comes first, and what the operating system refused is a failed start, too. */
export function toStartError(id: string, cause: unknown, breach: LimitBreach | undefined): unknown {
  if (breach !== undefined) return toBreachError(id, breach);
  if (cause instanceof CordonError || !isSystemError(cause)) return cause;
  return new CordonError("start_failed", `Cannot start "${id}": ${errorMessage(cause)}`, { cause });
}

/** Ends the sandbox of a failed start; an exit of its own accord, which breaks its connection, is told apart from ours. */
async function endFailed(sandbox: Sandbox, cause: unknown): Promise<SandboxExit | undefined> {
  const isGone = cause instanceof CordonError && cause.code === "channel_closed";
  const hasExited = isGone && await settlesWithin(sandbox.exited, 50);
  await sandbox[Symbol.asyncDispose]();
  return hasExited ? await sandbox.exited : undefined;
}
