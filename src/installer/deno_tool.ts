/**
 * Runs Deno itself as a trusted tool on a plugin's files: to read its import
 * graph and its contracts, to bundle its packages and to run its tests. Only the
 * last runs code of the plugin, and that reads the plugin's folder and nothing else.
 *
 * @module
 */

import { DOC_VERSION, type DocOutput } from "../contracts/doc_nodes.ts";
import { CordonError } from "../errors.ts";
import { readLines } from "../internal/lines.ts";
import type { ModuleGraph } from "../manifest/import_graph.ts";

/** Bounds on what a hostile folder can make the tool consume. */
const GRAPH_TIMEOUT_MS = 30_000;
const BUNDLE_TIMEOUT_MS = 120_000;
const TYPES_TIMEOUT_MS = 60_000;
const MEMORY_KIB = 3 * 1024 * 1024;

/** Unlike `deno bundle`, a program that bundles reads no more than its permissions allow. */
const BUNDLER = `data:text/javascript,${
  encodeURIComponent(`
  const [entry, outputPath] = Deno.args;
  const options = { entrypoints: [entry], outputPath, platform: "deno", write: true };
  const { errors } = await Deno.bundle(options).catch(({ message }) => ({ errors: [{ text: message }] }));
  for (const { text } of errors) console.error(text);
  Deno.exit(errors.length);
`)
}`;

/**
 * Reads the import graph of some modules, without touching the network.
 *
 * @param root Path of a module that imports them all.
 * @param options `config`: a configuration of Deno whose import map holds; by default there is none.
 * @throws {CordonError} `tool_failed`.
 */
export async function readModuleGraph(
  root: string,
  { config, signal }: { config?: string | undefined; signal?: AbortSignal } = {},
): Promise<ModuleGraph> {
  const output = await runDeno(["info", "--json", ...isolated(config), "--no-npm", "--no-remote", root], {
    timeoutMs: GRAPH_TIMEOUT_MS,
    signal,
  });
  return JSON.parse(output) as ModuleGraph;
}

/**
 * Reads what some modules declare; runs and checks nothing.
 *
 * @param files Their paths.
 * @throws {CordonError} `tool_failed`.
 */
export async function readDeclarations(
  files: readonly string[],
  { signal }: { signal?: AbortSignal } = {},
): Promise<DocOutput> {
  // Here neither a lock file nor a folder of packages is looked for.
  const args = [
    "doc",
    "--json",
    "--private",
    "--no-config",
    "--no-lock",
    "--no-npm",
    "--no-remote",
    ...files,
  ];
  const output = JSON.parse(await runDeno(args, { timeoutMs: GRAPH_TIMEOUT_MS, signal })) as DocOutput;
  if (output.version === DOC_VERSION) return output;
  const words = `its answer is of version ${output.version}, and ${DOC_VERSION} is known here`;
  throw new CordonError("tool_failed", `Cannot run "deno doc": ${words}`);
}

/**
 * Has the types of a module checked, without touching the network.
 *
 * @returns What the checker printed; empty where it is content.
 * @throws {CordonError} `tool_failed`.
 */
export async function checkTypes(file: string, { signal }: { signal?: AbortSignal } = {}): Promise<string> {
  const args = ["check", "--quiet", ...isolated(), "--no-npm", "--no-remote", file];
  const { success, stderr, isLate } = await finishDeno(args, { timeoutMs: TYPES_TIMEOUT_MS, signal });
  if (success) return "";
  if (!isLate && /^TS\d+ \[ERROR\]: /m.test(stderr)) return stderr;
  throw toolFailed("check", isLate ? TYPES_TIMEOUT_MS : undefined, stderr);
}

/**
 * Runs tests that may read their plugin's folder and nothing else. What they
 * import statically is exempt from that: judge their import graph first.
 *
 * @param files Paths inside the folder.
 * @param options `dir`: the folder; `config`: its configuration of Deno;
 * `onLine` receives what the runner and the tests print.
 * @returns Whether the runner was content.
 */
