/**
 * What is taken out of a worker's realm beside what {@linkcode lockDown} takes
 * out of every realm: the ways to the process that it shares with the host.
 *
 * @module
 */

import { Module } from "node:module";
import process from "node:process";
import { guardImports } from "./import_guard.ts";
import { lockDown, removeMethods } from "./lockdown.ts";

/** Built-in classes that adopt any file descriptor of the process by its number: the host's, other plugins'. */
const ADOPTING = [["pipe_wrap", "Pipe"], ["tcp_wrap", "TCP"], ["udp_wrap", "UDP"]] as const;

/** Settings and signals of the whole process, and what the host's own unstable features bring along. */
const CLOSED_IN_DENO = [
  "addSignalListener",
  "bundle",
  "chdir",
  "cron",
  "kill",
  "openKv",
  "removeSignalListener",
  "umask",
];
const CLOSED_IN_PROCESS = [
  "_debugProcess",
  "_kill",
  "_linkedBinding",
  "_rawDebug",
  "abort",
  "binding",
  "channel",
  "chdir",
  "disconnect",
  "dlopen",
  "getBuiltinModule",
  "initgroups",
  "kill",
  "loadEnvFile",
  "mainModule",
  "openStdin",
  "send",
  "setegid",
  "seteuid",
  "setgid",
  "setgroups",
  "setuid",
  "umask",
];

/** Every CommonJS module leads to its class. */
const CLOSED_IN_MODULE = ["getBuiltinModule", "registerHooks"];

/** The worker's side of the port, which is the bootstrap's alone. */
const CLOSED_GLOBALS = ["close", "name", "nodeBootstrap", "onmessage", "onmessageerror", "postMessage"];

/**
 * Locks a worker's realm down.
 *
 * @param exit What `Deno.exit()` and `process.exit()` do.
 * @throws {Error} If something that has to go stays: the plugin then never runs.
 */
export async function lockDownWorker(exit: (code?: number) => never): Promise<void> {
  // Without exception: WASI takes descriptors by their number as well.
  await lockDown(["threads", "wasi"]);

  const bindings = process as unknown as { binding(name: string): Record<string, { prototype: object }> };
  for (const [name, wrap] of ADOPTING) remove(bindings.binding(name)[wrap]!.prototype, ["open"]);

  // Its instances can be forged as well; what it lists are the locks of all plugins.
  removeMethods((globalThis as unknown as { LockManager: Parameters<typeof removeMethods>[0] }).LockManager);
  remove(Object.getPrototypeOf(navigator), ["locks"]);

  remove(Deno, CLOSED_IN_DENO);
  remove(process, CLOSED_IN_PROCESS);
  remove(globalThis, CLOSED_GLOBALS);
  Object.defineProperty(Deno, "exit", { value: exit });
  Object.defineProperty(process, "reallyExit", { value: exit });
  Object.defineProperty(process, "argv", { value: [] });
  closeEnvironment();
  closeUnstableOptions();
  guardImports();
  remove(Module, CLOSED_IN_MODULE);
}

/** At an unstable option for which it was not started, Deno ends the whole process. */
function closeUnstableOptions(): void {
  for (const name of ["connect", "listen", "listenTls", "serve"]) {
    const { get, value } = Object.getOwnPropertyDescriptor(Deno, name)!;
    // Deno loads some of them when they are first asked for.
    const load = (): (...args: unknown[]) => unknown => get === undefined ? value : get.call(Deno);
    Object.defineProperty(Deno, name, {
      value: (first: unknown, second: unknown) => load()(copyOptions(first), copyOptions(second)),
    });
  }
}

/** What is checked is what is used: the plugin's own object may answer differently the next time. */
function copyOptions(options: unknown): unknown {
  if (typeof options !== "object" || options === null) return options;
  const copy: Record<string, unknown> = { ...options };
  if (copy.transport === "vsock" || copy.cid !== undefined || copy.reusePort) {
    throw new TypeError('Cannot use "vsock" or "reusePort": they are closed in a worker');
  }
  return copy;
}

/** Variables are the whole process's: a granted one can be read, but not changed. */
function closeEnvironment(): void {
  remove(Deno.env, ["delete", "set"]);
  const refuse = () => false;
  Object.defineProperty(process, "env", {
    value: new Proxy(process.env, { set: refuse, defineProperty: refuse, deleteProperty: refuse }),
  });
}

function remove(owner: object, names: readonly string[]): void {
  for (const name of names) {
    delete (owner as Record<string, unknown>)[name];
    if (name in owner) throw new Error(`Cannot start: "${name}" cannot be removed`);
  }
}
