/**
 * The process of a sandbox: started by us, or by the launcher so that the
 * kernel confines it; waited for, signalled.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import { readLines } from "../internal/lines.ts";
import type { ByteStream } from "../rpc/channel.ts";
import { renderArguments, renderEnvironment } from "./command_line.ts";
import { planConfinement } from "./confinement.ts";
import { LAUNCH_FAILED } from "./kernel/launch_order.ts";
import type { Launcher } from "./launcher.ts";
import type { SandboxSpec } from "./sandbox.ts";

/** What a process is started with besides its specification. */
export interface ProcessOptions {
  /** Path of the bootstrap. */
  readonly bootstrap: string;
  /** Has the kernel confine it; without one Deno's permissions alone do. */
  readonly launcher: Launcher | undefined;
  /** Socket of its channel; undefined for stdin and stdout. */
  readonly socket: string | undefined;
  /** Socket of its permission broker. */
  readonly broker: string | undefined;
  /** Ends the start. */
  readonly signal: AbortSignal | undefined;
}

/** A process that was started, and what its confinement could not say exactly. */
export interface PluginProcess {
  readonly child: Deno.ChildProcess;
  readonly tier: "os" | "deno";
  readonly notes: readonly string[];
}

/**
 * Starts it; over a socket it has nothing to read on stdin.
 *
 * @throws {CordonError} `confinement_failed`.
 */
export async function startProcess(
  spec: SandboxSpec,
  { bootstrap, launcher, socket, broker, signal }: ProcessOptions,
): Promise<PluginProcess> {
  const tier = launcher === undefined ? "deno" : "os";
  const args = renderArguments(spec, { bootstrap, socket, tier });
  const env = renderEnvironment(spec, broker);
  const program = Deno.execPath();
  if (launcher !== undefined) {
    const { order, notes } = planConfinement(spec, { argv: [program, ...args], env, bootstrap });
    const child = await launcher.launch(order, { onSpawn: spec.onSpawn, signal });
    if (socket !== undefined) await child.stdin.close();
    return { child, tier, notes };
  }
  const child = new Deno.Command(program, {
    args,
    cwd: spec.scratchDir,
    clearEnv: true,
    env,
    // A session of its own: Ctrl-C in a terminal goes to the host, which asks its plugins to stop.
    detached: Deno.build.os !== "windows",
    stdin: socket === undefined ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  try {
    spec.onSpawn(child.pid);
  } catch (error) {
    await killProcess(child, "SIGKILL");
    await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
    throw error;
  }
  return { child, tier, notes: [] };
}

/** Waits for the bootstrap to connect; fails when it ends before that. */
export async function acceptProcess(
  listener: Deno.UnixListener,
  child: Deno.ChildProcess,
  signal: AbortSignal | undefined,
): Promise<ByteStream> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const ended = child.status.then(({ code }) => explainEnd(child, code));
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

/** Signals a process; with SIGKILL it also waits for its end, which that brings about. */
export async function killProcess(child: Deno.ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  try {
    child.kill(signal);
  } catch {
    // It has ended between our look and the signal; either order is fine.
  }
  if (signal === "SIGKILL") await child.status;
}

async function explainEnd(child: Deno.ChildProcess, code: number): Promise<never> {
  const lines: string[] = [];
  await Promise.all([
    readLines(child.stderr, (line) => lines.length < 5 && lines.push(line)),
    child.stdout.cancel(),
  ]);
  const words = lines.join(" ");
  if (code === LAUNCH_FAILED) {
    throw new CordonError("confinement_failed", `Cannot open a sandbox: ${words}`);
  }
  throw new CordonError(
    "sandbox_failed",
    `Cannot open a sandbox: Deno ended with code ${code} before it connected${
      words === "" ? "" : ` (${words})`
    }`,
  );
}
