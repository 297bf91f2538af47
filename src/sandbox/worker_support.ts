/**
 * Whether this process can confine a worker at all. Asked before the first one
 * is made: without its flag Deno would end the whole process instead.
 *
 * @module
 */

import { isatty } from "node:tty";
import { CordonError } from "../errors.ts";

/** Deno's feature that lets a worker have fewer permissions than its host. */
const FEATURE = "worker-options";

/** How it is found out. */
export interface WorkerSupportOptions {
  /** Whether there is a terminal to ask on. @default {whether input and errors go to one} */
  readonly isTerminal?: () => boolean;
}

/**
 * Why workers cannot be confined here; undefined when they can.
 *
 * @returns The error to fail with, `workers_unavailable`.
 */
export async function findWorkerObstacle(
  { isTerminal = () => isatty(0) && isatty(2) }: WorkerSupportOptions = {},
): Promise<CordonError | undefined> {
  let flags: readonly string[];
  try {
    flags = await listFeatureFlags();
  } catch (cause) {
    return new CordonError(
      "workers_unavailable",
      `Cannot open a worker: whether Deno runs with --unstable-${FEATURE} cannot be found out`,
      { hint: "Give Cordon itself all permissions, with -A", cause },
    );
  }
  if (!flags.includes(`--unstable-${FEATURE}`)) {
    return new CordonError(
      "workers_unavailable",
      `Cannot open a worker: Deno runs without --unstable-${FEATURE}, so the worker would not be confined`,
      { hint: `Start Deno with --unstable-${FEATURE}, or put "unstable": ["${FEATURE}"] into deno.json` },
    );
  }
  if (isTerminal() && !await isPromptOff()) {
    return new CordonError(
      "workers_unavailable",
      "Cannot open a worker: Deno would ask on this terminal for whatever the plugin was not granted",
      { hint: "Start Deno with --no-prompt, or with DENO_NO_PROMPT=1 in its environment" },
    );
  }
  return undefined;
}

/**
 * The flags of this process for unstable features, wherever they were set.
 * Deno hands them on to processes forked by Node's API, which is the only place
 * where it shows them; none is forked here.
 */
async function listFeatureFlags(): Promise<readonly string[]> {
  const { ChildProcess, fork } = await import("node:child_process");
  const prototype = ChildProcess.prototype as unknown as { spawn: (options: { args: string[] }) => void };
  const { spawn } = prototype;
  let flags: readonly string[] = [];
  prototype.spawn = ({ args }) => void (flags = args);
  try {
    fork("none", [], { execPath: "none", env: {}, stdio: "ignore" });
  } finally {
    prototype.spawn = spawn;
  }
  return flags;
}

/** Whether Deno was told not to ask about permissions. */
async function isPromptOff(): Promise<boolean> {
  if (Deno.env.get("DENO_NO_PROMPT") === "1") return true;
  if (Deno.build.os !== "linux") return false;
  const words = (await Deno.readTextFile("/proc/self/cmdline")).split("\0").slice(0, -1);
  return words.slice(0, words.length - Deno.args.length).includes("--no-prompt");
}
