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
import { leavesDeno } from "./confinement.ts";
import { connectPeer, explainBreak, type SandboxPeer } from "./connect_peer.ts";
import { omitSourceLines } from "./crash_report.ts";
import type { Launcher } from "./launcher.ts";
import { omitBrokerWarning, PermissionBroker } from "./permission_broker.ts";
import { acceptProcess, killProcess, type PluginProcess, startProcess } from "./plugin_process.ts";
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

/** Makes the function that opens process sandboxes. */
export function createProcessSandboxes(options: ProcessSandboxOptions): OpenSandbox {
  const usual = options.transport ?? (Deno.build.os === "windows" ? "stdio" : "unix");
  return (spec, { signal } = {}) => {
    // Such a plugin is given no sockets by path, not even the one of its channel.
    const transport = options.launcher !== undefined && leavesDeno(spec.permissions) ? "stdio" : usual;
    return transport === "unix"
      ? openOverSocket(spec, options, signal)
      : openOverStdio(spec, options, signal);
  };
}

async function openOverSocket(
  spec: SandboxSpec,
  { bootstrap, socketDir, launcher }: ProcessSandboxOptions,
  signal: AbortSignal | undefined,
): Promise<Sandbox> {
  signal?.throwIfAborted();
  const socket = `${socketDir}/${crypto.randomUUID().slice(0, 18)}`;
  using listener = Deno.listen({ transport: "unix", path: socket });
  const { supervisor } = spec;
  const broker = supervisor && new PermissionBroker({ socketDir, supervisor, channel: socket });
  try {
    const process = await startProcess(spec, {
      bootstrap,
      launcher,
      socket,
      broker: broker?.path,
      signal,
    });
    broker?.follow(process.child.pid);
    try {
      const stream = await acceptProcess(listener, process.child, signal);
      broker?.seal();
      launcher?.warmLater();
      return new ProcessSandbox(spec, process, { stream, broker });
    } catch (error) {
      await killProcess(process.child, "SIGKILL");
      throw error;
    }
  } catch (error) {
    await broker?.close();
    throw error;
  } finally {
    // Single use: nobody else can connect, whoever learns the path.
    // deno-lint-ignore no-sync-fn-in-async-fn -- a thread pool would take longer than the call
    Deno.removeSync(socket);
  }
}

async function openOverStdio(
  spec: SandboxSpec,
  { bootstrap, launcher }: ProcessSandboxOptions,
  signal: AbortSignal | undefined,
): Promise<Sandbox> {
  signal?.throwIfAborted();
  if (spec.supervisor !== undefined) {
    throw new CordonError("not_supervisable", `Cannot supervise "${spec.id}": its channel is no socket`);
  }
  const process = await startProcess(spec, {
    bootstrap,
    launcher,
    socket: undefined,
    broker: undefined,
    signal,
  });
  const reader = process.child.stdout.getReader({ mode: "byob" });
  const writer = process.child.stdin.getWriter();
  const stream: ByteStream = {
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
  };
  return new ProcessSandbox(spec, process, { stream });
}

class ProcessSandbox implements Sandbox {
  readonly tier: "os" | "deno";
  readonly notes: readonly string[];
  readonly pid: number;
  readonly peer: SandboxPeer;
  readonly exited: Promise<SandboxExit>;
  readonly #child: Deno.ChildProcess;
  #isStopping = false;
  /** Why the connection ended before the plugin did. */
  #broken: string | undefined;
  #rung: KillRung | undefined;

  constructor(
    spec: SandboxSpec,
    { child, tier, notes }: PluginProcess,
    { stream, broker }: { readonly stream: ByteStream; readonly broker?: PermissionBroker },
  ) {
    this.tier = tier;
    this.notes = notes;
    this.#child = child;
    this.pid = child.pid;
    const { hold, connect = connectPeer } = spec;
    const peer = this.peer = connect(new FrameChannel(stream), spec);
    const served = peer.run().then((reason) => this.#onChannelEnd(spec, reason));
    const onStderr = (line: string) => spec.onOutput("stderr", line);
    const onError = omitSourceLines(broker === undefined ? onStderr : omitBrokerWarning(onStderr));
    const ended = new AbortController();
    // A program that it ran may outlive it and hold its output open.
    const untilEnd = (stream: ReadableStream<Uint8Array>) =>
      stream.pipeThrough(new TransformStream(), { signal: ended.signal });
    const printed = Promise.all([
      child.stdout.locked
        ? undefined
        : readLines(untilEnd(child.stdout), (line) => spec.onOutput("stdout", line), hold),
      readLines(untilEnd(child.stderr), onError.take, hold).then(onError.end),
    ]);
    this.exited = (async () => {
      const { code, signal } = await child.status;
      await broker?.close();
      peer.close(new CordonError("sandbox_ended", `The sandbox of "${spec.id}" has ended`));
      await Promise.all([settlesWithin(printed, RUNG_MS).then(() => ended.abort()), served]);
      await printed;
      const failure = await broker?.ended;
      const reason = failure === undefined ? this.#broken : `the permission broker was gone: ${failure}`;
      return {
        code,
        signal: signal ?? undefined,
        rung: this.#rung,
        ...(reason === undefined ? {} : { reason }),
      };
    })();
    void broker?.ended.then((failure) => failure === undefined ? undefined : this.#endUnsupervised());
  }

  async stop({ graceMs, reason, isUrgent = false }: SandboxStopOptions): Promise<SandboxExit> {
    this.#isStopping = true;
    const stopped = new CordonError("sandbox_stopped", reason);
    if (isUrgent) {
      this.peer.close(stopped);
      this.#rung = "killed";
      await killProcess(this.#child, "SIGKILL");
      return await this.exited;
    }
    const end = (rung: KillRung) => (this.#rung ??= rung);
    const asked = this.peer.call("deactivate", [reason], { timeoutMs: graceMs });
    const agreed = await asked.then(() => true, () => false);
    if (agreed) end("asked");
    this.peer.close(stopped);
    if (await this.#endsWithin(RUNG_MS)) {
      end("closed");
      return await this.exited;
    }
    this.#rung = "terminated";
    await killProcess(this.#child, "SIGTERM");
    if (!await this.#endsWithin(RUNG_MS)) {
      this.#rung = "killed";
      await killProcess(this.#child, "SIGKILL");
    }
    return await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.peer.close();
    await killProcess(this.#child, "SIGKILL");
    await this.exited;
  }

  /** A channel that ends takes the process along: without it the plugin is nobody's. */
  async #onChannelEnd(spec: SandboxSpec, reason: unknown): Promise<void> {
    if (reason instanceof CordonError && !["sandbox_ended", "sandbox_stopped"].includes(reason.code)) {
      spec.onOutput("stderr", `[cordon] connection closed: ${errorMessage(reason)}`);
      this.#broken = explainBreak(reason);
    }
    if (await this.#endsWithin(2 * RUNG_MS) || this.#isStopping) return;
    this.#rung = "killed";
    await killProcess(this.#child, "SIGKILL");
  }

  /** Deno would end it at its next check; nothing of it is to run until then. */
  async #endUnsupervised(): Promise<void> {
    this.#rung ??= "killed";
    await killProcess(this.#child, "SIGKILL");
  }

  #endsWithin(timeoutMs: number): Promise<boolean> {
    return settlesWithin(this.#child.status, timeoutMs);
  }
}
