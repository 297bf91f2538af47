/**
 * A plugin in a Deno subprocess of its own: exactly the permissions of its
 * specification, an environment of its own, and one channel to us whose
 * permissions are gone before plugin code runs. With a launcher the kernel
 * holds it to the same (tier `os`), else Deno alone does (tier `deno`).
 *
 * @module
 */

import { CordonError, errorMessage } from "../errors.ts";
import { readLines } from "../internal/lines.ts";
import { settlesWithin } from "../internal/settles_within.ts";
import { type ByteStream, FrameChannel } from "../rpc/channel.ts";
import { RpcPeer } from "../rpc/peer.ts";
import { renderArguments, renderEnvironment } from "./command_line.ts";
import { planConfinement } from "./confinement.ts";
import { omitSourceLines } from "./crash_report.ts";
import { LAUNCH_FAILED } from "./kernel/launch_order.ts";
import type { Launcher } from "./launcher.ts";
import type {
  KillRung,
  OpenSandbox,
  Sandbox,
  SandboxExit,
  SandboxSpec,
  SandboxStopOptions,
} from "./sandbox.ts";

/** Time between two rungs of the kill ladder once the plugin did not end by itself. */
const RUNG_MS = 500;

/** Where process sandboxes find what they share. */
export interface ProcessSandboxOptions {
  /** Path of the bootstrap. */
  readonly bootstrap: string;
  /** Folder for sockets, 0700, outside everything that can be granted. */
  readonly socketDir: string;
  /** How frames travel. @default {"unix", on Windows "stdio"} */
  readonly transport?: "unix" | "stdio";
  /** Has the kernel confine them. @default {none: Deno's permissions alone} */
  readonly launcher?: Launcher;
}

/** A process, and what its confinement could not say exactly. */
interface Spawned {
  readonly child: Deno.ChildProcess;
  readonly tier: "os" | "deno";
  readonly notes: readonly string[];
}

/** Makes the function that opens process sandboxes. */
export function createProcessSandboxes(options: ProcessSandboxOptions): OpenSandbox {
  const transport = options.transport ?? (Deno.build.os === "windows" ? "stdio" : "unix");
  return (spec, { signal } = {}) =>
    transport === "unix" ? openOverSocket(spec, options, signal) : openOverStdio(spec, options, signal);
}

async function openOverSocket(
  spec: SandboxSpec,
  options: ProcessSandboxOptions,
  signal: AbortSignal | undefined,
): Promise<Sandbox> {
  signal?.throwIfAborted();
  const socket = `${options.socketDir}/${crypto.randomUUID().slice(0, 18)}`;
  using listener = Deno.listen({ transport: "unix", path: socket });
  try {
    const spawned = await spawn(spec, options, socket);
    try {
      const connection = await accept(listener, spawned.child, signal);
      // Only now: the next launcher would take processor time from this start.
      options.launcher?.warm();
      return new ProcessSandbox(spec, spawned, connection);
    } catch (error) {
      await kill(spawned.child, "SIGKILL");
      throw error;
    }
  } finally {
    // Single use: nobody else can connect, whoever learns the path.
    await Deno.remove(socket);
  }
}

async function openOverStdio(
  spec: SandboxSpec,
  options: ProcessSandboxOptions,
  signal: AbortSignal | undefined,
): Promise<Sandbox> {
  signal?.throwIfAborted();
  const spawned = await spawn(spec, options, undefined);
  const reader = spawned.child.stdout.getReader({ mode: "byob" });
  const writer = spawned.child.stdin.getWriter();
  return new ProcessSandbox(spec, spawned, {
    async read(into) {
      const { value, done } = await reader.read(new Uint8Array(into.byteLength));
      if (done) return null;
      into.set(value);
      return value.byteLength;
    },
    async write(from) {
      await writer.write(from.slice());
      return from.byteLength;
    },
    close() {
      // Both may have ended with the process.
      reader.cancel().catch(() => {});
      writer.close().catch(() => {});
    },
  });
}

