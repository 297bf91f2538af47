/**
 * Keeps a launcher warm and has it become a sandbox: the processes of tier
 * `os` begin here.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { LAUNCHER_READY, type LaunchOrder } from "./kernel/launch_order.ts";

/** Longest wait for a launcher to be ready. */
const READY_MS = 10_000;

/** Quiet after a start, before the next launcher is made: it would take processor time from that start. */
const QUIET_MS = 100;

/** How a launcher is started: it is trusted, and loads nothing but itself. */
const FLAGS = [
  "run",
  "--quiet",
  "--no-prompt",
  "--no-config",
  "--no-lock",
  "--no-npm",
  "--no-remote",
  "--cached-only",
  "--no-check",
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
    if (!this.#isClosed) this.#quiet = setTimeout(() => this.warm(), QUIET_MS);
  }

  /** Has a launcher ready for the next start. */
  warm(): void {
    if (this.#spare !== undefined || this.#isClosed) return;
    this.#spare = this.#start();
    // Whoever takes it is told.
    this.#spare.catch(() => {});
  }

  /**
   * Starts a process that does what the order says, confined.
   *
   * @returns The process, whose input and output are pipes; what goes wrong in
   * it from here on is on its stderr, and it ends with code 126.
   * @throws {CordonError} `confinement_failed`.
   */
  async launch(order: LaunchOrder, onSpawn: (pid: number) => void): Promise<Deno.ChildProcess> {
    const child = await this.#take();
    const body = new TextEncoder().encode(JSON.stringify(order));
    const message = new Uint8Array(4 + body.length);
    new DataView(message.buffer).setUint32(0, body.length, true);
    message.set(body, 4);
    const writer = child.stdin.getWriter();
    try {
      const written = writer.write(message);
      onSpawn(child.pid);
      await written;
    } catch (cause) {
      await end(child);
      throw new CordonError("confinement_failed", "Cannot start a sandbox: its launcher has ended", {
        cause,
      });
    } finally {
      writer.releaseLock();
    }
    return child;
  }

  /** Ends the one that waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#quiet);
    const spare = await this.#spare?.catch(() => undefined);
    this.#spare = undefined;
    if (spare !== undefined) await end(spare);
  }

  #take(): Promise<Deno.ChildProcess> {
    clearTimeout(this.#quiet);
    const spare = this.#spare ?? this.#start();
    this.#spare = undefined;
    return spare;
  }

  async #start(): Promise<Deno.ChildProcess> {
    const { script, cacheDir } = this.#options;
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
    const reader = child.stdout.getReader();
    const limit = setTimeout(() => child.kill("SIGKILL"), READY_MS);
    try {
      // One short line, written at once and followed by nothing until the order is there.
      const { value } = await reader.read();
      if (new TextDecoder().decode(value) !== `${LAUNCHER_READY}\n`) throw new Error("it did not get ready");
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

async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
  await Promise.allSettled([child.stdin.close(), child.stdout.cancel(), child.stderr.cancel(), child.status]);
}

/** The last thing that a launcher said, once it has ended. */
async function readWords(child: Deno.ChildProcess): Promise<string> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
  const text = await new Response(child.stderr).text();
  await Promise.allSettled([child.stdin.close(), child.stdout.cancel(), child.status]);
  return text.trim().split("\n")[0] ?? "";
}
