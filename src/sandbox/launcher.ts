/**
 * Keeps a launcher warm and has it become a sandbox: the processes of tier
 * `os` begin here.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { FIXED_FLAGS } from "./command_line.ts";
import { LAUNCHER_READY, type LaunchOrder } from "./kernel/launch_order.ts";

/** Quiet after a start, before the next launcher is made: it would take processor time from that start. */
const QUIET_MS = 100;

/** Longest text quoted of a launcher that is none. */
const MAX_QUOTED = 80;

/** How a launcher is started: it is trusted, and loads nothing but itself. */
const FLAGS = [
  "run",
  ...FIXED_FLAGS,
  "--allow-all",
  // It runs once and for a moment: compiling would cost more than it saves.
  "--v8-flags=--jitless",
];

/** Where the launcher is, and where Deno keeps what it compiled of it. */
export interface LauncherOptions {
  /** Path of the launcher's code. */
  readonly script: string;
  /** Cache of its own. */
  readonly cacheDir: string;
  /** Told of each launcher's process. @default {nobody} */
  readonly onSpawn?: (pid: number) => void;
  /** Longest wait for one to be ready, in milliseconds. @default {10_000} */
  readonly readyMs?: number;
}

/** Starts confined processes. */
export class Launcher implements AsyncDisposable {
  readonly #options: LauncherOptions;
  #spare: Promise<Deno.ChildProcess> | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /** @param options Where things are. */
  constructor(options: LauncherOptions) {
    this.#options = options;
  }

  /** Has a launcher ready for the next start, once nothing has been started for a moment. */
  warmLater(): void {
    clearTimeout(this.#quiet);
    if (!this.#isClosed) this.#quiet = setTimeout(() => void this.warm(), QUIET_MS);
  }

  /** Has a launcher ready for the next start; settles when it is, or cannot be. */
  async warm(): Promise<void> {
    if (this.#spare !== undefined || this.#isClosed) return;
    const spare = this.#spare = this.#start();
    try {
      await spare;
    } catch {
      // Whoever took it meanwhile was told; otherwise a new one is tried.
      if (this.#spare === spare) this.#spare = undefined;
    }
  }

  /**
   * Starts a process that does what the order says, confined.
   *
   * @returns The process, whose input and output are pipes; what goes wrong in
   * it from here on is on its stderr, and it ends with code 126.
   * @throws {CordonError} `confinement_failed`; no process is left.
   */
  async launch(
    order: LaunchOrder,
    { onSpawn, signal }: { readonly onSpawn: (pid: number) => void; readonly signal?: AbortSignal },
  ): Promise<Deno.ChildProcess> {
    const body = new TextEncoder().encode(JSON.stringify(order));
    const message = new Uint8Array(4 + body.length);
    new DataView(message.buffer).setUint32(0, body.length, true);
    message.set(body, 4);
    const wasWarm = this.#spare !== undefined;
    try {
      return await this.#give(message, { onSpawn, signal });
    } catch (error) {
      // One that waited may have been killed meanwhile: it has done nothing yet, another can do it.
      if (!wasWarm || !(error instanceof LauncherGoneError)) throw error;
      return await this.#give(message, { onSpawn, signal });
    }
  }

  async #give(
    message: Uint8Array,
    { onSpawn, signal }: { readonly onSpawn: (pid: number) => void; readonly signal?: AbortSignal },
  ): Promise<Deno.ChildProcess> {
    const child = await this.#take(signal);
    // It may be stopped, and then never read what it is told.
    const onAbort = () => kill(child);
    let written: Promise<void> | undefined;
    try {
      signal?.throwIfAborted();
      signal?.addEventListener("abort", onAbort, { once: true });
      const writer = child.stdin.getWriter();
      written = writer.write(message).catch((cause) => {
        signal?.throwIfAborted();
        throw new LauncherGoneError(cause);
      }).finally(() => writer.releaseLock());
      // While it reads: what it becomes does nothing before its bootstrap is told what to load.
      onSpawn(child.pid);
      await written;
      return child;
    } catch (error) {
      kill(child);
      // Its pipe can be let go of once nothing is written any more.
      await written?.catch(() => {});
      await end(child);
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Ends the one that waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#quiet);
    const spare = await this.#spare?.catch(() => undefined);
    this.#spare = undefined;
    if (spare !== undefined) await end(spare);
  }

  /** The one that waits, or a new one; when `signal` aborts before it is ready it is ended. */
  async #take(signal: AbortSignal | undefined): Promise<Deno.ChildProcess> {
    clearTimeout(this.#quiet);
    const spare = this.#spare ?? this.#start();
    this.#spare = undefined;
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([spare, aborted.promise]);
    } catch (error) {
      // Where it was the one that failed, there is nothing to end.
      void spare.then(end, () => {});
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #start(): Promise<Deno.ChildProcess> {
    const { script, cacheDir, onSpawn, readyMs = 10_000 } = this.#options;
    const child = new Deno.Command(Deno.execPath(), {
      args: [...FLAGS, script, String(Deno.pid)],
      clearEnv: true,
      env: { DENO_DIR: cacheDir, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", HOME: cacheDir },
      // A session of its own: Ctrl-C in a terminal goes to the host, which asks its plugins to stop.
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    onSpawn?.(child.pid);
    const reader = child.stdout.getReader();
    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      kill(child);
    }, readyMs);
    try {
      // One short line, written at once and followed by nothing until the order is there.
      const { value } = await reader.read();
      if (isLate) throw new Error(`it was not ready within ${readyMs} ms`);
      if (value === undefined) throw new Error("it ended before it was ready");
      const text = new TextDecoder().decode(value).trim();
      if (text !== LAUNCHER_READY) {
        throw new Error(`its greeting is none: ${JSON.stringify(text.slice(0, MAX_QUOTED))}`);
      }
      return child;
    } catch (cause) {
      reader.releaseLock();
      const words = await readWords(child);
      throw new CordonError(
        "confinement_failed",
        `Cannot start a launcher: ${words === "" ? (cause as Error).message : words}`,
        { hint: "See what this machine can do: cordon doctor", cause },
      );
    } finally {
      clearTimeout(limit);
      reader.releaseLock();
    }
  }
}

/** The launcher ended before it had its order. */
class LauncherGoneError extends CordonError {
  override readonly name: string = "LauncherGoneError";
  constructor(cause: unknown) {
    super("confinement_failed", "Cannot start a sandbox: its launcher has ended", { cause });
  }
}

async function end(child: Deno.ChildProcess): Promise<void> {
  kill(child);
  await Promise.allSettled([
    child.stdin.abort(),
    child.stdout.cancel(),
    child.stderr.cancel(),
    child.status,
  ]);
}

/** The last thing that a launcher said, once it has ended. */
async function readWords(child: Deno.ChildProcess): Promise<string> {
  kill(child);
  const text = await new Response(child.stderr).text();
  await Promise.allSettled([child.stdin.close(), child.stdout.cancel(), child.status]);
  return text.trim().split("\n")[0] ?? "";
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