/** Starts the process; over a socket it has nothing to read on stdin. */
async function spawn(
  spec: SandboxSpec,
  { bootstrap, launcher }: ProcessSandboxOptions,
  socket: string | undefined,
): Promise<Spawned> {
  const tier = launcher === undefined ? "deno" : "os";
  const args = renderArguments(spec, { bootstrap, socket, tier });
  const program = Deno.execPath();
  if (launcher !== undefined) {
    const { order, notes } = planConfinement(spec, { program, args, bootstrap });
    const child = await launcher.launch(order, spec.onSpawn);
    if (socket !== undefined) await child.stdin.close();
    return { child, tier, notes };
  }
  const child = new Deno.Command(program, {
    args,
    cwd: spec.scratchDir,
    clearEnv: true,
    env: renderEnvironment(spec),
    // A session of its own: Ctrl-C in a terminal goes to the host, which asks its plugins to stop.
    detached: Deno.build.os !== "windows",
    stdin: socket === undefined ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  spec.onSpawn(child.pid);
  return { child, tier, notes: [] };
}

/** Waits for the bootstrap to connect; fails when it ends before that. */
async function accept(
  listener: Deno.UnixListener,
  child: Deno.ChildProcess,
  signal: AbortSignal | undefined,
): Promise<ByteStream> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  // While the process was started nobody listened.
  if (signal?.aborted) onAbort();
  const ended = child.status.then(async ({ code }) => {
    const words: string[] = [];
    await Promise.all([
      readLines(child.stderr, (line) => words.length < 5 && words.push(line)),
      child.stdout.cancel(),
    ]);
    const isRefused = code === LAUNCH_FAILED;
    throw new CordonError(
      isRefused ? "confinement_failed" : "sandbox_failed",
      isRefused
        ? `Cannot open a sandbox: ${words.join(" ")}`
        : `Cannot open a sandbox: Deno ended with code ${code} before it connected${
          words.length === 0 ? "" : ` (${words.join(" ")})`
        }`,
    );
  });
  const accepted = listener.accept();
  try {
    return await Promise.race([accepted, ended, aborted.promise]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // Only one of the three is waited for; the others may fail unheard.
    ended.catch(() => {});
    accepted.catch(() => {});
  }
}

class ProcessSandbox implements Sandbox {
  readonly tier: "os" | "deno";
  readonly notes: readonly string[];
  readonly pid: number;
  readonly peer: RpcPeer;
  readonly exited: Promise<SandboxExit>;
  readonly #child: Deno.ChildProcess;
  #isStopping = false;
  #rung: KillRung | undefined;

  constructor(spec: SandboxSpec, { child, tier, notes }: Spawned, stream: ByteStream) {
    this.tier = tier;
    this.notes = notes;
    this.#child = child;
    this.pid = child.pid;
    const { handlers, notifications } = spec;
    const peer = this.peer = new RpcPeer(new FrameChannel(stream), { handlers, notifications });
    const served = peer.run().then((reason) => this.#onChannelEnd(spec, reason));
    const onError = omitSourceLines((line) => spec.onOutput("stderr", line));
    const ended = new AbortController();
    // A program that it ran may outlive it and hold its output open.
    const untilEnd = (stream: ReadableStream<Uint8Array>) =>
      stream.pipeThrough(new TransformStream(), { signal: ended.signal });
    const printed = Promise.all([
      child.stdout.locked
        ? undefined
        : readLines(untilEnd(child.stdout), (line) => spec.onOutput("stdout", line)),
      readLines(untilEnd(child.stderr), onError.take).then(onError.end),
    ]);
    this.exited = (async () => {
      const { code, signal } = await child.status;
      peer.close(new CordonError("sandbox_ended", `The sandbox of "${spec.id}" has ended`));
      await Promise.all([settlesWithin(printed, RUNG_MS).then(() => ended.abort()), served]);
      await printed;
      return { code, signal: signal ?? undefined, rung: this.#rung };
    })();
  }

  async stop({ graceMs, reason }: SandboxStopOptions): Promise<SandboxExit> {
    this.#isStopping = true;
    const end = (rung: KillRung) => (this.#rung ??= rung);
    const asked = this.peer.call("deactivate", [reason], { timeoutMs: graceMs });
    const agreed = await asked.then(() => true, () => false);
    if (agreed) end("asked");
    this.peer.close();
    if (await this.#endsWithin(RUNG_MS)) {
      end("closed");
      return await this.exited;
    }
    this.#rung = "terminated";
    await kill(this.#child, "SIGTERM", RUNG_MS);
    if (!await this.#endsWithin(RUNG_MS)) {
      this.#rung = "killed";
      await kill(this.#child, "SIGKILL");
    }
    return await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.peer.close();
    await kill(this.#child, "SIGKILL");
    await this.exited;
  }

  /** A channel that ends takes the process along: without it the plugin is nobody's. */
  async #onChannelEnd(spec: SandboxSpec, reason: unknown): Promise<void> {
    if (reason instanceof CordonError && reason.code !== "sandbox_ended") {
      spec.onOutput("stderr", `[cordon] connection closed: ${errorMessage(reason)}`);
    }
    if (await this.#endsWithin(2 * RUNG_MS) || this.#isStopping) return;
    this.#rung = "killed";
    await kill(this.#child, "SIGKILL");
  }

  #endsWithin(timeoutMs: number): Promise<boolean> {
    return settlesWithin(this.#child.status, timeoutMs);
  }
}

/** Signals a child and waits for its end, `timeoutMs` at most. */
async function kill(
  child: Deno.ChildProcess,
  signal: "SIGTERM" | "SIGKILL",
  timeoutMs?: number,
): Promise<void> {
  try {
    child.kill(signal);
  } catch {
    // It has ended between our look and the signal; either order is fine.
  }
  if (timeoutMs === undefined) await child.status;
}
