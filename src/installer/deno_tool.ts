/**
 * Runs Deno itself as a trusted tool on a plugin's files: to read its import
 * graph and to bundle its packages. Neither runs any code of the plugin.
 *
 * @module
 */

import { CordonError } from "../errors.ts";
import type { ModuleGraph } from "../manifest/import_graph.ts";

/** Bounds on what a hostile folder can make the tool consume. */
const GRAPH_TIMEOUT_MS = 30_000;
const BUNDLE_TIMEOUT_MS = 120_000;
const MEMORY_KIB = 3 * 1024 * 1024;

const ISOLATED = ["--no-config", "--no-lock", "--node-modules-dir=none"];

/**
 * Reads the import graph of some modules, without touching the network.
 *
 * @param root Path of a module that imports them all.
 * @throws {CordonError} `tool_failed`.
 */
export async function readModuleGraph(
  root: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<ModuleGraph> {
  const output = await runDeno(["info", "--json", ...ISOLATED, "--no-npm", "--no-remote", root], {
    timeoutMs: GRAPH_TIMEOUT_MS,
    signal,
  });
  return JSON.parse(output) as ModuleGraph;
}

/**
 * Bundles a module with its npm and jsr packages, over the host's network.
 *
 * @param entry Path of the main module.
 * @param output Path of the bundle; its source map is written beside it.
 * @throws {CordonError} `tool_failed`.
 */
export async function bundleModule(
  entry: string,
  output: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  await runDeno(
    [
      "bundle",
      "--quiet",
      ...ISOLATED,
      "--platform",
      "deno",
      "--sourcemap",
      "external",
      "--output",
      output,
      entry,
    ],
    { timeoutMs: BUNDLE_TIMEOUT_MS, signal },
  );
}

/** Where Deno keeps the packages it loaded. */
export async function readPackageCacheDir(): Promise<string> {
  const { npmCache } = JSON.parse(await runDeno(["info", "--json"], { timeoutMs: GRAPH_TIMEOUT_MS })) as {
    npmCache: string;
  };
  return npmCache;
}

async function runDeno(
  args: string[],
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<string> {
  signal?.throwIfAborted();
  // A module graph may name endless files; what the tool may hold is bounded by the shell that becomes it.
  const [command, prefix] = Deno.build.os === "windows"
    ? [Deno.execPath(), []]
    : ["/bin/sh", ["-c", `ulimit -d ${MEMORY_KIB} 2>/dev/null; exec "$0" "$@"`, Deno.execPath()]];
  const limit = AbortSignal.timeout(timeoutMs);
  const child = new Deno.Command(command, {
    args: [...prefix, ...args],
    env: { DENO_NO_PACKAGE_JSON: "1", DENO_NO_PROMPT: "1", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  }).spawn();
  const { success, stdout, stderr } = await child.output();
  signal?.throwIfAborted();
  if (success) return new TextDecoder().decode(stdout);
  const words = limit.aborted
    ? `no end within ${timeoutMs / 1000} s`
    : new TextDecoder().decode(stderr).trim().split("\n").find((line) => line !== "") ?? "no reason given";
  throw new CordonError("tool_failed", `Cannot run "deno ${args[0]}": ${words}`);
}