export async function runTests(
  files: readonly string[],
  { dir, config, onLine, signal }: {
    readonly dir: string;
    readonly config: string | undefined;
    readonly onLine: (line: string) => void;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<boolean> {
  const child = spawnDeno([
    "test",
    "--no-prompt",
    ...isolated(config),
    "--allow-import=jsr.io:443",
    `--allow-read=${escapeComma(dir)}`,
    ...files.map((file) => `./${file}`),
  ], { cwd: dir, signal });
  await Promise.all([readLines(child.stdout, onLine), readLines(child.stderr, onLine)]);
  const { success } = await child.status;
  signal?.throwIfAborted();
  return success;
}

/**
 * Bundles a module with its npm and jsr packages, over the host's network. A
 * package that imports any other file of ours is refused.
 *
 * @param entry Path of the main module.
 * @param output Path of the bundle.
 * @param options `readable`: folder of the modules that are no package's.
 * @throws {CordonError} `tool_failed`.
 */
export async function bundleModule(
  entry: string,
  output: string,
  { readable, signal }: { readable: string; signal?: AbortSignal },
): Promise<void> {
  const { npmCache } = JSON.parse(
    await runDeno(["info", "--json"], { timeoutMs: GRAPH_TIMEOUT_MS, signal }),
  ) as {
    npmCache: string;
  };
  await runDeno([
    "run",
    "--quiet",
    "--no-prompt",
    "--unstable-bundle",
    ...isolated(),
    `--allow-read=${[readable, npmCache].map(escapeComma).join(",")}`,
    `--allow-write=${escapeComma(output)}`,
    "--allow-import=jsr.io:443",
    BUNDLER,
    entry,
    output,
  ], { timeoutMs: BUNDLE_TIMEOUT_MS, signal });
}

/** Nothing that lies around steers the tool, but for a configuration that is named. */
function isolated(config?: string): string[] {
  return [
    config === undefined ? "--no-config" : `--config=${config}`,
    "--no-lock",
    "--node-modules-dir=none",
  ];
}

/** Deno reads two commas as one that separates nothing. */
function escapeComma(path: string): string {
  return path.replaceAll(",", ",,");
}

async function runDeno(args: string[], options: RunOptions): Promise<string> {
  const { success, stdout, stderr, isLate } = await finishDeno(args, options);
  if (success) return stdout;
  const subcommand = args.includes(BUNDLER) ? "bundle" : args[0]!;
  throw toolFailed(subcommand, isLate ? options.timeoutMs : undefined, stderr);
}

interface RunOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Finished {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was ended for taking too long. */
  readonly isLate: boolean;
}

async function finishDeno(args: string[], { timeoutMs, signal }: RunOptions): Promise<Finished> {
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(timeoutMs);
  const child = spawnDeno(args, {
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
  const { success, stdout, stderr } = await child.output();
  signal?.throwIfAborted();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  return { success, stdout: out, stderr: err, isLate: limit.aborted };
}

function toolFailed(subcommand: string, lateMs: number | undefined, stderr: string): CordonError {
  const words = lateMs !== undefined
    ? `no end within ${lateMs / 1000} s`
    : stderr.trim().split("\n").find((line) => line !== "") ?? "no reason given";
  return new CordonError("tool_failed", `Cannot run "deno ${subcommand}": ${words}`);
}

function spawnDeno(
  args: string[],
  options: { cwd?: string; signal?: AbortSignal | undefined },
): Deno.ChildProcess {
  // A module graph may name endless files; what the tool may hold is bounded by the shell that becomes it.
  const [command, prefix] = Deno.build.os === "windows"
    ? [Deno.execPath(), []]
    : ["/bin/sh", ["-c", `ulimit -d ${MEMORY_KIB} 2>/dev/null; exec "$0" "$@"`, Deno.execPath()]];
  return new Deno.Command(command, {
    ...options,
    args: [...prefix, ...args],
    env: { DENO_NO_PACKAGE_JSON: "1", DENO_NO_PROMPT: "1", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}
